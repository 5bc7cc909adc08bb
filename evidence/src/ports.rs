//! What evidence needs from the world: lines, keys and files that somebody else keeps, only ever read.

use async_trait::async_trait;
use domain::ids::StreamName;
use domain::journal::tile::Tile;
use domain::journal::{Line, Position, StreamKey, StreamVersion};

/// What failed behind a port, as it says it itself.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why no line could be read.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// What is stored cannot be a log: a finding, not a failure. In words.
    #[error("the event store could not be read: {0}")]
    Damaged(String),
    /// The way to the lines failed; they may be right.
    #[error("the event store could not be read: {0}")]
    Failed(#[source] Cause),
}

impl LinesError {
    /// What is wrong with the stored lines, if it is they and not the way to them.
    pub fn damage(&self) -> Option<&str> {
        match self {
            Self::Damaged(what) => Some(what),
            Self::Failed(_) => None,
        }
    }
}

/// The lines of a log as they are stored. Asked for runs of lines, never for single ones in a loop.
#[async_trait]
pub trait StoredLines: Send + Sync {
    /// At most `limit` lines of a stream from `from` on, in version order; fewer only at its end.
    async fn of_stream(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, LinesError>;

    /// At most `limit` lines of the whole log from `from` on, in position order; fewer only at its end.
    async fn of_log(&self, from: Position, limit: usize) -> Result<Vec<Line>, LinesError>;
}

/// Why a public file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{what} failed: {source}")]
pub struct FilesError {
    /// Which role.
    pub what: &'static str,
    /// Why.
    #[source]
    pub source: Cause,
}

/// The public files of a log (c2sp.org/tlog-tiles), wherever they lie.
#[async_trait]
pub trait LogFiles: Send + Sync {
    /// A tile's or bundle's bytes, if it is there.
    async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, FilesError>;

    /// The published checkpoint: the exact bytes of a signed note.
    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, FilesError>;
}

/// Why a key could not be had.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct KeysError(pub Cause);

/// A stream and the key of its tags, or why the key does not open.
pub type HeldStreamKey = (StreamName, Result<StreamKey, KeysError>);

/// The keys of streams' tags; makes none.
#[async_trait]
pub trait StreamKeys: Send + Sync {
    /// The keys of those streams that have one. A key that does not open is an error of its own.
    async fn held(&self, streams: &[StreamName]) -> Result<Vec<HeldStreamKey>, KeysError>;
}
