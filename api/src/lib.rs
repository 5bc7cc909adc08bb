//! Who asks: REST, the command line, and the composition root.

mod actor;
pub mod cli;
pub mod config;
pub mod problem;
pub mod refusal;
pub mod rest;
pub mod server;
mod trace;
pub mod wiring;
mod witness;
