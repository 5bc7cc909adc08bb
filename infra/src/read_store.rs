//! Where the rows of read models are kept.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod memory;
pub mod sqlite;
