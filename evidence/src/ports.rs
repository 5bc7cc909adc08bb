//! What evidence needs from the world: lines, keys and files that somebody else keeps, only ever read;
//! somebody to ask about anchors; somebody to tell how far it has come.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::{BlobHash, StreamName};
use domain::journal::tile::Tile;
use domain::journal::tree::TreeHash;
use domain::journal::{Leaf, Line, Position, StreamKey, StreamVersion};

/// What failed behind a port, as it says it itself.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

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

/// What is said of a place where no line stands, though later ones do.
pub(crate) fn missing(position: Position) -> String {
    format!("position {position} is missing")
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

    /// At most `limit` leaves of the whole log from `from` on, as stored; fewer only at its end.
    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, LinesError>;

    /// How many lines each stream holds now, in the order asked.
    async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<u32>, LinesError>;
}

/// A log that was opened to be read; it may go on growing meanwhile.
#[derive(Clone)]
pub struct OpenedLog {
    /// Its lines.
    pub lines: Arc<dyn StoredLines>,
    /// How many there were when it was opened.
    pub length: u64,
    /// How many there ever were by then, by the store's own count.
    pub once: u64,
}

/// Why a public file could not be had. Whoever could not look has found nothing.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// It could not be looked at: nobody knows what it says.
    #[error("{what} could not be read: {source}")]
    Unread {
        /// Which role.
        what: &'static str,
        /// Why.
        #[source]
        source: Cause,
    },
    /// It was looked for, and is not there or not what it must be.
    #[error("{0}")]
    Wrong(String),
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

/// How the file of a report lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFile {
    /// Its bytes hash to its name.
    Intact,
    /// There is none.
    Missing,
    /// Its bytes do not hash to its name.
    Damaged,
}

/// Why a report's file could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ReportFilesError(pub Cause);

/// The encrypted files of reports; nothing is decrypted.
#[async_trait]
pub trait ReportFiles: Send + Sync {
    /// Reads a file whole and holds it against its name.
    async fn look(&self, blob: BlobHash) -> Result<ReportFile, ReportFilesError>;
}

/// A tree that an anchor gave a receipt for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchoredTree {
    /// The log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// RFC 6962 root.
    pub root: TreeHash,
    /// The signed note's exact bytes.
    pub note: Vec<u8>,
}

/// What the outside says to a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptAnswer {
    /// It holds.
    Holds,
    /// It does not, and why.
    Refused(String),
    /// Nobody was asked or nobody answered, and why.
    NotAsked(String),
}

/// Asks the outside whether receipts hold.
#[async_trait]
pub trait ReceiptChecker: Send + Sync {
    /// Whether the anchor with this name holds what its receipt says.
    async fn check(
        &self,
        anchor: &str,
        tree: &AnchoredTree,
        receipt: &serde_json::Value,
    ) -> ReceiptAnswer;
}

/// Hears how far long work has come. One piece of work at a time.
pub trait Progress: Send + Sync {
    /// Work of this length begins.
    fn begin(&self, length: u64, what: &'static str);

    /// So much more of it is done.
    fn advance(&self, by: u64);

    /// It is over.
    fn end(&self);
}
