//! Audit: what the log says about itself.

pub mod event;
pub mod state;
