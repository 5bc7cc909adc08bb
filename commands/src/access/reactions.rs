//! What follows by itself from access.

pub mod expire_viewing;
