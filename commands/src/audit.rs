//! Audit: what the log says about itself.

pub mod continue_log;
pub mod correct_clock;
pub mod older_log;
pub mod record_anchor;
pub mod rotate_log_key;

use std::sync::Arc;

use domain::audit::state::Log;

use crate::execute::ExecuteError;
use crate::house::House;

impl House {
    /// What the log says about itself, as of now.
    pub async fn log_state(&self) -> Result<Arc<Log>, ExecuteError> {
        self.executor.state(&self.log_stream).await
    }
}
