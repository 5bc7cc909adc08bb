//! The one task that writes the event database: it gathers what is waiting, stores it in one transaction
//! with one fsync, and answers.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use commands::ports::event_store::{Append, AppendError, Appended, Request};
use domain::ids::StreamName;
use domain::journal::Position;
use lru::LruCache;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::schema::Extent;
use super::sqlite_batch::{AppendBatch, KnownStream};
use super::sqlite_connection::WriteConnection;
use crate::sqlite::errors::is_full;
use crate::sqlite::group_commit::{GroupWriter, write_groups};

/// Streams whose length is remembered; the longest name takes a quarter of a kilobyte.
const STREAMS_REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(65_535);

/// Why the store no longer takes appends.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreStopped {
    /// A write, a commit or an fsync failed. What reached the disk is unknown until the log is opened
    /// anew, so nothing is tried again.
    #[error("the event log could not be written: {0}")]
    Failed(#[source] Arc<sqlx::Error>),
    /// The writer panicked or its runtime went away.
    #[error("the event log's writer ended unexpectedly")]
    Gone,
    /// It was closed in order.
    #[error("the event log is closed")]
    Closed,
    /// It was opened for reading.
    #[error("the event log was opened for reading only")]
    ReadOnly,
}

impl From<StoreStopped> for AppendError {
    fn from(stopped: StoreStopped) -> Self {
        Self::Store(stopped.into())
    }
}

/// A verdict.
pub(super) type AppendResult = Result<Appended, AppendError>;

/// An append and who waits for it.
pub(super) struct WaitingAppend {
    pub(super) append: Append,
    pub(super) answer: oneshot::Sender<AppendResult>,
}

/// What the writer tells everybody.
pub(super) struct Signs {
    /// The newest durable position.
    pub(super) newest: watch::Sender<Option<Position>>,
    /// Set once, when no append will be taken any more.
    pub(super) stopped: watch::Sender<Option<StoreStopped>>,
}

impl Signs {
    pub(super) fn stop(&self, why: StoreStopped) {
        self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            stopped.get_or_insert(why);
            first
        });
    }
}

/// Says `Gone` if the writer ends in any way that did not say why.
struct Ending(Arc<Signs>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.stop(StoreStopped::Gone);
    }
}

/// Owns the only connection that writes, and with it everything that decides about an append: nobody else
/// changes lengths, numbers or positions, so what it remembers is what is stored.
pub(super) struct EventWriter {
    connection: WriteConnection,
    signs: Arc<Signs>,
    next: Position,
    streams_given: i64,
    streams: LruCache<StreamName, KnownStream>,
}

impl EventWriter {
    pub(super) fn new(connection: WriteConnection, extent: Extent, signs: Arc<Signs>) -> Self {
        Self {
            connection,
            signs,
            next: Position(extent.held),
            streams_given: extent.streams,
            streams: LruCache::new(STREAMS_REMEMBERED),
        }
    }

    /// Works until `closing` is cancelled or nobody can append any more, then empties the write-ahead log
    /// into the database; or until a write fails, then leaves everything as it lies.
    pub(super) async fn run(
        mut self,
        jobs: mpsc::Receiver<WaitingAppend>,
        closing: CancellationToken,
    ) {
        let ending = Ending(Arc::clone(&self.signs));
        let done = write_groups(&mut self, jobs, &closing).await;
        let closed = match done {
            Ok(()) => self.connection.close().await.map_err(Arc::new),
            Err(error) => Err(error),
        };
        ending.0.stop(closed.map_or_else(StoreStopped::Failed, |()| StoreStopped::Closed));
    }

    /// A verdict on each of `appends`; those that were taken are durable. An error is the end.
    async fn append(&mut self, appends: Vec<Append>) -> Result<Vec<AppendResult>, sqlx::Error> {
        let asked = appends.len();
        let mut batch = self.batch(&appends).await?;
        let verdicts = appends.into_iter().map(|append| batch.admit(append)).collect();
        if batch.lines.is_empty() {
            return Ok(verdicts);
        }
        match self.connection.store(&mut batch).await {
            Ok(()) => {
                self.keep(batch);
                Ok(verdicts)
            }
            // Refusals too: one may rest on an append of this very batch.
            Err(error) if is_full(&error) => {
                Ok((0..asked).map(|_| Err(AppendError::DiskFull)).collect())
            }
            Err(error) => Err(error),
        }
    }

    /// What the batch needs to know: remembered, or looked up.
    async fn batch(&mut self, appends: &[Append]) -> Result<AppendBatch, sqlx::Error> {
        let mut known = HashMap::new();
        let mut unknown = Vec::new();
        for append in appends {
            let read = append.preconditions.iter().map(|(stream, _)| stream);
            for stream in read.chain([&append.stream]) {
                if known.contains_key(stream) {
                    continue;
                }
                let remembered = self.streams.get(stream).copied();
                if remembered.is_none() {
                    unknown.push(stream);
                }
                known.insert(stream.clone(), remembered.unwrap_or_default());
            }
        }
        if !unknown.is_empty() {
            known.extend(self.connection.streams(&unknown).await?);
        }
        let keyed = appends.iter().filter_map(|append| match append.request {
            Request::Keyed { id, .. } => Some(id),
            Request::Once(_) => None,
        });
        let keyed: Vec<_> = keyed.collect();
        let requests = match keyed[..] {
            [] => HashMap::new(),
            [..] => self.connection.requests(&keyed).await?,
        };
        Ok(AppendBatch {
            next: self.next,
            streams_given: self.streams_given,
            known,
            requests,
            lines: Vec::new(),
            new_streams: Vec::new(),
            new_requests: Vec::new(),
        })
    }

    /// Makes a stored batch what is known, and tells the readers.
    fn keep(&mut self, batch: AppendBatch) {
        self.next = batch.next;
        self.streams_given = batch.streams_given;
        for (name, known) in batch.known {
            if known.id.is_some() {
                self.streams.put(name, known);
            }
        }
        self.signs.newest.send_replace(self.next.0.checked_sub(1).map(Position));
    }
}

impl GroupWriter for EventWriter {
    type Job = WaitingAppend;

    const JOBS_MAX: usize = 512;

    async fn commit(&mut self, waiting: &mut Vec<WaitingAppend>) -> Result<(), Arc<sqlx::Error>> {
        let (appends, answers): (Vec<_>, Vec<_>) =
            waiting.drain(..).map(|WaitingAppend { append, answer }| (append, answer)).unzip();
        match self.append(appends).await {
            Ok(verdicts) => tell(answers, verdicts),
            Err(error) => {
                let error = Arc::new(error);
                let why = StoreStopped::Failed(Arc::clone(&error));
                // Whoever is told finds that the store says so too.
                self.signs.stop(why.clone());
                let verdicts = answers.iter().map(|_| Err(why.clone().into())).collect();
                tell(answers, verdicts);
                return Err(error);
            }
        }
        self.connection.look_after_log().await.map_err(Arc::new)
    }
}

fn tell(answers: Vec<oneshot::Sender<AppendResult>>, verdicts: Vec<AppendResult>) {
    for (answer, verdict) in answers.into_iter().zip(verdicts) {
        // Whoever no longer waits will ask again with the same request id.
        let _ = answer.send(verdict);
    }
}
