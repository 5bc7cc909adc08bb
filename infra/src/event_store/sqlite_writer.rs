//! The one task that writes the event database: it gathers what is waiting, stores it in one transaction
//! with one fsync, and answers.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use commands::ports::event_store::{Append, AppendError, Appended, Length, Request};
use domain::ids::StreamName;
use domain::journal::Position;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Connection, Row};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::recent::Recent;
use super::schema::Extent;
use super::sqlite_batch::{Batch, Filed, Known, Requests};
use super::sqlite_reader::{names, remembered, signed};

/// Most appends in one transaction.
const APPENDS_MAX: usize = 512;
/// Most rows in one INSERT. Each number of rows has a prepared statement of its own.
const ROWS_MAX: usize = 64;
/// Streams whose length is remembered; the longest name takes a quarter of a kilobyte.
const STREAMS_REMEMBERED: usize = 32_768;
/// Pages in the write-ahead log from which on it is emptied.
const CHECKPOINT_PAGES: i64 = 16_384;
/// How many commits pass between two looks at its length.
const COMMITS_PER_LOOK: u32 = 64;
/// SQLITE_FULL: no space, or the page limit.
const FULL: &str = "13";

const STREAMS: &str = "
SELECT s.name, s.id, (SELECT ifnull(max(e.version) + 1, 0) FROM events e WHERE e.stream = s.id)
FROM json_each(?) n CROSS JOIN streams s WHERE s.name = n.value";
const REQUESTS: &str = "
SELECT r.id, r.digest, r.position, r.lines
FROM json_each(?) n CROSS JOIN requests r WHERE r.id = unhex(n.value)";
const BEGIN: &str = "BEGIN IMMEDIATE;";
const NEW_STREAMS: &str = "
INSERT INTO streams (id, name) SELECT value ->> 0, value ->> 1 FROM json_each(?);";
const NEW_LINES: &str = "
INSERT INTO events (position, stream, version, line, leaf) VALUES (?,?,?,?,?)";
const ROW: &str = ",(?,?,?,?,?)";
const NEW_REQUESTS: &str = "
INSERT INTO requests (id, digest, position, lines)
SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3 FROM json_each(?);";
const COMMIT: &str = "COMMIT;";
const LOOK: &str = "PRAGMA wal_checkpoint(NOOP)";
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";
const CHECKPOINT_LAST: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// Why the store no longer takes appends.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stopped {
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

impl From<Stopped> for AppendError {
    fn from(stopped: Stopped) -> Self {
        Self::Store(stopped.into())
    }
}

type Verdict = Result<Appended, AppendError>;

/// An append and who waits for it.
pub(super) struct Waiting {
    pub(super) append: Append,
    pub(super) answer: oneshot::Sender<Verdict>,
}

/// What the writer tells everybody.
pub(super) struct Signs {
    /// The newest durable position.
    pub(super) newest: watch::Sender<Option<Position>>,
    /// Set once, when no append will be taken any more.
    pub(super) stopped: watch::Sender<Option<Stopped>>,
}

impl Signs {
    pub(super) fn stop(&self, why: Stopped) {
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
        self.0.stop(Stopped::Gone);
    }
}

/// Owns the only connection that writes, and with it everything that decides about an append: nobody else
/// changes lengths, numbers or positions, so what it remembers is what is stored.
pub(super) struct Writer {
    connection: SqliteConnection,
    signs: Arc<Signs>,
    next: Position,
    streams_given: i64,
    streams: Recent<StreamName, Known>,
    /// Since the last look at the write-ahead log.
    commits: u32,
    /// Held until the connection is closed: keeps every other process out.
    _lock: File,
}

impl Writer {
    pub(super) fn new(
        connection: SqliteConnection,
        extent: Extent,
        signs: Arc<Signs>,
        lock: File,
    ) -> Self {
        Self {
            connection,
            signs,
            next: Position(extent.held),
            streams_given: extent.streams,
            streams: Recent::new(STREAMS_REMEMBERED),
            commits: 0,
            _lock: lock,
        }
    }

    /// Works until `closing` is cancelled or nobody can append any more, then empties the write-ahead log
    /// into the database; or until a write fails, then leaves everything as it lies.
    pub(super) async fn run(
        mut self,
        mut jobs: mpsc::Receiver<Waiting>,
        closing: CancellationToken,
    ) {
        let ending = Ending(Arc::clone(&self.signs));
        let mut waiting = Vec::new();
        while gather(&mut jobs, &closing, &mut waiting).await {
            let (appends, answers): (Vec<_>, Vec<_>) =
                waiting.drain(..).map(|Waiting { append, answer }| (append, answer)).unzip();
            match self.append(appends).await {
                Ok(verdicts) => tell(answers, verdicts),
                Err(error) => {
                    let why = Stopped::Failed(Arc::new(error));
                    ending.0.stop(why.clone());
                    let verdicts = answers.iter().map(|_| Err(why.clone().into())).collect();
                    return tell(answers, verdicts);
                }
            }
            if let Err(error) = self.checkpoint_if_due().await {
                return ending.0.stop(Stopped::Failed(Arc::new(error)));
            }
        }
        ending.0.stop(match self.close().await {
            Ok(()) => Stopped::Closed,
            Err(error) => Stopped::Failed(Arc::new(error)),
        });
    }

    /// A verdict on each of `appends`; those that were taken are durable. An error is the end.
    async fn append(&mut self, appends: Vec<Append>) -> Result<Vec<Verdict>, sqlx::Error> {
        let asked = appends.len();
        let mut batch = self.batch(&appends).await?;
        let verdicts = appends.into_iter().map(|append| batch.admit(append)).collect();
        if batch.lines.is_empty() {
            return Ok(verdicts);
        }
        match self.store(&mut batch).await {
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

    /// Looks up what the batch needs to know and the writer does not remember.
    async fn batch(&mut self, appends: &[Append]) -> Result<Batch, sqlx::Error> {
        let mut known = HashMap::new();
        let mut unknown = Vec::new();
        for append in appends {
            let read = append.preconditions.iter().map(|(stream, _)| stream);
            for stream in read.chain([&append.stream]) {
                if known.contains_key(stream) {
                    continue;
                }
                let remembered = self.streams.get(stream);
                if remembered.is_none() {
                    unknown.push(stream);
                }
                known.insert(stream.clone(), remembered.unwrap_or_default());
            }
        }
        if !unknown.is_empty() {
            let query = sqlx::query(STREAMS).bind(names(unknown));
            for row in query.fetch_all(&mut self.connection).await? {
                let name: &str = row.try_get(0)?;
                let name = name.parse().map_err(|bad| sqlx::Error::Decode(Box::new(bad)))?;
                let length = Length(row.try_get::<u32, _>(2)?);
                known.insert(name, Known { id: Some(row.try_get(1)?), length });
            }
        }
        Ok(Batch {
            next: self.next,
            streams_given: self.streams_given,
            known,
            requests: self.requests(appends).await?,
            lines: Vec::new(),
            new_streams: Vec::new(),
            new_requests: Vec::new(),
        })
    }

    async fn requests(&mut self, appends: &[Append]) -> Result<Requests, sqlx::Error> {
        let keyed: Vec<_> = appends
            .iter()
            .filter(|append| matches!(append.request, Request::Keyed { .. }))
            .map(|append| hex::encode(append.request.id()))
            .collect();
        if keyed.is_empty() {
            return Ok(Requests::new());
        }
        let query = sqlx::query(REQUESTS).bind(serde_json::Value::from(keyed).to_string());
        let rows = query.fetch_all(&mut self.connection).await?;
        let request = |row| {
            let id = Uuid::from_slice(Row::try_get(row, 0)?).ok();
            id.zip(remembered(row, 1)).ok_or(sqlx::Error::RowNotFound)
        };
        rows.iter().map(request).collect()
    }

    /// Stores a batch durably, or nothing of it.
    async fn store(&mut self, batch: &mut Batch) -> Result<(), sqlx::Error> {
        let mut lines = std::mem::take(&mut batch.lines).into_iter().peekable();
        let mut statement = Statement::default();
        statement.sql.push_str(BEGIN);
        if !batch.new_streams.is_empty() {
            let streams = batch.new_streams.iter().map(|(id, name)| json!([id, name.as_str()]));
            statement.add(NEW_STREAMS, Value::from_iter(streams).to_string())?;
        }
        while lines.peek().is_some() {
            statement.add_lines(lines.by_ref().take(ROWS_MAX))?;
            if lines.peek().is_some() {
                self.execute(std::mem::take(&mut statement)).await?;
            }
        }
        if !batch.new_requests.is_empty() {
            let requests = batch.new_requests.iter().map(|(id, digest, answer)| {
                json!([hex::encode(id), digest, stored(answer.first), answer.lines])
            });
            statement.add(NEW_REQUESTS, Value::from_iter(requests).to_string())?;
        }
        statement.sql.push_str(COMMIT);
        self.execute(statement).await
    }

    async fn execute(&mut self, statement: Statement) -> Result<(), sqlx::Error> {
        let Statement { sql, arguments } = statement;
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let Err(error) = query.execute(&mut self.connection).await else {
            return Ok(());
        };
        // Answers with an error where SQLite rolled back by itself. Should the transaction stay open all
        // the same, the next BEGIN fails, and that is the end.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        Err(error)
    }

    /// Makes a stored batch what is known, and tells the readers.
    fn keep(&mut self, batch: Batch) {
        self.next = batch.next;
        self.streams_given = batch.streams_given;
        for (name, known) in batch.known {
            if known.id.is_some() {
                self.streams.insert(name, known);
            }
        }
        self.signs.newest.send_replace(self.next.0.checked_sub(1).map(Position));
    }

    /// Moves what has gathered in the write-ahead log into the database, so that the log starts over in
    /// place. SQLite would do it by itself inside a commit, but there it keeps errors to itself and lets
    /// callers wait.
    async fn checkpoint_if_due(&mut self) -> Result<(), sqlx::Error> {
        self.commits += 1;
        if self.commits < COMMITS_PER_LOOK {
            return Ok(());
        }
        self.commits = 0;
        let row = sqlx::query(LOOK).fetch_one(&mut self.connection).await?;
        if row.try_get::<i64, _>(1)? >= CHECKPOINT_PAGES {
            self.checkpoint(CHECKPOINT).await?;
        }
        Ok(())
    }

    async fn checkpoint(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match sqlx::query(sql).execute(&mut self.connection).await {
            Ok(_) => Ok(()),
            // Nothing is lost: the write-ahead log still holds what the database could not take.
            Err(error) if is_full(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn close(mut self) -> Result<(), sqlx::Error> {
        self.checkpoint(CHECKPOINT_LAST).await?;
        self.connection.close().await
    }
}

/// Statements that travel to SQLite together, and their values.
#[derive(Default)]
struct Statement {
    sql: String,
    arguments: SqliteArguments,
}

impl Statement {
    fn add(&mut self, sql: &'static str, value: String) -> Result<(), sqlx::Error> {
        self.sql.push_str(sql);
        self.arguments.add(value).map_err(sqlx::Error::Encode)
    }

    fn add_lines(&mut self, lines: impl Iterator<Item = Filed>) -> Result<(), sqlx::Error> {
        let mut before = NEW_LINES;
        for Filed { position, stream, version, line } in lines {
            self.sql.push_str(before);
            before = ROW;
            let arguments = &mut self.arguments;
            let added = arguments
                .add(stored(position))
                .and_then(|()| arguments.add(stream))
                .and_then(|()| arguments.add(version))
                .and_then(|()| arguments.add(line.bytes))
                .and_then(|()| arguments.add(line.leaf.0.to_vec()));
            added.map_err(sqlx::Error::Encode)?;
        }
        self.sql.push(';');
        Ok(())
    }
}

/// Waits for work. False when there will be no more.
async fn gather(
    jobs: &mut mpsc::Receiver<Waiting>,
    closing: &CancellationToken,
    waiting: &mut Vec<Waiting>,
) -> bool {
    let taken = tokio::select! {
        taken = jobs.recv_many(waiting, APPENDS_MAX) => taken,
        () = closing.cancelled() => {
            jobs.close();
            jobs.recv_many(waiting, APPENDS_MAX).await
        }
    };
    if taken == 0 {
        return false;
    }
    // Callers who were just answered come back at once: a turn each lets them share the next fsync. The
    // first turn in which nobody came ends it, so a lone caller waits for nobody.
    loop {
        let before = waiting.len();
        tokio::task::yield_now().await;
        while waiting.len() < APPENDS_MAX
            && let Ok(job) = jobs.try_recv()
        {
            waiting.push(job);
        }
        if waiting.len() == before || waiting.len() >= APPENDS_MAX {
            return true;
        }
    }
}

fn tell(answers: Vec<oneshot::Sender<Verdict>>, verdicts: Vec<Verdict>) {
    for (answer, verdict) in answers.into_iter().zip(verdicts) {
        // Whoever no longer waits will ask again with the same request id.
        let _ = answer.send(verdict);
    }
}

/// The row id of a position: see `schema`.
fn stored(position: Position) -> i64 {
    signed(position.0.saturating_add(1))
}

fn is_full(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == FULL)
}
