//! Who asks.

pub mod cli;
