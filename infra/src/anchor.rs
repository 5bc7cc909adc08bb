//! Takes checkpoints off the house: one adapter for each outside party.

pub mod evm;
