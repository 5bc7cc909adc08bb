//! The demo clinic.

pub mod reports;
