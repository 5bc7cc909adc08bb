//! Given facts, then rows: how read models are tested.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::ids::StreamName;
use domain::samples::{ANA, BO, History, noon};
use domain::time::minutes;

use crate::read_model::{ReadModel, Refused};
use crate::table::{Cell, Change, Changes, Edit};

/// What happened, from noon on.
#[derive(Default)]
pub(crate) struct GivenLog(History);

impl GivenLog {
    /// And then this happened; the next fact comes a minute later.
    pub(crate) fn and(mut self, stream: &StreamName, actor: Actor, fact: impl Into<Fact>) -> Self {
        self.0.record(stream, actor, fact);
        self.0.pass(minutes(1));
        self
    }

    /// And then Ana did this to her record.
    pub(crate) fn ana(self, fact: impl Into<Fact>) -> Self {
        self.and(&StreamName::patient(ANA), Actor::Patient(ANA), fact)
    }

    /// And then Bo did this to Ana's record.
    pub(crate) fn bo(self, fact: impl Into<Fact>) -> Self {
        self.and(&StreamName::patient(ANA), Actor::Doctor(BO), fact)
    }

    /// The rows that a model makes of it, the same one by one and in one batch.
    pub(crate) fn rows(&self, model: &dyn ReadModel) -> Vec<String> {
        let (mut singly, mut together) = (Rows::default(), Rows::default());
        let mut all = Changes::default();
        for recorded in &self.0.facts {
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
        self.0.facts.iter().find_map(|recorded| self.take(model, recorded, &mut changes).err())
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
