//! What follows by itself from the log's own keeping.

pub mod record_anchor;
