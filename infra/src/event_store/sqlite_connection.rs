//! The connection that writes the event database: look-ups, one transaction a batch, and the care of the
//! write-ahead log.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use commands::ports::event_store::Length;
use domain::ids::StreamName;
use domain::journal::{Leaf, Position};
use serde_json::{Value, json};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, Connection, Row};
use uuid::Uuid;

use super::hint::{HintWriter, LogReach, mark};
use super::schema::{self, EventLogOpenError, Extent};
use super::sqlite_batch::{AppendBatch, AppendsByRequest, Filed, KnownStream};
use super::sqlite_lock::LogLock;
use super::sqlite_reader::{names, remembered, signed};
use crate::sqlite::database::DatabaseKind;
use crate::sqlite::errors::is_full;

/// Most rows in one INSERT. Each number of rows is a prepared statement of its own.
const ROWS_MAX: usize = 64;
/// Room for those statements, with and without new streams and requests.
const STATEMENTS: usize = 4 * ROWS_MAX;
/// Pages in the write-ahead log from which on it is emptied into the database. Fewer: more bytes are
/// written twice. More: callers wait longer when it happens.
const CHECKPOINT_PAGES: u64 = 3_800;
/// What a page takes in the write-ahead log.
const FRAME_BYTES: u64 = 4_096 + 24;
/// By how much the file of the write-ahead log is made longer than it needs to be.
const RESERVE_BYTES: u64 = 2 << 20;

const STREAMS: &str = "
SELECT s.name, s.id,
    (SELECT ifnull(max(e.version) + 1, 0) FROM events e WHERE e.stream = s.id) AS length
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
const LEAF: &str = "SELECT leaf FROM events WHERE position = ?";
const LOOK: &str = "PRAGMA wal_checkpoint(NOOP)";
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";
const CHECKPOINT_LAST: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// The one connection that writes.
pub(super) struct WriteConnection {
    sqlite: SqliteConnection,
    /// The write-ahead log's file.
    wal: PathBuf,
    /// Its length, as far as it is known.
    reserved: u64,
    /// Pages in it, at the last commit.
    pages: u64,
    hint: HintWriter,
    /// Held until SQLite is closed: keeps every other process out.
    _lock: LogLock,
}

impl WriteConnection {
    /// Opens the database at `path`, and makes it if it is not there.
    pub(super) async fn open(
        path: &Path,
        wal: PathBuf,
        (database, options): (&DatabaseKind, SqliteConnectOptions),
        lock: LogLock,
    ) -> Result<(Self, Extent), EventLogOpenError> {
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // SQLite's own checkpoints happen inside a commit: callers wait, and errors are kept quiet.
            .pragma("wal_autocheckpoint", "0")
            .statement_cache_capacity(STATEMENTS);
        let mut sqlite = database.open(path, options).await?;
        // What a killed process left in the write-ahead log may be in memory only, though it can be read:
        // it is brought to the disk before anything is built on it.
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut sqlite).await?;
        let extent = schema::extent(&mut sqlite).await?.whole()?;
        let reach = reach(&mut sqlite, extent).await?;
        let hint = HintWriter::begin(path, reach);
        let mut connection = Self { sqlite, wal, reserved: 0, pages: 0, hint, _lock: lock };
        connection.reserve(0);
        Ok((connection, extent))
    }

    /// The streams among `asked` that exist.
    pub(super) async fn streams(
        &mut self,
        asked: &[&StreamName],
    ) -> Result<Vec<(StreamName, KnownStream)>, sqlx::Error> {
        let query = sqlx::query(STREAMS).bind(names(asked.iter().copied()));
        let rows = query.fetch_all(&mut self.sqlite).await?;
        let stream = |row: &sqlx::sqlite::SqliteRow| {
            let name: &str = row.try_get("name")?;
            let name = name.parse().map_err(|bad| sqlx::Error::Decode(Box::new(bad)))?;
            let (id, length) = (Some(row.try_get("id")?), Length(row.try_get("length")?));
            Ok((name, KnownStream { id, length }))
        };
        rows.iter().map(stream).collect()
    }

    /// The requests among `asked` that are remembered.
    pub(super) async fn requests(
        &mut self,
        asked: &[Uuid],
    ) -> Result<AppendsByRequest, sqlx::Error> {
        let asked = Value::from_iter(asked.iter().map(hex::encode)).to_string();
        let rows = sqlx::query(REQUESTS).bind(asked).fetch_all(&mut self.sqlite).await?;
        let request = |row| {
            let id = Uuid::from_slice(Row::try_get(row, "id")?).ok();
            id.zip(remembered(row)).ok_or(sqlx::Error::RowNotFound)
        };
        rows.iter().map(request).collect()
    }

    /// Stores a batch durably, or nothing of it.
    pub(super) async fn store(&mut self, batch: &mut AppendBatch) -> Result<(), sqlx::Error> {
        let leaves: Vec<Leaf> = batch.lines.iter().map(|filed| filed.line.leaf).collect();
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
        self.execute(statement).await?;
        self.leave_hint(leaves).await;
        Ok(())
    }

    /// Says outside the write-ahead log how far it reaches now, before anybody is told that it does.
    async fn leave_hint(&mut self, leaves: Vec<Leaf>) {
        let row = sqlx::query(LOOK).fetch_one(&mut self.sqlite).await;
        let pages = row.and_then(|row| row.try_get::<i64, _>("log"));
        self.pages = pages.map_or(0, i64::unsigned_abs);
        self.hint.committed(self.pages, leaves);
    }

    async fn execute(&mut self, statement: Statement) -> Result<(), sqlx::Error> {
        let Statement { sql, arguments } = statement;
        // Made of the constants above and nothing else; every value is bound.
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let Err(error) = query.execute(&mut self.sqlite).await else {
            return Ok(());
        };
        // Answers with an error where SQLite rolled back by itself. Should the transaction stay open all
        // the same, the next BEGIN fails, and that is the end.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.sqlite).await;
        Err(error)
    }

    /// Looks after the write-ahead log; meant for the time between two batches.
    pub(super) async fn look_after_log(&mut self) -> Result<(), sqlx::Error> {
        if self.pages >= CHECKPOINT_PAGES {
            return self.checkpoint(CHECKPOINT).await;
        }
        self.reserve(self.pages);
        Ok(())
    }

    /// Makes the write-ahead log's file longer ahead of its use. An fsync of blocks that are there already
    /// is several times faster on a busy disk than one that must also make a new length durable. SQLite
    /// takes zeros after its last frame for the end of the log; nothing else writes there while this task
    /// does. After a checkpoint the log starts over in the same file, so this happens once.
    fn reserve(&mut self, pages_used: u64) {
        let wanted = pages_used * FRAME_BYTES + RESERVE_BYTES / 2;
        if self.reserved < wanted && self.reserved < CHECKPOINT_PAGES * FRAME_BYTES {
            // On a full disk it goes on without: that there is no room is for the commit to say.
            self.reserved = lengthen(&self.wal, wanted).unwrap_or(u64::MAX);
        }
    }

    async fn checkpoint(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match sqlx::query(sql).execute(&mut self.sqlite).await {
            Ok(_) => Ok(()),
            // Nothing is lost: the write-ahead log still holds what the database could not take.
            Err(error) if is_full(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Empties the write-ahead log into the database and lets go of the files.
    pub(super) async fn close(mut self) -> Result<(), sqlx::Error> {
        self.checkpoint(CHECKPOINT_LAST).await?;
        self.sqlite.close().await
    }
}

/// Which log it is that was opened, for its hint.
async fn reach(sqlite: &mut SqliteConnection, extent: Extent) -> Result<LogReach, sqlx::Error> {
    let mut log = LogReach { held: extent.held, ..LogReach::default() };
    for (position, mark_of) in [(1, &mut log.first), (extent.held, &mut log.newest)] {
        let leaf = sqlx::query_scalar::<_, Vec<u8>>(LEAF).bind(signed(position));
        let leaf = leaf.fetch_optional(&mut *sqlite).await?.and_then(|leaf| leaf.try_into().ok());
        *mark_of = leaf.map(|leaf| mark(&Leaf(leaf))).unwrap_or_default();
    }
    Ok(log)
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

/// Adds zeros to a file that is shorter than `wanted`, and answers its length.
fn lengthen(path: &Path, wanted: u64) -> std::io::Result<u64> {
    let mut file = File::options().append(true).open(path)?;
    if file.metadata()?.len() < wanted {
        std::io::copy(&mut std::io::repeat(0).take(RESERVE_BYTES), &mut file)?;
    }
    Ok(file.metadata()?.len())
}

/// The row id of a position: see `schema`.
fn stored(position: Position) -> i64 {
    signed(position.0.saturating_add(1))
}
