//! Can it be proven? Receipts, proofs, history bundles and exports, made and checked. Needs no web framework,
//! no database and no chain client: what it asks of the world are the narrow ports in `ports.rs`.

pub mod bundle;
pub mod check;
pub mod code;
pub mod consent;
pub mod log_files;
pub mod page;
pub mod ports;
pub mod published;
