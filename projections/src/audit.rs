//! Audit: everything that happened, without a word of what it was about.

pub mod anchoring;
pub mod trail;
pub mod transparency_log;
