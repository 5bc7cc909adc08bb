//! What may happen: one file per command, the one write loop, and the ports it needs.

pub mod ports;
