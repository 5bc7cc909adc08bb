//! What may happen: one file per command, the one write loop, and the ports it needs.

pub mod consent;
pub mod decide;
pub mod execute;
pub mod folds;
pub mod ports;
#[cfg(test)]
mod spec;
