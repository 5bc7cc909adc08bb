//! What a contract is told.

use alloy::primitives::B256;
use sha2::{Digest as _, Sha256};
use transparency::ports::AnchorRequest;

/// What the contract is told of a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) origin: B256,
    pub(super) size: u64,
    pub(super) root: B256,
}

impl Claim {
    /// The origin is hashed because a contract takes no lines of text, and to be as long as all others.
    pub(super) fn of(request: &AnchorRequest) -> Self {
        let origin: [u8; 32] = Sha256::digest(request.origin.as_bytes()).into();
        Self { origin: origin.into(), size: request.size, root: request.root.into() }
    }
}
