//! Where the rows of read models are kept.

pub mod sqlite;
