//! Audit: what the log says about itself.

pub mod continue_log;
pub mod correct_clock;
pub mod older_log;
pub mod own_log;
pub mod reactions;
pub mod record_anchor;
pub mod rotate_log_key;
