//! Audit: everything that happened, without a word of what it was about.

pub mod trail;
