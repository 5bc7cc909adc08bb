//! tests

pub mod program;
