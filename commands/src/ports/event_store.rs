//! Where events are kept.

use async_trait::async_trait;
use domain::ids::{RequestDigest, StreamName};
use domain::journal::{Leaf, Line, Position, StreamVersion};
use tokio::sync::watch;
use uuid::Uuid;

/// How many events a stream holds: 0 if it does not exist. The next event gets this as its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Length(pub u32);

impl Length {
    /// The version of the newest event.
    pub const fn newest(self) -> Option<StreamVersion> {
        match self.0 {
            0 => None,
            n => Some(StreamVersion(n - 1)),
        }
    }
}

/// A line that is ready to be stored.
#[derive(Debug, Clone)]
pub struct NewLine {
    /// The exact bytes; the store never looks inside beyond their length.
    pub bytes: Vec<u8>,
    /// The leaf made of them.
    pub leaf: Leaf,
}

/// One append: all or nothing, to one stream.
#[derive(Debug, Clone)]
pub struct Append {
    /// The stream written.
    pub stream: StreamName,
    /// How long it must be now.
    pub expected: Length,
    /// At least one line, versions following `expected`.
    pub lines: Vec<NewLine>,
    /// How long other streams, which the decision read, must be now.
    pub preconditions: Vec<(StreamName, Length)>,
    /// The request this append answers.
    pub request: Request,
}

/// The identity of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// The store need not remember it: its id is fresh.
    Once(Uuid),
    /// Remembered: the same id with the same digest gives the first answer again, with another digest it
    /// is a conflict.
    Keyed {
        /// UUID v8 made of the caller's key, or of a reaction's name and cause.
        id: Uuid,
        /// Digest of the canonical request.
        digest: RequestDigest,
    },
}

impl Request {
    /// The request id, which is the id of the first event.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Once(id) | Self::Keyed { id, .. } => *id,
        }
    }
}

/// Where an append came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Position of its first line; the others follow it without a gap.
    pub first: Position,
    /// How many lines it has.
    pub lines: u32,
    /// Whether this is the answer of an earlier append with the same request.
    pub again: bool,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The written stream or a precondition has another length: read again, decide again.
    #[error("{0} has moved on")]
    Conflict(StreamName),
    /// The request id is known with another digest.
    #[error("the request id was used for another request")]
    RequestReused,
    /// A line is longer than a line may be, or there is none.
    #[error("a line of {0} bytes cannot be stored")]
    LineLength(usize),
    /// The disk is full; nothing acknowledged is lost.
    #[error("the disk is full")]
    DiskFull,
    /// The store cannot be trusted to go on; the process must stop.
    #[error("the event store failed: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
#[error("the event store could not be read: {0}")]
pub struct ReadError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl ReadError {
    /// What is wrong with the stored rows, if it is they and not the way to them.
    pub fn damage(&self) -> Option<&Damage> {
        self.0.downcast_ref()
    }
}

/// What is stored cannot be a log: someone changed the file behind the store's back, or the disk did.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// No line stands there, and later ones do.
    #[error("position {0} is missing")]
    Position(Position),
    /// No line of the stream stands there, and later ones do.
    #[error("version {1} of {0} is missing")]
    Version(StreamName, StreamVersion),
    /// A value beside the line is not of its form.
    #[error("the {column} stored at position {position} is not of its form")]
    Column {
        /// Where, by the store's own number.
        position: i64,
        /// Which.
        column: &'static str,
    },
    /// The file itself is not whole.
    #[error("the database file is damaged: {0}")]
    File(String),
}

/// The append-only log. Positions are dense, gapless and in commit order for every reader.
///
/// Nothing here updates or deletes an event.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Appends durably: when this answers, the lines survive a power cut.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Appends several in exactly this order: each as if the one before it had been answered. Appends that
    /// are merely asked for at once may be stored in any order. They may share what makes them durable. The
    /// first that is refused is the answer, and then some of those behind it may stand in the log.
    async fn append_in_order(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            answers.push(self.append(append).await?);
        }
        Ok(answers)
    }

    /// At most `limit` lines of a stream from `from` on, in version order; fewer only at its end.
    async fn read(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError>;

    /// At most `limit` lines of the whole log from `from` on, in position order; fewer only at its end.
    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ReadError>;

    /// At most `limit` leaves of the whole log from `from` on, as stored; fewer only at its end.
    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, ReadError>;

    /// The present length of each stream, in the order asked.
    async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<Length>, ReadError>;

    /// The position of the newest line, if any, as of the newest durable append; changes wake whoever
    /// waits.
    fn newest(&self) -> watch::Receiver<Option<Position>>;

    /// The append that a remembered request made, if it is known, and its digest.
    async fn request(&self, id: Uuid) -> Result<Option<(Appended, RequestDigest)>, ReadError>;
}
