//! The trail: every event there is, by its envelope. No word of what it was about, so that whoever runs
//! the organisation may read it.

use domain::actor::Actor;
use domain::fact::wanted::TypesWanted;
use domain::ids::{EventHash, StreamName};
use domain::journal::{Position, StreamVersion};
use domain::time::Moment;

use crate::answer::{Record, ask_page};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, before, one_more};
use crate::read_model::{LoggedEvent, ReadModel};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Table, columns};

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

columns! { TRAIL:
    POSITION = "position", KIND = "kind", STREAM = "stream", VERSION = "version", ACTOR = "actor",
    TIME = "time", HASH = "hash",
}

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
    /// Of these types.
    pub kind: Option<TypesWanted>,
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
        let columns = [POSITION, KIND, STREAM, VERSION, ACTOR, TIME, HASH];
        let rows = filter
            .narrow(Query::of(&TRAIL).below(POSITION, before(after)))
            .descending(POSITION)
            .at_most_rows(one_more(limit))
            .columns(&columns);
        let total = filter.narrow(Query::of(&TRAIL)).count();
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }
}

impl TrailFilter {
    fn narrow(&self, mut query: Query) -> Query {
        if let Some(stream) = &self.stream {
            query = query.is(STREAM, Cell::text(stream));
        }
        if let Some(actor) = &self.actor {
            query = query.is(ACTOR, Cell::text(actor));
        }
        if let Some(kind) = &self.kind {
            let (first, beyond) = kind.bounds();
            query = query.at_least(KIND, first).below(KIND, beyond);
        }
        if let Some(from) = self.from {
            query = query.at_least(TIME, from);
        }
        if let Some(until) = self.until {
            query = query.below(TIME, until);
        }
        query
    }
}

fn read(row: &Record<'_>) -> Result<TrailEntry, PortError> {
    Ok(TrailEntry {
        position: row.position(POSITION)?,
        kind: row.parse(KIND)?,
        stream: row.parse(STREAM)?,
        version: StreamVersion(row.number(VERSION)?),
        actor: row.parse(ACTOR)?,
        time: row.moment(TIME)?,
        hash: row.parse(HASH)?,
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
