//! Open viewings: which are past their end and were not ended yet. A hint for whoever ends them.

use domain::access::event::{RecordViewed, ViewingEnded};
use domain::fact::FactBody as _;
use domain::fold::Recorded;
use domain::ids::{EventId, PatientId, ViewingId};
use domain::journal::Position;
use domain::time::Moment;

use crate::answer::{Record, ask};
use crate::ports::{PortError, ReadStore};
use crate::query::Query;
use crate::read_model::{Need, ReadModel, Refused, patient_of};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Edit, Table, columns};

static VIEWINGS: Table = Table {
    name: "open_viewings",
    columns: &[
        ("patient", Text),
        ("viewing", Text),
        ("position", Bigint),
        ("event", Text),
        ("until", Bigint),
        ("ended_at", Bigint),
    ],
    key: 2,
    indexes: &[&["ended_at", "until"]],
};

columns! { VIEWINGS:
    PATIENT = "patient", VIEWING = "viewing", POSITION = "position", EVENT = "event",
    UNTIL = "until", ENDED_AT = "ended_at",
}

/// The viewings that nobody has ended.
#[derive(Debug)]
pub struct OpenViewings;

/// A viewing that is past its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastEnd {
    /// Whose record.
    pub patient: PatientId,
    /// The viewing.
    pub viewing: ViewingId,
    /// Where its opening stands.
    pub position: Position,
    /// The event that opened it.
    pub event: EventId,
}

impl OpenViewings {
    /// At most `limit` viewings that were opened at `from` or later and are past their end at `now`, in the
    /// order in which they were opened.
    pub async fn past_their_end(
        store: &dyn ReadStore,
        now: Moment,
        from: Position,
        limit: usize,
    ) -> Result<Vec<PastEnd>, PortError> {
        let query = Query::of(&VIEWINGS)
            .nothing_in(ENDED_AT)
            .at_most(UNTIL, now)
            .at_least(POSITION, from)
            .ascending(POSITION)
            .at_most_rows(limit)
            .columns(&[PATIENT, VIEWING, POSITION, EVENT]);
        ask(store, query).await?.records().map(|row| read(&row)).collect()
    }
}

fn read(row: &Record<'_>) -> Result<PastEnd, PortError> {
    Ok(PastEnd {
        patient: row.parse(PATIENT)?,
        viewing: row.parse(VIEWING)?,
        position: row.position(POSITION)?,
        event: row.parse(EVENT)?,
    })
}

impl ReadModel for OpenViewings {
    fn name(&self) -> &'static str {
        "open_viewings"
    }

    fn table(&self) -> &'static Table {
        &VIEWINGS
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Only(&[RecordViewed::TYPE, ViewingEnded::TYPE])]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let patient = Cell::text(patient_of(recorded)?);
        if let Some(viewed) = recorded.fact.body::<RecordViewed>() {
            changes.put(
                &VIEWINGS,
                [
                    ("patient", patient),
                    ("viewing", Cell::text(viewed.viewing)),
                    ("position", recorded.position.into()),
                    ("event", Cell::text(recorded.id)),
                    ("until", viewed.until.into()),
                ],
            );
        } else if let Some(ended) = recorded.fact.body::<ViewingEnded>() {
            let ended_at = ("ended_at", Edit::Once(recorded.time.into()));
            changes.patch(&VIEWINGS, vec![patient, Cell::text(ended.viewing)], [ended_at]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::access::event::ViewingEnd;
    use domain::actor::Actor;
    use domain::ids::StreamName;
    use domain::samples::{self, ANA};

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn a_viewing_is_open_until_it_is_ended_the_first_time() {
        let opened = GivenLog::default().bo(samples::record_viewed());
        let open = "patient=#a viewing=#71 position=0 event=#e00 until=+15";
        assert_eq!(opened.rows(&OpenViewings), [open]);
        let by_itself = ViewingEnded { reason: ViewingEnd::Expired, ..samples::viewing_ended() };
        let over = opened.and(&StreamName::patient(ANA), Actor::System, by_itself);
        let over = over.bo(samples::viewing_ended());
        assert_eq!(over.rows(&OpenViewings), [format!("{open} ended_at=+1")]);
    }
}
