//! The event database's tables, and what is checked before a database is trusted to be one.

use std::path::PathBuf;

use domain::journal::Position;
use sqlx::sqlite::SqliteConnection;

use super::damage::LogDamage;
use crate::sqlite::database::{DatabaseError, DatabaseKind};

/// Every schema of the event log: its tables and the form of the lines in them.
pub fn database() -> DatabaseKind {
    DatabaseKind::new("an event log", 0x4d4c_4b31, 2, include_str!("migrations/0002_begin.sql"))
}

/// Why an event database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum EventLogOpenError {
    /// Another process, or another part of this one, writes it.
    #[error("{} is in use: only one process may write an event log", .0.display())]
    InUse(PathBuf),
    /// It is no event log, or not one that this program knows.
    #[error(transparent)]
    Database(#[from] DatabaseError),
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
    /// Something of it is rotten or cut, or part of it was lost.
    #[error("{0}")]
    Damaged(Box<LogDamage>),
    /// It is not there, and it was.
    #[error(
        "the event log {} is missing, and it held {known} events: put it back, with everything that stands beside it. None is made in its place",
        .path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// How many events it held, as far as it is known.
        known: u64,
    },
    /// It held more when it was written last, and what is there is whole.
    #[error(
        "{} holds {held} events and held {known} at the last commit, as the hint beside it says: it is older, or the end of its write-ahead log is gone. Restore the newest one with everything that stands beside it; if it is lost for good, go on under a new origin with `medlock log continue`",
        .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// How many events there are.
        held: u64,
        /// How many there were.
        known: u64,
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
