//! What stops a command.

use std::time::Duration;

use domain::journal::line::LineError;

use crate::decide::Rejection;
use crate::folds::FoldError;
use crate::ports::event_store::ReadError;
use crate::ports::key_vault::VaultError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A business "no".
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    RequestReused,
    /// Others keep writing the same stream.
    #[error("too many commands at once on the same record")]
    Contended,
    /// The node's clock is behind the log.
    #[error("the clock of this node is behind the newest event by {0:?}")]
    ClockBehind(Duration),
    /// A witness's clock says another time than the node's.
    #[error("the clock of this node is off a witness's by {0:?}")]
    ClockOffWitness(Duration),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// An event would be larger than a line may be.
    #[error("the event would be too long: {0}")]
    Line(#[from] LineError),
    /// A stream could not be folded.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The vault failed.
    #[error(transparent)]
    Vault(VaultError),
    /// The store failed.
    #[error("the event store failed: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What stands in the log for this request is not what its command records.
    #[error("the log holds something else than this request is answered with")]
    NoAnswer,
    /// A command names states that its streams do not fold to: a defect.
    #[error("a defect: {0}")]
    Defect(&'static str),
}

impl From<VaultError> for ExecuteError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::DiskFull => Self::DiskFull,
            VaultError::NoKey | VaultError::Damaged | VaultError::Vault(_) => Self::Vault(error),
        }
    }
}

impl From<ReadError> for ExecuteError {
    fn from(error: ReadError) -> Self {
        Self::Store(Box::new(error))
    }
}
