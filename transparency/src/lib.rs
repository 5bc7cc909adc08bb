//! What is published: the signed tree over every event, who watches it, what takes it out of the
//! organisation; their ports. Nothing here appends, and nothing here says what an event was about.

pub mod anchoring;
pub mod log;
pub mod ports;
pub mod proofs;
