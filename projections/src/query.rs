//! Questions to a read store and what comes back.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::str::FromStr;

use domain::ids::{EventId, Owner};
use domain::journal::Position;
use domain::time::Moment;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::table::Cell;

/// A question: SQL that consists of text of this program only, and what is filled in.
#[derive(Debug, Clone)]
pub struct Query {
    sql: Cow<'static, str>,
    args: Vec<Cell>,
}

impl Query {
    /// A question whose text stands whole in the program; its parameters are `$1`, `$2` …
    pub fn new<const N: usize>(sql: &'static str, args: [Cell; N]) -> Self {
        Self { sql: Cow::Borrowed(sql), args: args.into() }
    }

    /// Adds a piece of text.
    #[must_use]
    pub fn and(mut self, piece: &'static str) -> Self {
        self.sql.to_mut().push_str(piece);
        self
    }

    /// Adds a piece of text and the next parameter after it.
    #[must_use]
    pub fn with(mut self, piece: &'static str, arg: impl Into<Cell>) -> Self {
        self.args.push(arg.into());
        // Writing to a String cannot fail.
        let _ = write!(self.sql.to_mut(), "{piece}${}", self.args.len());
        self
    }

    /// The text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// What stands for `$1`, `$2` …
    pub fn args(&self) -> &[Cell] {
        &self.args
    }
}

/// One row of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub Vec<Cell>);

#[derive(Debug, thiserror::Error)]
#[error("column {0} does not hold what its model wrote")]
struct BadCell(usize);

impl Row {
    fn bad(column: usize) -> PortError {
        PortError { what: "read store", source: Box::new(BadCell(column)) }
    }

    /// Text, or nothing.
    pub fn text_if(&self, column: usize) -> Result<Option<&str>, PortError> {
        match self.0.get(column) {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Bigint(_)) | None => Err(Self::bad(column)),
        }
    }

    /// A number, or nothing.
    pub fn number_if<T: TryFrom<i64>>(&self, column: usize) -> Result<Option<T>, PortError> {
        match self.0.get(column) {
            Some(Cell::Bigint(n)) => T::try_from(*n).map(Some).map_err(|_| Self::bad(column)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(_)) | None => Err(Self::bad(column)),
        }
    }

    /// A whole number; fails on a column that holds another kind of value.
    pub fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, PortError> {
        self.number_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// Anything that is written as text: an id, an actor, a stream name; or nothing.
    pub fn parse_if<T: FromStr>(&self, column: usize) -> Result<Option<T>, PortError> {
        self.text_if(column)?.map(str::parse).transpose().map_err(|_| Self::bad(column))
    }

    /// Anything that is written as text.
    pub fn parse<T: FromStr>(&self, column: usize) -> Result<T, PortError> {
        self.parse_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// What [`code`] wrote, or nothing.
    pub fn code_if<T: DeserializeOwned>(&self, column: usize) -> Result<Option<T>, PortError> {
        let code = self.text_if(column)?.map(|text| serde_json::Value::String(text.to_owned()));
        code.map(serde_json::from_value).transpose().map_err(|_| Self::bad(column))
    }

    /// What [`code`] wrote.
    pub fn code<T: DeserializeOwned>(&self, column: usize) -> Result<T, PortError> {
        self.code_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// What [`json`] wrote.
    pub fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, PortError> {
        let text = self.text_if(column)?.ok_or_else(|| Self::bad(column))?;
        serde_json::from_str(text).map_err(|_| Self::bad(column))
    }

    /// A time, or nothing.
    pub fn moment_if(&self, column: usize) -> Result<Option<Moment>, PortError> {
        Ok(self.number_if::<i64>(column)?.map(Moment::from_micros))
    }

    /// A time.
    pub fn moment(&self, column: usize) -> Result<Moment, PortError> {
        Ok(Moment::from_micros(self.number(column)?))
    }

    /// A position; fails on a column that holds no number from 0.
    pub fn position(&self, column: usize) -> Result<Position, PortError> {
        self.number(column).map(Position)
    }

    /// Sealed personal text, or nothing: the value in `column`, the id of the event that holds it in `event`.
    pub fn sealed_if(
        &self,
        column: usize,
        event: usize,
        owner: Owner,
        kind: WordKind,
        pointer: &'static str,
    ) -> Result<Option<SealedAt>, PortError> {
        let Some(value) = self.text_if(column)? else { return Ok(None) };
        let event: EventId = self.parse(event)?;
        Ok(Some(SealedAt { owner, event, pointer, kind, value: value.to_owned() }))
    }
}

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

/// One question to `store`.
pub(crate) async fn ask(store: &dyn ReadStore, query: Query) -> Result<Vec<Row>, PortError> {
    Ok(store.query(&[query]).await?.pop().unwrap_or_default())
}

/// A page and its total from one state of `store`: `rows` answers one row more than `limit`, `total` one
/// number.
pub(crate) async fn ask_page<T>(
    store: &dyn ReadStore,
    (rows, total): (Query, Query),
    limit: usize,
    read: impl Fn(&Row) -> Result<T, PortError>,
    key: impl Fn(&T) -> Position,
) -> Result<ListPage<T>, PortError> {
    let mut answers = store.query(&[rows, total]).await?.into_iter();
    let rows = answers.next().unwrap_or_default();
    let total = answers.next().unwrap_or_default().first().map_or(Ok(0), |row| row.number(0))?;
    let items = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(ListPage::cut(items, limit, total, key))
}

/// `LIMIT` for a page: one more than asked, to see whether there is a next one.
pub(crate) fn one_more(limit: usize) -> Cell {
    Cell::from(limit as u64 + 1)
}

/// A keyset bound for lists that run newest first.
pub(crate) fn before(after: Option<Position>) -> Cell {
    after.map_or(Cell::Bigint(i64::MAX), Cell::from)
}

/// A keyset bound for lists that run oldest first.
pub(crate) fn beyond(after: Option<Position>) -> Cell {
    after.map_or(Cell::Bigint(-1), Cell::from)
}
