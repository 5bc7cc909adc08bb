//! The trail: every event there is, by its envelope. No word of what it was about, so that whoever runs
//! the organisation may read it.

use domain::actor::Actor;
use domain::ids::{EventHash, StreamName};
use domain::journal::{Position, StreamVersion};
use domain::time::Moment;

use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Row, ask_page, before, one_more};
use crate::read_model::{LoggedEvent, ReadModel};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Table};

static TRAIL: Table = Table {
    name: "trail",
    columns: &[
        ("position", Bigint),
        ("kind", Text),
        ("stream", Text),
        ("version", Bigint),
        ("actor", Text),
        ("time", Bigint),
        ("hash", Text),
    ],
    key: 1,
    indexes: &[&["stream", "position"], &["actor", "position"], &["kind", "position"], &["time"]],
};

/// The trail of everything.
#[derive(Debug)]
pub struct Trail;

/// Which events a list shows. Everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct TrailFilter {
    /// Of this stream.
    pub stream: Option<StreamName>,
    /// By this actor.
    pub actor: Option<Actor>,
    /// Of this type.
    pub kind: Option<String>,
    /// Not before.
    pub from: Option<Moment>,
    /// Before.
    pub until: Option<Moment>,
}

/// An event in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEntry {
    /// Place in the whole log.
    pub position: Position,
    /// Its type.
    pub kind: String,
    /// Its stream.
    pub stream: StreamName,
    /// Place in its stream.
    pub version: StreamVersion,
    /// Who acted, as written.
    pub actor: String,
    /// The time the decision used.
    pub time: Moment,
    /// BLAKE3-256 of the line.
    pub hash: EventHash,
}

impl Trail {
    /// The events that `filter` lets through, newest first.
    pub async fn of(
        store: &dyn ReadStore,
        filter: &TrailFilter,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<TrailEntry>, PortError> {
        let columns = "SELECT position, kind, stream, version, actor, time, hash FROM trail \
                       WHERE position < $1";
        let rows = filter
            .narrow(Query::new(columns, [before(after)]))
            .with(" ORDER BY position DESC LIMIT ", one_more(limit));
        let total = filter.narrow(Query::new("SELECT COUNT(*) FROM trail WHERE 1 = 1", []));
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }
}

impl TrailFilter {
    fn narrow(&self, mut query: Query) -> Query {
        if let Some(stream) = &self.stream {
            query = query.with(" AND stream = ", Cell::text(stream));
        }
        if let Some(actor) = &self.actor {
            query = query.with(" AND actor = ", Cell::text(actor));
        }
        if let Some(kind) = &self.kind {
            query = query.with(" AND kind = ", kind.as_str());
        }
        if let Some(from) = self.from {
            query = query.with(" AND time >= ", from);
        }
        if let Some(until) = self.until {
            query = query.with(" AND time < ", until);
        }
        query
    }
}

fn read(row: &Row) -> Result<TrailEntry, PortError> {
    Ok(TrailEntry {
        position: row.position(0)?,
        kind: row.parse(1)?,
        stream: row.parse(2)?,
        version: StreamVersion(row.number(3)?),
        actor: row.parse(4)?,
        time: row.moment(5)?,
        hash: row.parse(6)?,
    })
}

impl ReadModel for Trail {
    fn name(&self) -> &'static str {
        "trail"
    }

    fn table(&self) -> &'static Table {
        &TRAIL
    }

    fn take_line(&self, seen: &LoggedEvent, changes: &mut Changes) {
        changes.put(
            &TRAIL,
            [
                ("position", seen.position.into()),
                ("kind", seen.kind.as_str().into()),
                ("stream", Cell::text(&seen.stream)),
                ("version", seen.version.0.into()),
                ("actor", seen.actor.as_str().into()),
                ("time", seen.time.into()),
                ("hash", Cell::text(seen.hash)),
            ],
        );
    }
}
