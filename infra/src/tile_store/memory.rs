//! The public files of the log for tests: same words, no disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::journal::tile::Tile;
use transparency::ports::{LogPortError, TileStore};

/// Files by their names, the checkpoint among them. For tests: nobody can fetch them.
#[derive(Default)]
pub(super) struct MemoryTileStore(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryTileStore {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TileStore for MemoryTileStore {
    async fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, LogPortError> {
        Ok(self.files().get(&tile.to_string()).cloned())
    }

    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), LogPortError> {
        self.files().extend(tiles.into_iter().map(|(tile, bytes)| (tile.to_string(), bytes)));
        Ok(())
    }

    async fn forget_partial(&self, full: &[Tile]) -> Result<(), LogPortError> {
        for tile in full.iter().filter(|tile| tile.is_full()) {
            let partial = format!("{tile}.p/");
            self.files().retain(|name, _| !name.starts_with(&partial));
        }
        Ok(())
    }

    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        Ok(self.files().get("checkpoint").cloned())
    }

    async fn publish(&self, note: &[u8]) -> Result<(), LogPortError> {
        self.files().insert("checkpoint".to_owned(), note.to_vec());
        Ok(())
    }
}

mod tests {
    use std::sync::Arc;

    use super::super::conformance::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryTileStore::default())));
}
