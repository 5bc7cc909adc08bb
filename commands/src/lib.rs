//! What may happen: one file per command, the one write loop, and the ports it needs.

pub mod access;
pub mod consent;
pub mod decide;
pub mod execute;
pub mod folds;
pub mod house;
pub mod identity;
pub mod ports;
pub mod records;
#[cfg(test)]
mod spec;
