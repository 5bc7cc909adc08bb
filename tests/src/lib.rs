//! What the stories share: an installation on a free port with a clock that stands still, the cast, the real
//! binary, and the samples of events.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "this crate is for tests only")]

pub mod anvil;
pub mod app;
pub mod authenticator;
pub mod authenticator_app;
pub mod cast;
pub mod containers;
pub mod documents;
pub mod door;
pub mod go;
pub mod golden;
pub mod kept;
pub mod large_log;
pub mod leak_scan;
pub mod permissions;
pub mod process;
pub mod program;
pub mod reader;
pub mod sample_log;
pub mod soak;
pub mod static_files;
pub mod strace;
pub mod volatile_disk;
pub mod witness;
