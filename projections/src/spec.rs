//! Given facts, then rows: how read models are tested.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::identity::event::SubjectKey;
use domain::ids::{
    AdminId, ChallengeId, ConsentId, DoctorId, EventId, KeyCommitment, KeyId, PatientId, ReportId,
    SessionId, StreamName, ViewingId,
};
use domain::journal::{Position, StreamVersion};
use domain::time::{Moment, minutes};
use domain::words::Words;
use uuid::Uuid;

use crate::read_model::{ReadModel, Refused};
use crate::table::{Cell, Change, Changes, Edit};

pub(crate) const ANA: PatientId = PatientId::new(Uuid::from_u128(0xa));
pub(crate) const BO: DoctorId = DoctorId::new(Uuid::from_u128(0xb));
pub(crate) const CY: AdminId = AdminId::new(Uuid::from_u128(0xc));
pub(crate) const SESSION: SessionId = SessionId::new(Uuid::from_u128(0x5e));
pub(crate) const CONSENT: ConsentId = ConsentId::new(Uuid::from_u128(0xc0));
pub(crate) const REPORT: ReportId = ReportId::new(Uuid::from_u128(0x4e));
pub(crate) const VIEWING: ViewingId = ViewingId::new(Uuid::from_u128(0x71));
pub(crate) const CHALLENGE: ChallengeId = ChallengeId::new(Uuid::from_u128(0x0c));

/// Noon of the day on which everything in these tests happens; each fact comes a minute later.
pub(crate) fn noon() -> Moment {
    "2026-11-23T12:00:00.000000Z".parse().unwrap()
}

/// Words as a log holds them.
pub(crate) fn words(sealed: &str) -> Words {
    Words::Sealed(sealed.to_owned())
}

pub(crate) fn key() -> SubjectKey {
    SubjectKey { key_id: KeyId([1; 16]), commitment: KeyCommitment([2; 32]) }
}

pub(crate) fn on_ana() -> StreamName {
    StreamName::patient(ANA)
}

/// Facts in the order of a log.
#[derive(Default)]
pub(crate) struct Given(Vec<Recorded>);

impl Given {
    /// And then this happened.
    pub(crate) fn and(mut self, stream: StreamName, actor: Actor, fact: impl Into<Fact>) -> Self {
        let position = self.0.len() as u64;
        let version = self.0.iter().filter(|earlier| earlier.stream == stream).count();
        self.0.push(Recorded {
            position: Position(position),
            stream,
            version: StreamVersion(u32::try_from(version).unwrap()),
            id: EventId::new(Uuid::from_u128(0xe00 + u128::from(position))),
            time: noon().plus(minutes(position)),
            actor,
            behalf: None,
            cause_event: None,
            fact: fact.into(),
        });
        self
    }

    /// The rows that a model makes of it, the same one by one and in one batch.
    pub(crate) fn rows(&self, model: &dyn ReadModel) -> Vec<String> {
        let (mut singly, mut together) = (Rows::default(), Rows::default());
        let mut all = Changes::default();
        for recorded in &self.0 {
            let mut one = Changes::default();
            self.take(model, recorded, &mut one).unwrap();
            self.take(model, recorded, &mut all).unwrap();
            singly.write(&one);
        }
        together.write(&all);
        assert_eq!(singly.shown(model), together.shown(model));
        together.shown(model)
    }

    /// Why a model stops.
    pub(crate) fn refusal(&self, model: &dyn ReadModel) -> Option<Refused> {
        let mut changes = Changes::default();
        self.0.iter().find_map(|recorded| self.take(model, recorded, &mut changes).err())
    }

    fn take(
        &self,
        model: &dyn ReadModel,
        recorded: &Recorded,
        changes: &mut Changes,
    ) -> Result<(), Refused> {
        let kind = recorded.fact.kind();
        let needed = model.needs().iter().any(|need| need.covers(kind));
        if needed { model.take_fact(recorded, changes) } else { Ok(()) }
    }
}

/// What a store does with changes, said as plainly as can be.
#[derive(Default)]
struct Rows(BTreeMap<Vec<Cell>, Vec<Cell>>);

impl Rows {
    fn write(&mut self, changes: &Changes) {
        for (table, rows) in changes.tables() {
            let place = |column| table.columns.iter().position(|(name, _)| *name == column);
            for (key, change) in rows {
                match (change, self.0.get_mut(key)) {
                    (Change::Put(row), _) => _ = self.0.insert(key.clone(), row.clone()),
                    (Change::Patch(_), None) => {}
                    (Change::Patch(edits), Some(row)) => {
                        for (column, edit) in edits {
                            Edit::apply(edit.clone(), &mut row[place(*column).unwrap()]);
                        }
                    }
                }
            }
        }
    }

    /// `column=value` for what is not null, ids by their last digits, times as minutes after noon.
    fn shown(&self, model: &dyn ReadModel) -> Vec<String> {
        let columns = model.table().columns;
        let show = |row: &Vec<Cell>| {
            let cells = columns.iter().zip(row).filter_map(|((name, _), cell)| match cell {
                Cell::Null => None,
                Cell::Bigint(n) if *n >= noon().micros() => {
                    Some(format!("{name}=+{}", (n - noon().micros()) / 60_000_000))
                }
                Cell::Bigint(n) => Some(format!("{name}={n}")),
                Cell::Text(text) => Some(format!("{name}={}", short(text))),
            });
            cells.collect::<Vec<_>>().join(" ")
        };
        self.0.values().map(show).collect()
    }
}

fn short(text: &str) -> String {
    match text.rsplit_once("00000000-0000-0000-0000-") {
        Some((before, id)) => format!("{before}#{}", id.trim_start_matches('0')),
        None => text.to_owned(),
    }
}
