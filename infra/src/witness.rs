//! Witnesses: asking others to cosign, and what it takes to be one.

mod client;
mod seed;
mod store;

pub use client::{HttpWitness, WitnessUrlError};
pub use seed::{WitnessKeyError, witness_key};
pub use store::{DirectoryWitnessStore, WitnessStoreError};
