//! Reading the event database, beside the writer or without one.

use std::sync::Arc;

use commands::ports::event_store::{Appended, Damage, Length, ReadError};
use domain::ids::{RequestDigest, StreamName};
use domain::journal::{Leaf, Line, Position, StreamVersion};
use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use uuid::Uuid;

use super::schema::{self, EventLogOpenError, Extent};
use crate::sqlite::errors::is_damage;
use crate::sqlite::reading::TracelessReading;

/// A few connections that can only read.
#[derive(Clone)]
pub(super) struct ReadConnections {
    pool: SqlitePool,
    /// Set where nobody may write meanwhile.
    reading: Option<Arc<TracelessReading>>,
}

/// Rows a connection may be ahead of who reads them. With few, the two wait for each other row by row.
const ROWS_AHEAD: usize = 1_024;

const READ: &str = "
SELECT e.position, s.name AS stream, e.version, e.line, e.leaf
FROM streams s CROSS JOIN events e
WHERE s.name = ? AND e.stream = s.id AND e.version >= ? ORDER BY e.version LIMIT ?";

/// CROSS JOIN keeps SQLite from turning the join round: events first, in order.
const READ_ALL: &str = "
SELECT e.position, s.name AS stream, e.version, e.line, e.leaf
FROM events e CROSS JOIN streams s
WHERE e.position >= ? AND s.id = e.stream ORDER BY e.position LIMIT ?";

const LEAVES: &str = "
SELECT position, leaf FROM events WHERE position >= ? ORDER BY position LIMIT ?";

const LENGTHS: &str = "
SELECT n.key AS place, (SELECT max(e.version) + 1 FROM events e WHERE e.stream = s.id) AS length
FROM json_each(?) n CROSS JOIN streams s WHERE s.name = n.value";

const REQUEST: &str = "SELECT digest, position, lines FROM requests WHERE id = ?";

impl ReadConnections {
    pub(super) async fn open(
        options: SqliteConnectOptions,
        connections: u32,
    ) -> Result<Self, EventLogOpenError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .connect_with(options.read_only(true).row_buffer_size(ROWS_AHEAD))
            .await?;
        Ok(Self { pool, reading: None })
    }

    /// The same for those who leave no trace.
    pub(super) async fn open_read_only(
        options: SqliteConnectOptions,
        connections: u32,
        reading: TracelessReading,
    ) -> Result<Self, EventLogOpenError> {
        let opened = Self::open(options, connections).await?;
        Ok(Self { reading: Some(Arc::new(reading)), ..opened })
    }

    /// What was read counts only if the file is what it was.
    fn still_holds<T>(&self, answer: T) -> Result<T, ReadError> {
        let holds = self.reading.as_ref().map_or(Ok(()), |reading| reading.still_holds());
        holds.map_err(|error| ReadError(error.into()))?;
        Ok(answer)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) async fn extent(&self) -> Result<Extent, ReadError> {
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        schema::extent(&mut connection).await.map_err(failed)
    }

    pub(super) async fn read(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError> {
        let query = sqlx::query(READ).bind(stream.as_str()).bind(i64::from(from.0));
        let rows = query.bind(signed(limit)).fetch(&self.pool);
        let read = consecutive(rows, from.0.., |line, version| {
            let missing = || Damage::Version(stream.clone(), StreamVersion(version));
            if line.version.0 == version { Ok(()) } else { Err(missing()) }
        })
        .await;
        self.still_holds(read)?
    }

    pub(super) async fn read_all(
        &self,
        from: Position,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError> {
        let query = sqlx::query(READ_ALL).bind(signed(from.0.saturating_add(1)));
        let rows = query.bind(signed(limit)).fetch(&self.pool);
        let read = consecutive(rows, from.0.., |line, position| {
            if line.position.0 == position {
                Ok(())
            } else {
                Err(Damage::Position(Position(position)))
            }
        })
        .await;
        self.still_holds(read)?
    }

    pub(super) async fn leaves(
        &self,
        from: Position,
        limit: usize,
    ) -> Result<Vec<Leaf>, ReadError> {
        let query = sqlx::query(LEAVES).bind(signed(from.0.saturating_add(1)));
        let mut rows = query.bind(signed(limit)).fetch(&self.pool);
        let mut leaves = Vec::new();
        let mut expected = signed(from.0.saturating_add(1));
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let stored: i64 = row.try_get("position").map_err(failed)?;
            if stored != expected {
                let missing = Position(expected.saturating_sub(1).unsigned_abs());
                return Err(ReadError(Damage::Position(missing).into()));
            }
            leaves.push(leaf(&row, stored).map_err(|damage| ReadError(damage.into()))?);
            expected += 1;
        }
        self.still_holds(leaves)
    }

    pub(super) async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<Length>, ReadError> {
        let mut lengths = vec![Length(0); streams.len()];
        let rows = sqlx::query(LENGTHS).bind(names(streams)).fetch_all(&self.pool).await;
        for row in rows.map_err(failed)? {
            let place: i64 = row.try_get("place").map_err(failed)?;
            let stored: Option<i64> = row.try_get("length").map_err(failed)?;
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            if let Some(length) = lengths.get_mut(place) {
                *length = Length(u32::try_from(stored.unwrap_or(0)).unwrap_or(u32::MAX));
            }
        }
        self.still_holds(lengths)
    }

    pub(super) async fn request(
        &self,
        id: Uuid,
    ) -> Result<Option<(Appended, RequestDigest)>, ReadError> {
        let query = sqlx::query(REQUEST).bind(id.as_bytes().as_slice());
        let row = query.fetch_optional(&self.pool).await.map_err(failed)?;
        Ok(row.as_ref().and_then(remembered))
    }
}

/// A remembered request from a row of `requests`.
pub(super) fn remembered(row: &SqliteRow) -> Option<(Appended, RequestDigest)> {
    let digest: &[u8] = row.try_get("digest").ok()?;
    let position: i64 = row.try_get("position").ok()?;
    let first = Position(position.checked_sub(1)?.try_into().ok()?);
    let lines = row.try_get::<i64, _>("lines").ok()?.try_into().ok()?;
    Some((Appended { first, lines, again: true }, RequestDigest(digest.try_into().ok()?)))
}

/// Stream names as one bound value, so that one prepared statement serves any number of them.
pub(super) fn names<'a>(streams: impl IntoIterator<Item = &'a StreamName>) -> String {
    serde_json::Value::from_iter(streams.into_iter().map(StreamName::as_str)).to_string()
}

/// The lines of `rows` as far as they follow each other. A gap or a row that cannot be a line is an error
/// only where it comes first, so that whoever reads on meets it at exactly its place.
async fn consecutive<N>(
    mut rows: BoxStream<'_, Result<SqliteRow, sqlx::Error>>,
    mut expected: impl Iterator<Item = N>,
    in_place: impl Fn(&Line, N) -> Result<(), Damage>,
) -> Result<Vec<Line>, ReadError> {
    let mut lines = Vec::new();
    while let Some(row) = rows.try_next().await.map_err(failed)?
        && let Some(expected) = expected.next()
    {
        let stored = row.try_get("position").map_err(failed)?;
        match line(&row, stored).and_then(|line| in_place(&line, expected).map(|()| line)) {
            Ok(line) => lines.push(line),
            Err(damage) if lines.is_empty() => return Err(ReadError(damage.into())),
            Err(_) => break,
        }
    }
    Ok(lines)
}

/// The line in a row that says it is `stored` there.
fn line(row: &SqliteRow, stored: i64) -> Result<Line, Damage> {
    let bad = |column| Damage::Column { position: stored.saturating_sub(1), column };
    let position = stored.checked_sub(1).and_then(|position| u64::try_from(position).ok());
    let name: &str = row.try_get("stream").map_err(|_| bad("stream"))?;
    let version: i64 = row.try_get("version").map_err(|_| bad("version"))?;
    Ok(Line {
        position: Position(position.ok_or_else(|| bad("position"))?),
        stream: name.parse().map_err(|_| bad("stream"))?,
        version: StreamVersion(version.try_into().map_err(|_| bad("version"))?),
        bytes: row.try_get("line").map_err(|_| bad("line"))?,
        leaf: leaf(row, stored)?,
    })
}

/// The leaf in a row that says it is `stored` there.
fn leaf(row: &SqliteRow, stored: i64) -> Result<Leaf, Damage> {
    let bad = || Damage::Column { position: stored.saturating_sub(1), column: "leaf" };
    let bytes: &[u8] = row.try_get("leaf").map_err(|_| bad())?;
    Ok(Leaf(bytes.try_into().map_err(|_| bad())?))
}

/// SQLite's integers are signed; nothing here comes near their end.
pub(super) fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn failed(error: sqlx::Error) -> ReadError {
    match error.as_database_error() {
        Some(database) if is_damage(&error) => {
            ReadError(Damage::File(database.message().to_owned()).into())
        }
        Some(_) | None => ReadError(error.into()),
    }
}
