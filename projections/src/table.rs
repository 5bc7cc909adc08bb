//! Tables and changes as plain data: what a read model says, whatever keeps it.

use std::collections::BTreeMap;
use std::fmt;

use domain::journal::Position;
use domain::time::Moment;

/// The types a column may have. Times are microseconds in a `BIGINT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `TEXT`
    Text,
    /// `BIGINT`
    Bigint,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number, a time, a position.
    Bigint(i64),
    /// Text, ids and codes too.
    Text(String),
}

impl Cell {
    /// An id, a code, an actor: anything with one spelling.
    pub fn text(value: impl fmt::Display) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<Moment> for Cell {
    fn from(moment: Moment) -> Self {
        Self::Bigint(moment.micros())
    }
}

impl From<Position> for Cell {
    fn from(position: Position) -> Self {
        Self::Bigint(i64::try_from(position.0).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Bigint(number.into())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Bigint(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A table of a read model. Adapters make their own DDL of it.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns; those of the key come first.
    pub columns: &'static [(&'static str, ColumnType)],
    /// How many columns the primary key has.
    pub key: usize,
    /// Further indexes, by columns.
    pub indexes: &'static [&'static [&'static str]],
}

impl Table {
    /// The columns of the primary key.
    pub fn key_columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().take(self.key).map(|(name, _)| *name)
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

/// Every table there is, and the version of what stands in them.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Raised when the same events make other rows.
    pub version: u32,
    /// The tables.
    pub tables: Vec<&'static Table>,
}

/// What happens to one column of a row that is already there. A column is either counted (`Add`) or
/// written (`Set`, `Once`), never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// It becomes this.
    Set(Cell),
    /// It becomes this if it was null: the first word stands.
    Once(Cell),
    /// It grows by this.
    Add(i64),
}

/// What happens to one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The row, key included, is this, whatever it was.
    Put(Vec<Cell>),
    /// These columns change if the row is there; a row that is not there stays away.
    Patch(BTreeMap<&'static str, Edit>),
}

/// The changes of a batch: one for each row, however often it was touched.
#[derive(Debug, Default)]
pub struct Changes {
    tables: BTreeMap<&'static str, (&'static Table, BTreeMap<Vec<Cell>, Change>)>,
}

impl Changes {
    /// The row is this; columns that are not named are null.
    pub fn put<const N: usize>(
        &mut self,
        table: &'static Table,
        columns: [(&'static str, Cell); N],
    ) {
        let mut row = vec![Cell::Null; table.columns.len()];
        for (name, cell) in columns {
            match table.place(name) {
                Some(place) => row[place] = cell,
                None => debug_assert!(false, "{} has no column {name}", table.name),
            }
        }
        let key = row[..table.key].to_vec();
        self.rows(table).insert(key, Change::Put(row));
    }

    /// The row with this key, if there is one, changes.
    pub fn patch<const N: usize>(
        &mut self,
        table: &'static Table,
        key: Vec<Cell>,
        edits: [(&'static str, Edit); N],
    ) {
        debug_assert_eq!(key.len(), table.key, "key of {}", table.name);
        let change = self.rows(table).entry(key).or_insert_with(|| Change::Patch(BTreeMap::new()));
        for (name, edit) in edits {
            match change {
                Change::Put(row) => match table.place(name) {
                    Some(place) => edit.apply(&mut row[place]),
                    None => debug_assert!(false, "{} has no column {name}", table.name),
                },
                Change::Patch(earlier) => match earlier.remove(name) {
                    Some(first) => _ = earlier.insert(name, first.then(edit)),
                    None => _ = earlier.insert(name, edit),
                },
            }
        }
    }

    /// The changed rows of each table, in the order of their keys.
    pub fn tables(&self) -> impl Iterator<Item = (&'static Table, &BTreeMap<Vec<Cell>, Change>)> {
        self.tables.values().map(|(table, rows)| (*table, rows))
    }

    /// How many rows change.
    pub fn len(&self) -> usize {
        self.tables().map(|(_, rows)| rows.len()).sum()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    fn rows(&mut self, table: &'static Table) -> &mut BTreeMap<Vec<Cell>, Change> {
        &mut self.tables.entry(table.name).or_insert_with(|| (table, BTreeMap::new())).1
    }
}

impl Edit {
    /// Makes the edit.
    pub fn apply(self, cell: &mut Cell) {
        match self {
            Self::Set(value) => *cell = value,
            Self::Once(value) => {
                if *cell == Cell::Null {
                    *cell = value;
                }
            }
            Self::Add(more) => {
                // Null and a number is null, as in SQL.
                if let Cell::Bigint(number) = cell {
                    *number = number.saturating_add(more);
                }
            }
        }
    }

    /// This edit, then another, as one.
    fn then(self, next: Self) -> Self {
        match (self, next) {
            (_, Self::Set(value)) => Self::Set(value),
            (Self::Set(mut value), next @ (Self::Once(_) | Self::Add(_))) => {
                next.apply(&mut value);
                Self::Set(value)
            }
            (Self::Once(Cell::Null), next) => next,
            (Self::Add(a), Self::Add(b)) => Self::Add(a.saturating_add(b)),
            (first @ Self::Once(_), Self::Once(_)) => first,
            (first @ Self::Once(_), Self::Add(_)) | (first @ Self::Add(_), Self::Once(_)) => {
                debug_assert!(false, "a column is counted or written, never both");
                first
            }
        }
    }
}
