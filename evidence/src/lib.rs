//! Can it be proven? Lines, chains, leaves, tiles, notes, receipts, bundles and exports, made and checked.
//! Needs no web framework, no database and no chain client: what it asks of the world are the narrow ports in
//! `ports.rs`.

pub mod audit;
pub mod bundle;
pub mod check;
pub mod code;
pub mod consent;
pub mod explain;
pub mod export;
pub mod log_files;
pub mod page;
pub mod ports;
pub mod published;
pub mod review;
pub mod salvage;
pub mod terminal;
pub mod text_ends;
