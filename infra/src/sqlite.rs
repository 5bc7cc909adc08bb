//! What every database of ours has in common, said once: its file, its schemas, what its errors mean, and the
//! one task that writes it.

pub mod database;
pub(crate) mod errors;
pub(crate) mod file;
pub(crate) mod group_commit;
#[cfg(test)]
mod killed_tests;
pub(crate) mod reading;
pub(crate) mod wal;
pub(crate) mod wal_soundness;
