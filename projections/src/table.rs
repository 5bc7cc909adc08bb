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

    /// The column `name`. In a constant a name that the table does not have is an error of the compiler: so
    /// every question names what it asks for, of its own table or of another model's.
    ///
    /// # Panics
    /// If there is no such column.
    pub const fn column(&'static self, name: &str) -> Column {
        let mut place = 0;
        while place < self.columns.len() {
            if same(self.columns[place].0.as_bytes(), name.as_bytes()) {
                return Column { table: self, place };
            }
            place += 1;
        }
        panic!("the table has no column of this name")
    }

    /// Every column, those of the key first.
    pub fn every_column(&'static self) -> impl Iterator<Item = Column> {
        (0..self.columns.len()).map(move |place| Column { table: self, place })
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

/// Whether two texts are the same; `==` is no constant yet.
const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut place = 0;
    while place < one.len() {
        if one[place] != other[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// A column that a table has: see [`Table::column`].
#[derive(Clone, Copy)]
pub struct Column {
    table: &'static Table,
    place: usize,
}

impl Column {
    /// The table.
    pub const fn table(self) -> &'static Table {
        self.table
    }

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        self.table.columns[self.place].0
    }

    /// Where in a row of the table it stands.
    pub const fn place(self) -> usize {
        self.place
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place && self.table.name == other.table.name
    }
}

impl Eq for Column {}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table.name, self.name())
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Names columns of a table, so that questions can ask for them.
macro_rules! columns {
    ($table:ident: $($constant:ident = $name:literal),+ $(,)?) => {
        $(pub(crate) const $constant: $crate::table::Column = $table.column($name);)+
    };
}
pub(crate) use columns;

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
