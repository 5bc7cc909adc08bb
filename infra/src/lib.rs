//! Where it is kept and carried: adapters named by their technology.

pub mod crypto;
