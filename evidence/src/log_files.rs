//! Proofs and leaves out of a log's public files: whoever has the files can make the same.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::journal::Leaf;
use domain::journal::proof_plan::ProofPlan;
use domain::journal::tile::{Tile, TileKind, WIDTH, leaves};
use domain::journal::tree::TreeHash;

use crate::ports::{Cause, FilesError, LogFiles};

/// The hashes of a planned proof.
pub async fn hashes(files: &dyn LogFiles, plan: &ProofPlan) -> Result<Vec<TreeHash>, FilesError> {
    let mut bytes = HashMap::new();
    for tile in plan.tiles() {
        bytes.insert(tile, read(files, tile).await?);
    }
    plan.hashes(&bytes).map_err(wrong)
}

/// A tile, or the full one that has taken its place.
pub async fn read(files: &dyn LogFiles, tile: Tile) -> Result<Vec<u8>, FilesError> {
    if let Some(bytes) = files.tile(tile).await? {
        return Ok(bytes);
    }
    let full = files.tile(tile.full()).await?;
    full.and_then(|bytes| Some(bytes.get(..tile.bytes())?.to_vec()))
        .ok_or_else(|| wrong(format!("{tile} is missing")))
}

/// The leaf at `index` of a tree of `size`, out of its bundle.
pub async fn leaf(files: &dyn LogFiles, index: u64, size: u64) -> Result<Leaf, FilesError> {
    let tile = Tile::in_tree(TileKind::Entries, index / WIDTH, size);
    let tile = tile.ok_or_else(|| wrong(format!("leaf {index} is missing")))?;
    let bundle = read(files, tile).await?;
    let within = usize::try_from(index % WIDTH).unwrap_or(usize::MAX);
    let leaf = leaves(&bundle).and_then(|leaves| leaves.get(within).copied());
    leaf.ok_or_else(|| wrong(format!("leaf {index} in its bundle is missing")))
}

fn wrong(what: impl ToString) -> FilesError {
    FilesError::Wrong(what.to_string())
}

fn unread(why: impl Into<Cause>) -> FilesError {
    FilesError::Unread { what: "the log", source: why.into() }
}

/// Public files that were copied to a folder.
#[derive(Debug, Clone)]
pub struct LogFolder(PathBuf);

impl LogFolder {
    /// The files below `folder`; reads nothing yet.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Reads a file, if it is there, on a thread that may wait for a disk.
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FilesError> {
        let path = self.0.join(name);
        let read = tokio::task::spawn_blocking(move || match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        });
        read.await.map_err(unread)?.map_err(unread)
    }
}

#[async_trait]
impl LogFiles for LogFolder {
    async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, FilesError> {
        self.read(&tile.to_string()).await
    }

    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, FilesError> {
        self.read("checkpoint").await
    }
}
