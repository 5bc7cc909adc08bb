//! The default event store: one SQLite file, one writer with group commit, a few readers beside it.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use commands::ports::event_store::{Append, AppendError, Appended, EventStore, Length, ReadError};
use domain::ids::{RequestDigest, StreamName};
use domain::journal::{Leaf, Line, Position, StreamVersion};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::check_lengths;
use super::first_look::{before_reading, before_writing, hinted};
use super::schema::{EventLogOpenError, database};
use super::sqlite_connection::WriteConnection;
use super::sqlite_lock::LogLock;
use super::sqlite_reader::ReadConnections;
use super::sqlite_writer::{AppendResult, EventWriter, Signs, StoreStopped, WaitingAppend};
use crate::sqlite::database::DatabaseKind;
use crate::sqlite::file::{beside, folder};
use crate::sqlite::reading::{self, COPIED_MAX, Needs};

/// Appends that may wait before the next caller has to wait to be let in.
const QUEUE: usize = 1_024;

/// How to open the store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// Connections that read.
    pub readers: u32,
    /// Page cache of the writer, in MiB; it fills as the log is written.
    pub writer_cache_mib: u32,
    /// Most pages the database may have: how tests fill a disk. `None`: as many as the disk holds.
    pub pages_max: Option<u32>,
    /// Every schema of the log: what a test replaces.
    pub database: DatabaseKind,
    /// How many events were signed, as is known from outside the database. A log that has fewer, and whose
    /// write-ahead log does not verify to its end, is damaged.
    pub signed: u64,
    /// Whether a log is opened that held more once: to go on from it under another name.
    pub older: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            writer_cache_mib: 32,
            pages_max: None,
            database: database(),
            signed: 0,
            older: false,
        }
    }
}

/// Events in `events.db`.
pub struct SqliteEventStore {
    jobs: mpsc::Sender<WaitingAppend>,
    reader: ReadConnections,
    signs: Arc<Signs>,
    closing: CancellationToken,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// How many events the log held once, by its hint, where it was opened to be read.
    hinted: u64,
}

impl SqliteEventStore {
    /// Opens the log at `path` for reading and writing, and makes it if it is not there. Reads no event,
    /// so it takes no longer for a long log.
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, EventLogOpenError> {
        Self::open_locked(path, options, LogLock::take(path)?).await
    }

    /// The same under a lock that is held already, and maybe longer than the log is open.
    pub async fn open_locked(
        path: &Path,
        options: SqliteOptions,
        lock: LogLock,
    ) -> Result<Self, EventLogOpenError> {
        before_writing(path, &options).await?;
        let connect = writer_options(path, &options);
        let how = (&options.database, connect);
        let (connection, extent) =
            WriteConnection::open(path, beside(path, "wal"), how, lock).await?;
        // The files' names must survive a power cut as their contents do.
        File::open(folder(path))?.sync_all()?;
        let reader = ReadConnections::open(base_options(path), options.readers).await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let signs = Arc::new(Signs {
            newest: watch::Sender::new(extent.newest()),
            stopped: watch::Sender::new(None),
        });
        let closing = CancellationToken::new();
        let writer = EventWriter::new(connection, extent, Arc::clone(&signs));
        let writer = tokio::spawn(writer.run(queue, closing.clone()));
        Ok(Self { jobs, reader, signs, closing, writer: Mutex::new(Some(writer)), hinted: 0 })
    }

    /// Opens the log at `path` to read it, whether or not another process writes it, and even if its tail
    /// was cut, but not where SQLite would leave out what is behind damage; changes nothing in its folder.
    /// Every append is refused.
    pub async fn open_read_only(path: &Path, readers: u32) -> Result<Self, EventLogOpenError> {
        let hint = before_reading(path).await?;
        let reading = database().open_to_read(path).await?;
        let reader = ReadConnections::open_read_only(tuned(reading.options()), readers, reading);
        let reader = reader.await?;
        let unread = |error: ReadError| std::io::Error::other(error.0);
        let extent = reader.extent().await.map_err(unread)?;
        let hinted = hinted(&reader, extent.held, hint).await.map_err(unread)?;
        let signs = Arc::new(Signs {
            newest: watch::Sender::new(extent.newest()),
            stopped: watch::Sender::new(Some(StoreStopped::ReadOnly)),
        });
        let closing = CancellationToken::new();
        let writer = Mutex::new(None);
        Ok(Self { jobs: mpsc::channel(1).0, reader, signs, closing, writer, hinted })
    }

    /// How many events the log at `path` holds, looked at without a trace; none where that cannot be said, or
    /// not without copying a large file.
    pub async fn held(path: &Path) -> Option<u64> {
        match reading::needs(path).ok()? {
            Needs::Copy(bytes) if bytes > COPIED_MAX => return None,
            Needs::Copy(_) | Needs::Index | Needs::Nothing => {}
        }
        let store = Self::open_read_only(path, 1).await.ok()?;
        let newest = *store.newest().borrow();
        store.close().await;
        Some(newest.map_or(0, |newest| newest.0 + 1))
    }

    /// The highest position ever given, from SQLite's own count and from the hint beside the log. Above the
    /// newest: the tail was cut.
    pub async fn high_water(&self) -> Result<Option<Position>, ReadError> {
        let once = self.reader.extent().await?.once.max(self.hinted);
        Ok(once.checked_sub(1).map(Position))
    }

    /// Comes back when the store has failed for good; the process must then stop, for only opening the log
    /// anew shows what reached the disk. Never comes back from a store that was closed in order.
    pub fn fatal(&self) -> impl Future<Output = StoreStopped> + Send + use<> {
        let mut stopped = self.signs.stopped.subscribe();
        async move {
            let fatal = |why: &Option<StoreStopped>| {
                matches!(why, Some(StoreStopped::Failed(_) | StoreStopped::Gone))
            };
            match stopped.wait_for(fatal).await.map(|why| why.clone()) {
                Ok(Some(why)) => why,
                Ok(None) | Err(_) => std::future::pending().await,
            }
        }
    }

    /// Stores what waits, refuses what comes, empties the write-ahead log into the database and lets go of
    /// the files.
    pub async fn close(&self) {
        self.closing.cancel();
        // Readers go first: only the last connection to leave can clear the write-ahead log away.
        self.reader.close().await;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A panic in there has been told by `fatal`.
            let _ = writer.await;
        }
    }

    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    #[cfg(test)]
    pub(super) fn abort_writer(&self) {
        if let Some(writer) = &*self.writer.lock().unwrap() {
            writer.abort();
        }
    }

    /// Lets an append wait for the writer; answers where its verdict will come.
    async fn queue(&self, append: Append) -> Result<oneshot::Receiver<AppendResult>, AppendError> {
        check_lengths(&append)?;
        let (answer, verdict) = oneshot::channel();
        let sent = self.jobs.send(WaitingAppend { append, answer }).await;
        sent.map_err(|_| self.stopped())?;
        Ok(verdict)
    }

    fn stopped(&self) -> AppendError {
        self.signs.stopped.borrow().clone().unwrap_or(StoreStopped::Gone).into()
    }
}

#[async_trait]
impl EventStore for SqliteEventStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let verdict = self.queue(append).await?;
        verdict.await.map_err(|_| self.stopped())?
    }

    /// The writer takes what is queued in its order, so only being queued is waited for one by one.
    async fn append_in_order(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        let mut verdicts = Vec::with_capacity(appends.len());
        for append in appends {
            verdicts.push(self.queue(append).await?);
        }
        let mut answers = Vec::with_capacity(verdicts.len());
        for verdict in verdicts {
            answers.push(verdict.await.map_err(|_| self.stopped())??);
        }
        Ok(answers)
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError> {
        self.reader.read(stream, from, limit).await
    }

    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ReadError> {
        self.reader.read_all(from, limit).await
    }

    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, ReadError> {
        self.reader.leaves(from, limit).await
    }

    async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<Length>, ReadError> {
        self.reader.lengths(streams).await
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.signs.newest.subscribe()
    }

    async fn request(&self, id: Uuid) -> Result<Option<(Appended, RequestDigest)>, ReadError> {
        self.reader.request(id).await
    }
}

/// What every connection has in common. Statements are not logged: they are always the same few.
pub(super) fn base_options(path: &Path) -> SqliteConnectOptions {
    tuned(SqliteConnectOptions::new().filename(path))
}

fn tuned(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(false)
        .disable_statement_logging()
        // Rows come from SQLite's thread; with a short buffer the two threads wait for each other.
        .row_buffer_size(1_024)
}

fn writer_options(path: &Path, options: &SqliteOptions) -> SqliteConnectOptions {
    let cache_kib = u64::from(options.writer_cache_mib) * 1_024;
    let connect = base_options(path).pragma("cache_size", format!("-{cache_kib}"));
    match options.pages_max {
        Some(pages) => connect.pragma("max_page_count", pages.to_string()),
        None => connect,
    }
}
