//! Identity: people, doctors' standing, sessions.

pub mod open_sessions;
pub mod people;
pub mod verification_queue;
