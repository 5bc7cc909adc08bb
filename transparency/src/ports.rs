//! What the transparency log and its anchors need from the world.

use std::sync::Arc;

use async_trait::async_trait;
use domain::audit::state::LogState;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, SignatureLine, VerifierKey};
use domain::journal::tile::Tile;
use domain::journal::tree::TreeHash;
use domain::journal::{Leaf, Line, Position};
use domain::time::Moment;
use serde_json::{Map, Value};
use tokio::sync::watch;

/// A failure of one of the log's ports, its source kept.
#[derive(Debug, thiserror::Error)]
#[error("{what} failed: {source}")]
pub struct LogPortError {
    /// Which role.
    pub what: &'static str,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl LogPortError {
    /// Whether it passes by itself and nothing lies: the disk or a quota is full, or there are too many open
    /// files for another one (Linux: ENOMEM, ENFILE, EMFILE, EDQUOT).
    pub fn passes(&self) -> bool {
        const NOTHING_WAS_WRITTEN: [i32; 4] = [12, 23, 24, 122];
        let io = self.source.downcast_ref::<std::io::Error>();
        io.is_some_and(|error| {
            let code = error.raw_os_error();
            error.kind() == std::io::ErrorKind::StorageFull
                || code.is_some_and(|code| NOTHING_WAS_WRITTEN.contains(&code))
        })
    }
}

/// What the log is made of: the stored lines and their leaves, in position order.
#[async_trait]
pub trait LogSource: Send + Sync {
    /// At most `limit` lines from `from` on; fewer only at the end.
    async fn lines(&self, from: Position, limit: usize) -> Result<Vec<Line>, LogPortError>;

    /// At most `limit` leaves from `from` on, as stored; fewer only at the end.
    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, LogPortError>;

    /// The newest durable position; changes wake whoever waits.
    fn newest(&self) -> watch::Receiver<Option<Position>>;
}

/// Keeps the public files of the transparency log: tiles, entry bundles, the published checkpoint.
#[async_trait]
pub trait TileStore: Send + Sync {
    /// A tile's or bundle's bytes, if it is there.
    async fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, LogPortError>;

    /// Writes tiles durably; each is there whole or not at all. One that is there already is replaced: its
    /// content follows from the log.
    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), LogPortError>;

    /// Removes the partial tiles of places whose full tile is there.
    async fn forget_partial(&self, full: &[Tile]) -> Result<(), LogPortError>;

    /// The published checkpoint: the exact bytes of a signed note.
    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, LogPortError>;

    /// Publishes a checkpoint durably and at once.
    async fn publish(&self, note: &[u8]) -> Result<(), LogPortError>;
}

/// Keeps the last signed checkpoint, and only ever moves it by compare-and-swap.
#[async_trait]
pub trait CheckpointStore: Send + Sync {
    /// The last signed checkpoint's bytes.
    async fn last(&self) -> Result<Option<Vec<u8>>, LogPortError>;

    /// Takes `next` durably if the last one is still `expected`; `false` if somebody else was faster.
    async fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, LogPortError>;
}

/// The last signed checkpoint once more, in a place that no backup of the database holds: it tells an old
/// database that it is one.
#[async_trait]
pub trait Guard: Send + Sync {
    /// What it holds.
    async fn read(&self) -> Result<Option<Vec<u8>>, LogPortError>;

    /// Replaces it durably.
    async fn write(&self, note: &[u8]) -> Result<(), LogPortError>;
}

/// Signs checkpoints with the log's keys, and nothing else with them.
pub trait Signer: Send + Sync {
    /// The log's origin, which is the name of its keys.
    fn origin(&self) -> &str;

    /// The node's clock, by which keys come into and go out of use.
    fn now(&self) -> Moment;

    /// One signature by each key in use; the newest key's first.
    fn sign(&self, checkpoint: &Checkpoint) -> Vec<SignatureLine>;

    /// The keys in use, newest first.
    fn keys(&self) -> Vec<VerifierKey>;

    /// Every key this log ever had, newest first.
    fn keys_ever(&self) -> Vec<VerifierKey>;
}

/// Somebody else who watches that the log only grows (c2sp.org/tlog-witness).
#[async_trait]
pub trait Witness: Send + Sync {
    /// Its name in our witness policy.
    fn name(&self) -> &str;

    /// Asks for cosignatures on `checkpoint`, which continues the tree of `old` leaves by `proof`.
    async fn add_checkpoint(
        &self,
        old: u64,
        proof: &[TreeHash],
        checkpoint: &Note,
    ) -> Result<Vec<SignatureLine>, WitnessError>;
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// It has cosigned a tree of another size last: ask again from there, or we are behind.
    #[error("the witness has last cosigned a tree of {0} leaves")]
    Seen(u64),
    /// It has cosigned another tree of this size: there are two histories.
    #[error("the witness has cosigned another tree of {0} leaves")]
    OtherTree(u64),
    /// It does not answer, or not in time.
    #[error("the witness does not answer: {0}")]
    Later(String),
    /// It answered no.
    #[error("the witness refuses: {0}")]
    Refused(String),
}

/// Takes a checkpoint out of the organisation.
#[async_trait]
pub trait Anchor: Send + Sync {
    /// `file`, `witness`, `evm`.
    fn name(&self) -> &'static str;

    /// Anchors a checkpoint and answers a receipt a stranger can check: a JSON object without floats and
    /// nulls. The same again after a crash finds what an earlier try left.
    async fn anchor(&self, request: &AnchorRequest) -> Result<Value, AnchorError>;

    /// Whether a receipt still holds against the outside.
    async fn check(&self, request: &AnchorRequest, receipt: &Value) -> Result<(), AnchorError>;
}

/// A checkpoint to be anchored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorRequest {
    /// The log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// RFC 6962 root.
    pub root: TreeHash,
    /// The signed note's exact bytes.
    pub note: Vec<u8>,
}

/// Why nothing was anchored, or a receipt does not hold.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The outside does not answer, or asks too much: later.
    #[error("not now: {0}")]
    Later(String),
    /// The request or the receipt is wrong.
    #[error("refused: {0}")]
    Refused(String),
}

/// A checkpoint that an anchor has taken, to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Which anchor.
    pub anchor: &'static str,
    /// How many events the checkpoint covers.
    pub size: u64,
    /// The signed note, as it was anchored.
    pub checkpoint: String,
    /// What the anchor gave for it: canonical data, no floats, no nulls.
    pub receipt: Map<String, Value>,
    /// The newest event that the checkpoint covers.
    pub newest: Line,
}

/// What the anchors gave, on its way into the log. It survives a kill from [`AnchorRecords::keep`] on.
#[async_trait]
pub trait AnchorRecords: Send + Sync {
    /// What the log says about itself, its anchors among it.
    async fn anchored(&self) -> Result<Arc<LogState>, LogPortError>;

    /// Keeps what an anchor gave durably; the same again is kept once.
    async fn keep(&self, taken: &Taken) -> Result<(), LogPortError>;

    /// Records everything in the log that is kept; an error if something could not be.
    async fn record(&self) -> Result<(), LogPortError>;
}
