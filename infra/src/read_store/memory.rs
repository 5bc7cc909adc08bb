//! The read store for tests: same words, no disk, and no SQL: it does what a question says.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::journal::Position;
use projections::ports::{FreshStore, ModelStep, PortError, ReadStore};
use projections::query::{
    Condition, Join, JoinKind, Query, Relation, Row, RowOrder, Selection, Term,
};
use projections::table::{Cell, Change, Changes, Column, Edit, Table};

/// Tables as sorted maps. For tests: every question looks at every row.
#[derive(Default, Clone)]
pub(super) struct MemoryReadStore(Arc<Mutex<Tables>>);

#[derive(Default, Clone)]
struct Tables {
    positions: BTreeMap<String, Position>,
    rows: BTreeMap<&'static str, BTreeMap<Vec<Cell>, Vec<Cell>>>,
}

struct FreshTables {
    store: MemoryReadStore,
    replaces: MemoryReadStore,
}

impl MemoryReadStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn step(&mut self, step: &ModelStep<'_>) -> Result<(), PortError> {
        let stands = self.positions.get(step.model).copied().unwrap_or(Position(0));
        if stands != step.from {
            let why = format!("{} does not stand where its step begins", step.model);
            return Err(PortError { what: "read store", source: why.into() });
        }
        self.positions.insert(step.model.to_owned(), step.to);
        self.change(step.changes);
        Ok(())
    }

    fn change(&mut self, changes: &Changes) {
        for (table, changed) in changes.tables() {
            let rows = self.rows.entry(table.name).or_default();
            for (key, change) in changed {
                match (change, rows.get_mut(key)) {
                    (Change::Put(row), _) => _ = rows.insert(key.clone(), row.clone()),
                    (Change::Patch(edits), Some(row)) => {
                        for column in table.every_column() {
                            let edit = edits.get(column.name()).cloned();
                            edit.into_iter()
                                .for_each(|edit| Edit::apply(edit, &mut row[column.place()]));
                        }
                    }
                    (Change::Patch(_), None) => {}
                }
            }
        }
    }

    fn of(&self, table: &Table) -> impl Iterator<Item = &Vec<Cell>> {
        self.rows.get(table.name).into_iter().flat_map(BTreeMap::values)
    }

    fn answer(&self, query: &Query) -> Vec<Row> {
        let found = self.of(query.table()).map(|row| Found(vec![(query.table(), Some(row))]));
        let found = query.joins().iter().fold(found.collect(), |found: Vec<_>, join| {
            found.into_iter().flat_map(|found| self.join(&found, join)).collect()
        });
        let meets = |found: &Found<'_>| query.conditions().iter().all(|c| found.meets(c));
        let mut found: Vec<_> = found.into_iter().filter(meets).collect();
        found.sort_by(|one, other| one.order(other, query.order()));
        let rows_max = query.rows_max().and_then(|rows| usize::try_from(rows).ok());
        match query.asked() {
            Selection::Count => vec![Row(vec![Cell::from(found.len() as u64)])],
            Selection::Columns(columns) => {
                let found = found.iter().take(rows_max.unwrap_or(usize::MAX));
                found.map(|found| found.row(columns)).collect()
            }
        }
    }

    fn join<'a>(&'a self, found: &Found<'a>, join: &Join) -> Vec<Found<'a>> {
        let with = |row| found.with(join.table, row);
        let belongs = |found: &Found<'_>| {
            join.on.iter().all(|(left, right)| {
                compare(&found.term(*left), &found.term(*right)) == Some(Ordering::Equal)
            })
        };
        let joined: Vec<_> =
            self.of(join.table).map(|row| with(Some(row))).filter(belongs).collect();
        match join.kind {
            JoinKind::Left if joined.is_empty() => vec![with(None)],
            JoinKind::Left | JoinKind::Inner => joined,
        }
    }
}

/// A row of each table of a question; none where nothing belongs to the others.
#[derive(Clone)]
struct Found<'a>(Vec<(&'static Table, Option<&'a Vec<Cell>>)>);

impl<'a> Found<'a> {
    fn with(&self, table: &'static Table, row: Option<&'a Vec<Cell>>) -> Self {
        let mut found = self.clone();
        found.0.push((table, row));
        found
    }

    fn cell(&self, column: Column) -> Cell {
        let table = column.table().name;
        let row = self.0.iter().find(|(known, _)| known.name == table).and_then(|(_, row)| *row);
        row.map_or(Cell::Null, |row| row[column.place()].clone())
    }

    fn term(&self, term: Term) -> Cell {
        match term {
            Term::Column(column) => self.cell(column),
            Term::Prefixed(prefix, column) => match self.cell(column) {
                Cell::Text(text) => Cell::Text(format!("{prefix}{text}")),
                Cell::Bigint(number) => Cell::Text(format!("{prefix}{number}")),
                Cell::Null => Cell::Null,
            },
            Term::FirstOf(first, second) => match self.cell(first) {
                Cell::Null => self.cell(second),
                cell @ (Cell::Bigint(_) | Cell::Text(_)) => cell,
            },
        }
    }

    fn meets(&self, condition: &Condition) -> bool {
        let cell = self.term(condition.what);
        let order = compare(&cell, &condition.value);
        match condition.relation {
            Relation::IsNull => cell == Cell::Null,
            Relation::Is => order == Some(Ordering::Equal),
            Relation::Below => order == Some(Ordering::Less),
            Relation::Above => order == Some(Ordering::Greater),
            Relation::AtMost => order.is_some_and(Ordering::is_le),
            Relation::AtLeast => order.is_some_and(Ordering::is_ge),
        }
    }

    fn order(&self, other: &Self, by: &[(Column, RowOrder)]) -> Ordering {
        by.iter().fold(Ordering::Equal, |so_far, (column, order)| {
            let ascending = self.cell(*column).cmp(&other.cell(*column));
            so_far.then(match order {
                RowOrder::Ascending => ascending,
                RowOrder::Descending => ascending.reverse(),
            })
        })
    }

    fn row(&self, columns: &[Column]) -> Row {
        Row(columns.iter().map(|column| self.cell(*column)).collect())
    }
}

/// Null stands in no order to anything, itself included.
fn compare(one: &Cell, other: &Cell) -> Option<Ordering> {
    (*one != Cell::Null && *other != Cell::Null).then(|| one.cmp(other))
}

#[async_trait]
impl ReadStore for MemoryReadStore {
    async fn positions(&self) -> Result<BTreeMap<String, Position>, PortError> {
        Ok(self.tables().positions.clone())
    }

    async fn write(&self, steps: &[ModelStep<'_>]) -> Result<(), PortError> {
        let mut tables = self.tables();
        let mut changed = tables.clone();
        steps.iter().try_for_each(|step| changed.step(step))?;
        *tables = changed;
        Ok(())
    }

    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, PortError> {
        let tables = self.tables();
        Ok(queries.iter().map(|query| tables.answer(query)).collect())
    }

    async fn fresh(&self) -> Result<Box<dyn FreshStore>, PortError> {
        Ok(Box::new(FreshTables { store: Self::default(), replaces: self.clone() }))
    }
}

#[async_trait]
impl ReadStore for FreshTables {
    async fn positions(&self) -> Result<BTreeMap<String, Position>, PortError> {
        self.store.positions().await
    }

    async fn write(&self, steps: &[ModelStep<'_>]) -> Result<(), PortError> {
        self.store.write(steps).await
    }

    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, PortError> {
        self.store.query(queries).await
    }

    async fn fresh(&self) -> Result<Box<dyn FreshStore>, PortError> {
        self.store.fresh().await
    }
}

#[async_trait]
impl FreshStore for FreshTables {
    async fn swap_in(self: Box<Self>) -> Result<(), PortError> {
        *self.replaces.tables() = std::mem::take(&mut *self.store.tables());
        Ok(())
    }
}

mod tests {
    use super::super::conformance::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryReadStore::default())));
}
