//! The log's own affairs: what it says about itself, and what it needs to say more.

use std::sync::Arc;

use domain::audit::state::LogState;
use domain::ids::StreamName;

use crate::execute::{ExecuteError, Executor};
use crate::ports::key_vault::KeyVault;
use crate::requests::Requests;

/// The log, as it speaks of itself in a stream of its own. What it can be told to say stands beside the
/// orders: a new key, a corrected clock, an anchor's receipt.
pub struct OwnLog {
    pub(super) executor: Arc<Executor>,
    pub(super) vault: Arc<dyn KeyVault>,
    pub(super) requests: Requests,
    /// Another one after every continuation.
    pub(super) stream: StreamName,
}

impl OwnLog {
    /// The log that speaks of itself in `stream`.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        requests: Requests,
        stream: StreamName,
    ) -> Self {
        Self { executor, vault, requests, stream }
    }

    /// The log's name, which every line carries.
    pub fn origin(&self) -> &str {
        self.executor.origin()
    }

    /// What the log says about itself, as of now.
    pub async fn state(&self) -> Result<Arc<LogState>, ExecuteError> {
        self.executor.state(&self.stream).await
    }
}
