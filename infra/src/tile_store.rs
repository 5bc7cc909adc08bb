//! Where the public files of the transparency log are kept.

mod directory;
mod http;

pub use directory::DirectoryTileStore;
pub use http::{HttpTileStore, LogUrlError};
