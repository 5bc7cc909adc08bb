//! Questions to a read store, and lists that are shown page by page.

mod sql;

use domain::journal::Position;
use serde::Serialize;

use crate::table::{Cell, Column, Table};

/// A question, as plain data: an engine makes of it what its own language asks.
///
/// Every column in it is one of a table that was declared ([`Table::column`]), the question's own or that of
/// another model: a column that is renamed stops the compiler at whoever asks for it.
#[derive(Debug, Clone)]
pub struct Query {
    table: &'static Table,
    joins: Vec<Join>,
    asked: Selection,
    conditions: Vec<Condition>,
    order: Vec<(Column, RowOrder)>,
    rows_max: Option<u64>,
}

/// What is asked of the rows that are found.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These columns of each.
    Columns(Vec<Column>),
    /// How many there are.
    Count,
}

/// The rows of another table that belong to those of the question's.
#[derive(Debug, Clone)]
pub struct Join {
    /// The other table. None stands twice in a question.
    pub table: &'static Table,
    /// What becomes of a row to which none belongs.
    pub kind: JoinKind,
    /// What must be equal; null equals nothing.
    pub on: Vec<(Term, Term)>,
}

/// What becomes of a row to which no row of a joined table belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// It is left out.
    Inner,
    /// It stays, the other's columns null.
    Left,
}

/// What a join compares.
#[derive(Debug, Clone, Copy)]
pub enum Term {
    /// A column.
    Column(Column),
    /// A word of this program before a column: `doctor:` before an id makes an account.
    Prefixed(&'static str, Column),
    /// The first, or where it is null the second.
    FirstOf(Column, Column),
}

impl From<Column> for Term {
    fn from(column: Column) -> Self {
        Self::Column(column)
    }
}

/// What must hold of a row; of a null only that it is one.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What is compared: a column, or what is made of columns.
    pub what: Term,
    /// How it stands to the value.
    pub relation: Relation,
    /// The value; null and without meaning where none is compared.
    pub value: Cell,
}

/// How a column stands to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is the value.
    Is,
    /// It is null.
    IsNull,
    /// It is smaller.
    Below,
    /// It is larger.
    Above,
    /// It is not larger.
    AtMost,
    /// It is not smaller.
    AtLeast,
}

/// In which order rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

impl Query {
    /// A question to a table.
    pub fn of(table: &'static Table) -> Self {
        let (joins, conditions, order) = (Vec::new(), Vec::new(), Vec::new());
        Self { table, joins, asked: Selection::Count, conditions, order, rows_max: None }
    }

    /// Rows to which one of `table` belongs.
    #[must_use]
    pub fn join<const N: usize>(self, table: &'static Table, on: [(Term, Term); N]) -> Self {
        self.joined(table, JoinKind::Inner, on.into())
    }

    /// And what belongs to them in `table`, if anything does.
    #[must_use]
    pub fn left_join<const N: usize>(self, table: &'static Table, on: [(Term, Term); N]) -> Self {
        self.joined(table, JoinKind::Left, on.into())
    }

    fn joined(mut self, table: &'static Table, kind: JoinKind, on: Vec<(Term, Term)>) -> Self {
        debug_assert!(!self.knows(table), "{} stands twice in a question", table.name);
        self.joins.push(Join { table, kind, on });
        self
    }

    fn knows(&self, table: &Table) -> bool {
        let mut tables = self.joins.iter().map(|join| join.table).chain([self.table]);
        tables.any(|known| known.name == table.name)
    }

    fn given(mut self, what: impl Into<Term>, relation: Relation, value: Cell) -> Self {
        self.conditions.push(Condition { what: what.into(), relation, value });
        self
    }

    /// Rows whose column, or what is made of columns, is `value`.
    #[must_use]
    pub fn is(self, what: impl Into<Term>, value: impl Into<Cell>) -> Self {
        self.given(what, Relation::Is, value.into())
    }

    /// Rows whose column holds nothing.
    #[must_use]
    pub fn nothing_in(self, column: Column) -> Self {
        self.given(column, Relation::IsNull, Cell::Null)
    }

    /// Rows whose column is smaller than `value`.
    #[must_use]
    pub fn below(self, column: Column, value: impl Into<Cell>) -> Self {
        self.given(column, Relation::Below, value.into())
    }

    /// Rows whose column is larger than `value`.
    #[must_use]
    pub fn above(self, column: Column, value: impl Into<Cell>) -> Self {
        self.given(column, Relation::Above, value.into())
    }

    /// Rows whose column is not larger than `value`.
    #[must_use]
    pub fn at_most(self, column: Column, value: impl Into<Cell>) -> Self {
        self.given(column, Relation::AtMost, value.into())
    }

    /// Rows whose column is not smaller than `value`.
    #[must_use]
    pub fn at_least(self, column: Column, value: impl Into<Cell>) -> Self {
        self.given(column, Relation::AtLeast, value.into())
    }

    /// The smallest first.
    #[must_use]
    pub fn ascending(mut self, column: Column) -> Self {
        self.order.push((column, RowOrder::Ascending));
        self
    }

    /// The largest first.
    #[must_use]
    pub fn descending(mut self, column: Column) -> Self {
        self.order.push((column, RowOrder::Descending));
        self
    }

    /// No more rows than these.
    #[must_use]
    pub fn at_most_rows(mut self, rows: usize) -> Self {
        self.rows_max = Some(rows as u64);
        self
    }

    /// These columns of each row.
    #[must_use]
    pub fn columns(mut self, columns: &[Column]) -> Self {
        let known = columns.iter().all(|column| self.knows(column.table()));
        debug_assert!(known, "a column of a table that is not in the question");
        self.asked = Selection::Columns(columns.into());
        self
    }

    /// How many rows there are, as the one column of one row.
    #[must_use]
    pub fn count(mut self) -> Self {
        self.asked = Selection::Count;
        self
    }

    /// The table whose rows are asked for.
    pub const fn table(&self) -> &'static Table {
        self.table
    }

    /// What is joined to it, in this order.
    pub fn joins(&self) -> &[Join] {
        &self.joins
    }

    /// What is asked of each row.
    pub const fn asked(&self) -> &Selection {
        &self.asked
    }

    /// What must hold, all of it.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The order, the first column first.
    pub fn order(&self) -> &[(Column, RowOrder)] {
        &self.order
    }

    /// The most rows that are wanted.
    pub const fn rows_max(&self) -> Option<u64> {
        self.rows_max
    }
}

/// One row of an answer, as it comes from an engine: in the order of the columns asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub Vec<Cell>);

/// A code of the domain, as it stands in events: `laboratory`, `TREAT`, `no_consent`.
pub fn code<T: Serialize>(value: &T) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Cell::Text(text),
        Ok(_) | Err(_) => {
            debug_assert!(false, "not a code");
            Cell::Null
        }
    }
}

/// A value of the domain as JSON text.
pub fn json<T: Serialize>(value: &T) -> Cell {
    serde_json::to_string(value).map_or(Cell::Null, Cell::Text)
}

/// Part of a list, and how long the whole list is under the same filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How many the filter lets through in all.
    pub total: u64,
    /// What to ask for `after` to get the next page; none on the last.
    pub next: Option<Position>,
}

impl<T> ListPage<T> {
    /// A page of what may hold one item too many: that it is there says that there is a next page.
    pub fn cut(mut items: Vec<T>, limit: usize, total: u64, key: impl Fn(&T) -> Position) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(key);
        Self { items, total, next }
    }

    /// The page of a whole list that stands newest first in memory.
    pub fn of_newest_first(
        items: Vec<T>,
        after: Option<Position>,
        limit: usize,
        key: impl Fn(&T) -> Position,
    ) -> Self {
        let total = items.len() as u64;
        // By comparison, not by finding: the entry behind the cursor may have left the list since.
        let rest = items.into_iter().filter(|item| after.is_none_or(|after| key(item) < after));
        Self::cut(rest.take(limit.saturating_add(1)).collect(), limit, total, key)
    }
}

/// The rows for a page: one more than asked, to see whether there is a next one.
pub(crate) const fn one_more(limit: usize) -> usize {
    limit.saturating_add(1)
}

/// A keyset bound for lists that run newest first.
pub(crate) fn before(after: Option<Position>) -> Cell {
    after.map_or(Cell::Bigint(i64::MAX), Cell::from)
}

/// A keyset bound for lists that run oldest first.
pub(crate) fn beyond(after: Option<Position>) -> Cell {
    after.map_or(Cell::Bigint(-1), Cell::from)
}
