//! Takes checkpoints out of the organisation: one adapter for each outside party.

#[cfg(feature = "evm")]
pub mod evm;
mod file;
mod witness;

pub use file::FileAnchor;
pub use witness::WitnessAnchor;
