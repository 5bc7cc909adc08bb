//! A folder that any static web server could serve as it is (c2sp.org/tlog-tiles).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::journal::tile::Tile;
use transparency::ports::{LogPortError, TileStore};

use crate::durable::{self, Replacing};

/// Readable by anybody: nothing in it says anything about a person.
const MODE: u32 = 0o644;

/// Tiles under `tile/`, the published checkpoint beside them.
pub struct DirectoryTileStore {
    folder: Arc<Path>,
    /// One publication at a time: whoever no longer waits for one has not ended it.
    publishing: Arc<Mutex<()>>,
}

impl DirectoryTileStore {
    /// Keeps the files in `folder`, which is made when the first one is written.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.into(), publishing: Arc::default() }
    }

    async fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, LogPortError> {
        let folder = Arc::clone(&self.folder);
        durable::blocking("tile store", move || job(&folder)).await
    }
}

fn checkpoint(folder: &Path) -> PathBuf {
    folder.join("checkpoint")
}

#[async_trait]
impl TileStore for DirectoryTileStore {
    async fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, LogPortError> {
        self.with(move |folder| durable::read(&folder.join(tile.to_string()))).await
    }

    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), LogPortError> {
        self.with(move |folder| {
            let mut replacing = Replacing::default();
            for (tile, bytes) in &tiles {
                replacing.put(&folder.join(tile.to_string()), bytes, MODE)?;
            }
            replacing.finish()
        })
        .await
    }

    async fn forget_partial(&self, full: &[Tile]) -> Result<(), LogPortError> {
        let full: Vec<Tile> = full.iter().copied().filter(|tile| tile.is_full()).collect();
        self.with(move |folder| {
            for tile in full {
                match std::fs::remove_dir_all(folder.join(format!("{tile}.p"))) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(())
        })
        .await
    }

    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        self.with(|folder| durable::read(&checkpoint(folder))).await
    }

    async fn publish(&self, note: &[u8]) -> Result<(), LogPortError> {
        let note = note.to_vec();
        let publishing = Arc::clone(&self.publishing);
        self.with(move |folder| {
            let _alone = publishing.lock().unwrap_or_else(PoisonError::into_inner);
            durable::replace(&checkpoint(folder), &note, MODE)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::{Place, conformance};
    use super::*;

    conformance!({
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Place::new(move |_| {
            let store = DirectoryTileStore::new(&folder.path().join("log"));
            std::future::ready(Arc::new(store) as Arc<dyn TileStore>)
        })
    });

    #[tokio::test]
    async fn tiles_are_files_under_their_own_names() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryTileStore::new(&folder.path().join("log"));
        for path in ["tile/0/x001/067", "tile/0/x001/068.p/8", "tile/entries/000"] {
            store.write(vec![(Tile::parse(path).unwrap(), path.into())]).await.unwrap();
            let file = folder.path().join("log").join(path);
            assert_eq!(std::fs::read(file).unwrap(), path.as_bytes());
        }
        store.publish(b"note").await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("log/checkpoint")).unwrap(), b"note");
    }
}
