//! Nothing is revealed while the log that proves it is not being signed.

use std::sync::Arc;
use std::time::Duration;

use crate::ports::world::SignedLog;

/// Events have been waiting too long for a signature: what is shown now could be denied later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signed log is too far behind the events")]
pub struct LogUnsigned;

/// The signed log, and how far behind the events it may be.
#[derive(Clone)]
pub struct SignedLogRule {
    signed_log: Arc<dyn SignedLog>,
    unsigned_max: Duration,
}

impl SignedLogRule {
    /// Events may wait for a signature for less than `unsigned_max`.
    pub fn new(signed_log: Arc<dyn SignedLog>, unsigned_max: Duration) -> Self {
        Self { signed_log, unsigned_max }
    }

    /// Asked before anything is revealed.
    pub(crate) fn check(&self) -> Result<(), LogUnsigned> {
        if self.signed_log.uncovered_for() < self.unsigned_max { Ok(()) } else { Err(LogUnsigned) }
    }
}
