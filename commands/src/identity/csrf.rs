//! A cookie travels by itself; the token bound to its session does not (OWASP: HMAC-based token pattern).

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::ports::key_vault::{HashPurpose, KeyVault};

/// Makes the tokens that prove a request was made by our page.
pub struct CsrfTokens(Arc<dyn KeyVault>);

impl CsrfTokens {
    /// Under a key of this vault.
    pub fn new(vault: Arc<dyn KeyVault>) -> Self {
        Self(vault)
    }

    /// The token of a session's secret.
    pub fn of(&self, secret: &SecretString) -> String {
        let parts: [&[u8]; 2] = [b"csrf", secret.expose_secret().as_bytes()];
        hex::encode(self.0.keyed_hash(HashPurpose::Secret, &parts))
    }
}
