//! What every database of ours has in common, said once: its file, what its errors mean, and the one task
//! that writes it.

pub(crate) mod errors;
pub mod file;
pub(crate) mod group_commit;
