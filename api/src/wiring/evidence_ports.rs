//! The ports of `evidence` over the stores of an installation: they pass on, and put failures into its words.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::blob_store::{BlobError, BlobStore};
use commands::ports::event_store::{EventStore, ReadError};
use commands::ports::key_vault::{KeyVault, VaultError};
use domain::ids::{BlobHash, StreamName};
use domain::journal::tile::Tile;
use domain::journal::{Leaf, Line, Position, StreamVersion};
use evidence::ports::{
    FilesError, HeldStreamKey, KeysError, LinesError, LogFiles, OpenedLog, ReportFile, ReportFiles,
    ReportFilesError, StoredLines, StreamKeys,
};
use transparency::ports::{LogPortError, TileStore};

use super::stored::StoredLog;

/// The lines of an event store.
pub(crate) fn stored_lines(events: &Arc<dyn EventStore>) -> Arc<dyn StoredLines> {
    Arc::new(LinesOf(Arc::clone(events)))
}

/// The public files of a tile store.
pub(crate) fn log_files(tiles: &Arc<dyn TileStore>) -> Arc<dyn LogFiles> {
    Arc::new(FilesOf(Arc::clone(tiles)))
}

/// The keys of streams in a vault.
pub(crate) fn stream_keys(vault: &Arc<dyn KeyVault>) -> Arc<dyn StreamKeys> {
    Arc::new(KeysOf(Arc::clone(vault)))
}

/// The encrypted files of reports in a blob store.
pub(crate) fn report_files(blobs: &Arc<dyn BlobStore>) -> Arc<dyn ReportFiles> {
    Arc::new(ReportsOf(Arc::clone(blobs)))
}

impl StoredLog {
    /// The log, for those who check it.
    pub(crate) fn opened(&self) -> OpenedLog {
        let count = |position: Option<Position>| position.map_or(0, |position| position.0 + 1);
        let length = count(*self.events.newest().borrow());
        OpenedLog { lines: stored_lines(&self.events), length, once: count(self.high_water) }
    }
}

struct LinesOf(Arc<dyn EventStore>);
struct FilesOf(Arc<dyn TileStore>);
struct KeysOf(Arc<dyn KeyVault>);
struct ReportsOf(Arc<dyn BlobStore>);

fn unread(error: ReadError) -> LinesError {
    match error.damage() {
        Some(damage) => LinesError::Damaged(damage.to_string()),
        None => LinesError::Failed(error.0),
    }
}

#[async_trait]
impl StoredLines for LinesOf {
    async fn of_stream(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, LinesError> {
        self.0.read(stream, from, limit).await.map_err(unread)
    }

    async fn of_log(&self, from: Position, limit: usize) -> Result<Vec<Line>, LinesError> {
        self.0.read_all(from, limit).await.map_err(unread)
    }

    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, LinesError> {
        self.0.leaves(from, limit).await.map_err(unread)
    }

    async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<u32>, LinesError> {
        let lengths = self.0.lengths(streams).await.map_err(unread)?;
        Ok(lengths.into_iter().map(|length| length.0).collect())
    }
}

fn no_file(LogPortError { what, source }: LogPortError) -> FilesError {
    FilesError::Unread { what, source }
}

#[async_trait]
impl LogFiles for FilesOf {
    async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, FilesError> {
        self.0.read(tile).await.map_err(no_file)
    }

    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, FilesError> {
        self.0.checkpoint().await.map_err(no_file)
    }
}

fn no_key(error: VaultError) -> KeysError {
    KeysError(Box::new(error))
}

#[async_trait]
impl StreamKeys for KeysOf {
    async fn held(&self, streams: &[StreamName]) -> Result<Vec<HeldStreamKey>, KeysError> {
        let known = self.0.known_stream_keys(streams).await.map_err(no_key)?;
        Ok(known.into_iter().map(|(stream, key)| (stream, key.map_err(no_key))).collect())
    }
}

#[async_trait]
impl ReportFiles for ReportsOf {
    async fn look(&self, blob: BlobHash) -> Result<ReportFile, ReportFilesError> {
        match self.0.intact(blob).await {
            Ok(()) => Ok(ReportFile::Intact),
            Err(BlobError::Missing) => Ok(ReportFile::Missing),
            Err(BlobError::Damaged) => Ok(ReportFile::Damaged),
            Err(error) => Err(ReportFilesError(Box::new(error))),
        }
    }
}
