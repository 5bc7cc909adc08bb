//! Asking a read store, and what comes back: rows whose values are read by the columns that were asked for.

use std::str::FromStr;

use domain::ids::{EventId, Owner};
use domain::journal::Position;
use domain::time::Moment;
use serde::de::DeserializeOwned;

use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Row, Selection};
use crate::table::{Cell, Column};

/// The rows that answer a question.
#[derive(Debug, Clone)]
pub struct Answered {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

impl Answered {
    /// What an engine answered to `query`.
    pub fn new(query: &Query, rows: Vec<Row>) -> Self {
        let columns = match query.asked() {
            Selection::Columns(columns) => columns.clone(),
            Selection::Count => Vec::new(),
        };
        Self { columns, rows }
    }

    /// The rows, in the order asked for.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().map(|row| Record { columns: &self.columns, row })
    }

    /// How many there are, where that was asked.
    pub fn counted(&self) -> Result<u64, PortError> {
        match self.rows.first().and_then(|row| row.0.first()) {
            Some(Cell::Bigint(number)) => Ok(u64::try_from(*number).unwrap_or(0)),
            Some(Cell::Null | Cell::Text(_)) | None => {
                Err(PortError { what: "read store", source: "a count is no number".into() })
            }
        }
    }
}

/// A row, read by column.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    columns: &'a [Column],
    row: &'a Row,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} does not hold what its model wrote")]
struct BadCell(Column);

impl Record<'_> {
    /// None of a column that was not asked for.
    fn cell(&self, column: Column) -> Option<&Cell> {
        let place = self.columns.iter().position(|asked| *asked == column)?;
        self.row.0.get(place)
    }

    fn bad(column: Column) -> PortError {
        PortError { what: "read store", source: Box::new(BadCell(column)) }
    }

    /// Text, or nothing.
    pub fn text_if(&self, column: Column) -> Result<Option<&str>, PortError> {
        match self.cell(column) {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Bigint(_)) | None => Err(Self::bad(column)),
        }
    }

    /// A number, or nothing.
    pub fn number_if<T: TryFrom<i64>>(&self, column: Column) -> Result<Option<T>, PortError> {
        match self.cell(column) {
            Some(Cell::Bigint(n)) => T::try_from(*n).map(Some).map_err(|_| Self::bad(column)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(_)) | None => Err(Self::bad(column)),
        }
    }

    /// A whole number; fails on a column that holds another kind of value.
    pub fn number<T: TryFrom<i64>>(&self, column: Column) -> Result<T, PortError> {
        self.number_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// Anything that is written as text: an id, an actor, a stream name; or nothing.
    pub fn parse_if<T: FromStr>(&self, column: Column) -> Result<Option<T>, PortError> {
        self.text_if(column)?.map(str::parse).transpose().map_err(|_| Self::bad(column))
    }

    /// Anything that is written as text.
    pub fn parse<T: FromStr>(&self, column: Column) -> Result<T, PortError> {
        self.parse_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// What [`crate::query::code`] wrote, or nothing.
    pub fn code_if<T: DeserializeOwned>(&self, column: Column) -> Result<Option<T>, PortError> {
        let code = self.text_if(column)?.map(|text| serde_json::Value::String(text.to_owned()));
        code.map(serde_json::from_value).transpose().map_err(|_| Self::bad(column))
    }

    /// What [`crate::query::code`] wrote.
    pub fn code<T: DeserializeOwned>(&self, column: Column) -> Result<T, PortError> {
        self.code_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// What [`crate::query::json`] wrote, or nothing.
    pub fn json_if<T: DeserializeOwned>(&self, column: Column) -> Result<Option<T>, PortError> {
        let text = self.text_if(column)?;
        text.map(serde_json::from_str).transpose().map_err(|_| Self::bad(column))
    }

    /// What [`crate::query::json`] wrote.
    pub fn json<T: DeserializeOwned>(&self, column: Column) -> Result<T, PortError> {
        self.json_if(column)?.ok_or_else(|| Self::bad(column))
    }

    /// A time, or nothing.
    pub fn moment_if(&self, column: Column) -> Result<Option<Moment>, PortError> {
        Ok(self.number_if::<i64>(column)?.map(Moment::from_micros))
    }

    /// A time.
    pub fn moment(&self, column: Column) -> Result<Moment, PortError> {
        Ok(Moment::from_micros(self.number(column)?))
    }

    /// A position; fails on a column that holds no number from 0.
    pub fn position(&self, column: Column) -> Result<Position, PortError> {
        self.number(column).map(Position)
    }

    /// Sealed personal text, or nothing: the value in `column`, the id of the event that holds it in `event`.
    pub fn sealed_if(
        &self,
        column: Column,
        event: Column,
        owner: Owner,
        kind: WordKind,
        pointer: &'static str,
    ) -> Result<Option<SealedAt>, PortError> {
        let Some(value) = self.text_if(column)? else { return Ok(None) };
        let event: EventId = self.parse(event)?;
        Ok(Some(SealedAt { owner, event, pointer, kind, value: value.to_owned() }))
    }
}

/// One question to `store`.
pub(crate) async fn ask(store: &dyn ReadStore, query: Query) -> Result<Answered, PortError> {
    let [answer] = ask_all(store, [query]).await?;
    Ok(answer)
}

/// Several questions, answered from one state of `store`.
pub(crate) async fn ask_all<const N: usize>(
    store: &dyn ReadStore,
    queries: [Query; N],
) -> Result<[Answered; N], PortError> {
    let mut answers = store.query(&queries).await?.into_iter();
    Ok(queries.map(|query| Answered::new(&query, answers.next().unwrap_or_default())))
}

/// A page and its total from one state of `store`: `rows` answers one row more than `limit`, `total` one
/// number.
pub(crate) async fn ask_page<T>(
    store: &dyn ReadStore,
    (rows, total): (Query, Query),
    limit: usize,
    read: impl Fn(&Record<'_>) -> Result<T, PortError>,
    key: impl Fn(&T) -> Position,
) -> Result<ListPage<T>, PortError> {
    let [rows, total] = ask_all(store, [rows, total]).await?;
    let items = rows.records().map(|record| read(&record)).collect::<Result<_, _>>()?;
    Ok(ListPage::cut(items, limit, total.counted()?, key))
}
