//! What stands for an answer as its reader is given it: who has it may ask whether it is still so. It is made
//! of what they see and of nothing else: a stream's version would tell a doctor of other doctors' views.

use std::sync::Arc;

use crate::ports::key_vault::{HashPurpose, KeyVault};

/// Makes entity tags (RFC 9110, 8.8.3).
pub struct EntityTags(Arc<dyn KeyVault>);

impl EntityTags {
    /// Under a key of this vault.
    pub fn new(vault: Arc<dyn KeyVault>) -> Self {
        Self(vault)
    }

    /// The tag of what somebody is given: 32 digits, the same for the same.
    pub fn of(&self, given: &[u8]) -> String {
        hex::encode(&self.0.keyed_hash(HashPurpose::EntityTag, &[given])[..16])
    }
}
