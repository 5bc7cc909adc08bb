//! Where the public files of the transparency log are kept.

#[cfg(test)]
mod conformance;
mod directory;
mod http;
#[cfg(test)]
mod memory;

pub use directory::DirectoryTileStore;
pub use http::{HttpTileStore, LogUrlError};
