//! Where the public files of the transparency log are kept.

mod directory;

pub use directory::DirectoryTileStore;
