//! What a patient keeps shut whatever their consents say: the whole record, doctors and practices, single
//! reports. For the patient alone; what is shut for a doctor their chart says.

pub mod opened;

use std::collections::HashSet;

use domain::consent::bars::{Bar, BarChange, Shut};
use domain::consent::grantee::Grantee;
use domain::fact::Family;
use domain::fold::Recorded;
use domain::ids::{DoctorId, Owner, PatientId, ReportId};
use domain::journal::Position;
use domain::time::Moment;
use serde::{Deserialize, Serialize};

use crate::answer::{Record, ask, ask_page};
use crate::identity::people::{self, PEOPLE};
use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, before, code, one_more};
use crate::read_model::{Need, ReadModel, Refused, patient_of};
use crate::records::my_reports::{self, REPORTS};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Column, Edit, Table, columns};

static KEPT_SHUT: Table = Table {
    name: "kept_shut",
    columns: &[
        ("patient", Text),
        // What is shut, to whom: one row each, however often it was set and lifted.
        ("bar", Text),
        ("position", Bigint),
        ("at", Bigint),
        ("kind", Text),
        ("whom", Text),
        ("report", Text),
        ("emergency_passes", Bigint),
        ("lifted_at", Bigint),
    ],
    key: 2,
    indexes: &[&["patient", "position"], &["kind", "whom"]],
};

columns! { KEPT_SHUT:
    PATIENT = "patient", POSITION = "position", AT = "at", KIND = "kind", WHOM = "whom",
    REPORT = "report", EMERGENCY_PASSES = "emergency_passes", LIFTED_AT = "lifted_at",
}

/// What [`read`] reads.
const ENTRY: [Column; 11] = [
    PATIENT,
    POSITION,
    AT,
    KIND,
    WHOM,
    REPORT,
    EMERGENCY_PASSES,
    people::NAME,
    people::EVENT,
    my_reports::TITLE,
    my_reports::EVENT,
];

/// What kind of thing is kept shut, as it is stored and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShutKind {
    /// The whole record, to everybody.
    Record,
    /// The whole record, to one doctor or practice.
    Barred,
    /// One report, to one doctor or practice.
    Report,
}

/// Something that a patient keeps shut.
#[derive(Debug, Clone)]
pub struct ShutEntry {
    /// Where that stands.
    pub position: Position,
    /// Since when, or since it was said anew whether an emergency passes.
    pub at: Moment,
    /// What kind of thing.
    pub kind: ShutKind,
    /// To whom; none: to everybody.
    pub whom: Option<Grantee>,
    /// The name of whom.
    pub whom_name: Option<SealedAt>,
    /// The report, if it is one.
    pub report: Option<ReportId>,
    /// Its title.
    pub title: Option<SealedAt>,
    /// Whether an emergency still passes.
    pub emergency_passes: bool,
}

/// What a patient keeps shut.
#[derive(Debug)]
pub struct KeptShut;

impl KeptShut {
    /// What `patient` keeps shut now, the newest first.
    pub async fn of(
        store: &dyn ReadStore,
        patient: PatientId,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<ShutEntry>, PortError> {
        let of_the_patient = |of: Column| (of.into(), PATIENT.into());
        let wanted = Query::of(&KEPT_SHUT)
            .left_join(&PEOPLE, [(people::ACCOUNT.into(), WHOM.into())])
            .left_join(
                &REPORTS,
                [of_the_patient(my_reports::PATIENT), (my_reports::REPORT.into(), REPORT.into())],
            )
            .is(PATIENT, Cell::text(patient))
            .nothing_in(LIFTED_AT);
        let total = wanted.clone().count();
        let rows = wanted
            .below(POSITION, before(after))
            .descending(POSITION)
            .at_most_rows(one_more(limit))
            .columns(&ENTRY);
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }
}

impl KeptShut {
    /// The patients who shut a doctor out of their whole record, everybody or them. The newest charts say so,
    /// too: this keeps rows out of totals that are none.
    pub async fn shutting_out(
        store: &dyn ReadStore,
        doctor: DoctorId,
    ) -> Result<HashSet<PatientId>, PortError> {
        let set = |kind| {
            let rows = Query::of(&KEPT_SHUT).is(KIND, code(&kind)).nothing_in(LIFTED_AT);
            rows.columns(&[PATIENT])
        };
        let barred = Cell::text(Grantee::Doctor(doctor));
        let mut patients = HashSet::new();
        for query in [set(ShutKind::Record), set(ShutKind::Barred).is(WHOM, barred)] {
            for row in ask(store, query).await?.records() {
                patients.insert(row.parse(PATIENT)?);
            }
        }
        Ok(patients)
    }
}

/// Who is shut out of a patient's whole record.
pub(crate) struct ShutOut {
    closed: bool,
    barred: HashSet<Grantee>,
}

impl ShutOut {
    /// What keeps a doctor or a practice out, if anything does.
    pub(crate) fn against(&self, grantee: Grantee) -> Option<Shut> {
        if self.closed {
            return Some(Shut::RecordClosed);
        }
        self.barred.contains(&grantee).then_some(Shut::Barred(grantee))
    }
}

impl KeptShut {
    /// Who is shut out of the whole record of `patient`: for the patient, who is told what a consent does.
    pub(crate) async fn shut_out(
        store: &dyn ReadStore,
        patient: PatientId,
    ) -> Result<ShutOut, PortError> {
        let rows = Query::of(&KEPT_SHUT).is(PATIENT, Cell::text(patient)).nothing_in(LIFTED_AT);
        let mut out = ShutOut { closed: false, barred: HashSet::new() };
        for row in ask(store, rows.columns(&[KIND, WHOM])).await?.records() {
            match row.code::<ShutKind>(KIND)? {
                ShutKind::Record => out.closed = true,
                ShutKind::Barred => out.barred.extend(row.parse_if::<Grantee>(WHOM)?),
                ShutKind::Report => {}
            }
        }
        Ok(out)
    }
}

fn read(row: &Record<'_>) -> Result<ShutEntry, PortError> {
    let whom: Option<Grantee> = row.parse_if(WHOM)?;
    let patient: PatientId = row.parse(PATIENT)?;
    let title = (my_reports::TITLE, my_reports::EVENT);
    let of_the_patient = Owner::Person(patient.uuid());
    Ok(ShutEntry {
        position: row.position(POSITION)?,
        at: row.moment(AT)?,
        kind: row.code(KIND)?,
        whom,
        whom_name: match whom {
            Some(whom) => people::read_name(row, whom.owner())?,
            None => None,
        },
        report: row.parse_if(REPORT)?,
        title: row.sealed_if(title.0, title.1, of_the_patient, WordKind::Private, "/data/title")?,
        emergency_passes: row.number::<u32>(EMERGENCY_PASSES)? == 1,
    })
}

impl ReadModel for KeptShut {
    fn name(&self) -> &'static str {
        "kept_shut"
    }

    fn table(&self) -> &'static Table {
        &KEPT_SHUT
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Every(Family::Consent)]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let patient = Cell::text(patient_of(recorded)?);
        let Some(change) = recorded.fact.consent().and_then(BarChange::of) else { return Ok(()) };
        let (kind, whom) = match change.shut {
            Shut::RecordClosed => (ShutKind::Record, None),
            Shut::Barred(grantee) => (ShutKind::Barred, Some(grantee)),
            Shut::ReportHidden(grantee) => (ShutKind::Report, Some(grantee)),
        };
        let report = change.report;
        match change.set {
            Some(Bar { emergency_passes: passes }) => {
                ShutRow { kind, whom, report, passes }.put(patient, recorded, changes);
            }
            None => {
                let lifted_at = ("lifted_at", Edit::Set(recorded.time.into()));
                changes.patch(&KEPT_SHUT, vec![patient, key(whom, report)], [lifted_at]);
            }
        }
        Ok(())
    }
}

/// What stands for one thing that is shut, to one.
fn key(whom: Option<Grantee>, report: Option<ReportId>) -> Cell {
    let whom = whom.map_or("everybody".to_owned(), |whom| whom.to_string());
    Cell::text(report.map_or(whom.clone(), |report| format!("{whom} {report}")))
}

struct ShutRow {
    kind: ShutKind,
    whom: Option<Grantee>,
    report: Option<ReportId>,
    passes: bool,
}

impl ShutRow {
    fn put(&self, patient: Cell, recorded: &Recorded, changes: &mut Changes) {
        changes.put(
            &KEPT_SHUT,
            [
                ("patient", patient),
                ("bar", key(self.whom, self.report)),
                ("position", recorded.position.into()),
                ("at", recorded.time.into()),
                ("kind", code(&self.kind)),
                ("whom", self.whom.map_or(Cell::Null, Cell::text)),
                ("report", self.report.map_or(Cell::Null, Cell::text)),
                ("emergency_passes", u32::from(self.passes).into()),
            ],
        );
    }
}

#[cfg(test)]
mod tests {
    use domain::consent::event::RecordClosed;
    use domain::samples;

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn what_is_shut_has_a_row_that_says_when_it_was_lifted() {
        let given = GivenLog::default()
            .ana(samples::record_closed())
            .ana(samples::bar_set())
            .ana(samples::report_hidden())
            .ana(RecordClosed { emergency_passes: false })
            .ana(samples::bar_lifted())
            .ana(samples::report_unhidden());
        assert_eq!(
            given.rows(&KeptShut),
            [
                "patient=#a bar=doctor:#b position=1 at=+1 kind=barred whom=doctor:#b \
                 emergency_passes=1 lifted_at=+4",
                "patient=#a bar=doctor:00000000-0000-0000-0000-00000000000b #4e position=2 at=+2 kind=report whom=doctor:#b \
                 report=#4e emergency_passes=1 lifted_at=+5",
                "patient=#a bar=everybody position=3 at=+3 kind=record emergency_passes=0",
            ]
        );
    }

    #[test]
    fn what_is_shut_again_is_shut() {
        let given = GivenLog::default()
            .ana(samples::record_closed())
            .ana(samples::record_opened())
            .ana(samples::record_closed());
        let again = "patient=#a bar=everybody position=2 at=+2 kind=record emergency_passes=1";
        assert_eq!(given.rows(&KeptShut), [again]);
    }
}
