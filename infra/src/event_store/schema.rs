//! The event database's tables, and what is checked before a database is trusted to be one.

use std::path::PathBuf;

use domain::journal::Position;
use sqlx::sqlite::SqliteConnection;

/// "MLK1": tells this file from any other SQLite database.
const APPLICATION: i64 = 0x4d4c_4b31;
/// The format of the file: its tables and the form of the lines in them. 1 was never released.
const VERSION: i64 = 2;

/// `events.position` is the position + 1, so that SQLite's own sequence table remembers how long the log
/// once was. Streams get small numbers because an index over 44-byte names costs a third of the speed.
const CREATE: &str = "
BEGIN IMMEDIATE;
CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL,
    version INTEGER NOT NULL,
    line BLOB NOT NULL,
    leaf BLOB NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE TABLE requests (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    position INTEGER NOT NULL,
    lines INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT raise(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT raise(ABORT, 'an event is never deleted'); END;
CREATE TRIGGER streams_are_never_changed BEFORE UPDATE ON streams
    BEGIN SELECT raise(ABORT, 'a stream is never renamed'); END;
CREATE TRIGGER streams_are_never_deleted BEFORE DELETE ON streams
    BEGIN SELECT raise(ABORT, 'a stream is never deleted'); END;
CREATE TRIGGER requests_are_never_changed BEFORE UPDATE ON requests
    BEGIN SELECT raise(ABORT, 'a request is never changed'); END;
CREATE TRIGGER requests_are_never_deleted BEFORE DELETE ON requests
    BEGIN SELECT raise(ABORT, 'a request is never deleted'); END;
PRAGMA application_id = 1296845617;
PRAGMA user_version = 2;
COMMIT";

/// Why an event database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum EventLogOpenError {
    /// Another process, or another part of this one, writes it.
    #[error("{} is in use: only one process may write an event log", .0.display())]
    InUse(PathBuf),
    /// A later version of this program wrote it.
    #[error(
        "the event log has schema version {found} and this program knows {VERSION}: use the newer program"
    )]
    Newer {
        /// The version found.
        found: i64,
    },
    /// A version of this program from before the first release wrote it.
    #[error(
        "the event log is of format {found}, from before the first release, and this program reads format {VERSION} only: use the program that wrote it, or begin a new data folder. Nothing was changed"
    )]
    Older {
        /// The version found.
        found: i64,
    },
    /// A database of something else.
    #[error("{} is not an event log", .0.display())]
    Foreign(PathBuf),
    /// The log was longer once.
    #[error(
        "the event log holds {held} events but held {once} once: its tail was cut, and nothing more is written to it. Restore a backup, or run verify to see what is left"
    )]
    Cut {
        /// One more than the newest position.
        held: u64,
        /// One more than the highest position ever given.
        once: u64,
    },
    /// The files could not be opened.
    #[error("the event log could not be opened: {0}")]
    Io(#[from] std::io::Error),
    /// SQLite could not open it.
    #[error("the event log could not be opened: {0}")]
    Sqlite(#[from] sqlx::Error),
}

/// Where a log stands when it is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// How many events it holds.
    pub(super) held: u64,
    /// How many it held at its longest.
    pub(super) once: u64,
    /// The highest stream number.
    pub(super) streams: i64,
}

impl Extent {
    pub(super) fn newest(self) -> Option<Position> {
        self.held.checked_sub(1).map(Position)
    }

    /// A log is only written on where it ended.
    pub(super) const fn whole(self) -> Result<Self, EventLogOpenError> {
        if self.held == self.once {
            Ok(self)
        } else {
            Err(EventLogOpenError::Cut { held: self.held, once: self.once })
        }
    }
}

/// Makes the tables in an empty database, and refuses one that is not ours.
pub(super) async fn prepare(
    connection: &mut SqliteConnection,
    path: &std::path::Path,
) -> Result<(), EventLogOpenError> {
    let tables: i64 = number(connection, "SELECT count(*) FROM sqlite_schema").await?;
    if tables == 0 && number(connection, "PRAGMA user_version").await? == 0 {
        sqlx::raw_sql(CREATE).execute(&mut *connection).await?;
    }
    check(connection, path).await
}

/// Refuses a database that is not an event log of a known version.
pub(super) async fn check(
    connection: &mut SqliteConnection,
    path: &std::path::Path,
) -> Result<(), EventLogOpenError> {
    if number(connection, "PRAGMA application_id").await? != APPLICATION {
        return Err(EventLogOpenError::Foreign(path.to_owned()));
    }
    match number(connection, "PRAGMA user_version").await? {
        VERSION => Ok(()),
        found if found < VERSION => Err(EventLogOpenError::Older { found }),
        found => Err(EventLogOpenError::Newer { found }),
    }
}

/// Reads where the log stands: three look-ups at the end of a table, however long the log is.
pub(super) async fn extent(connection: &mut SqliteConnection) -> Result<Extent, sqlx::Error> {
    let held = number(connection, "SELECT ifnull(max(position), 0) FROM events").await?;
    let once =
        number(connection, "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'")
            .await?;
    let streams = number(connection, "SELECT ifnull(max(id), 0) FROM streams").await?;
    Ok(Extent { held: held.unsigned_abs(), once: once.unsigned_abs(), streams })
}

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(sql).fetch_one(connection).await
}
