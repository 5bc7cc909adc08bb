//! Changes as statements of many rows: one statement a row costs two to three times as much.

use std::collections::BTreeMap;

use projections::table::{Cell, Change, Changes, Edit, Table};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

/// How many rows a statement may have: few sizes, so that each statement is prepared once.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// An edit of a column without its value: what the text of a statement depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Set,
    Once,
    Add,
}

/// The columns that a patch edits, and how.
type Shape = Vec<(&'static str, Verb)>;

/// Writes all changes.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    changes: &Changes,
) -> Result<(), sqlx::Error> {
    for (table, rows) in changes.tables() {
        let mut puts: Vec<Vec<&Cell>> = Vec::new();
        let mut patches: BTreeMap<Shape, Vec<Vec<Cell>>> = BTreeMap::new();
        for (key, change) in rows {
            match change {
                Change::Put(row) => puts.push(row.iter().collect()),
                Change::Patch(edits) => {
                    let shape = edits.iter().map(|(column, edit)| (*column, verb(edit))).collect();
                    let values = edits.values().map(value);
                    let row = key.iter().cloned().chain(values).collect();
                    patches.entry(shape).or_default().push(row);
                }
            }
        }
        in_chunks(connection, &puts, |rows| upsert(table, rows)).await?;
        for (shape, rows) in &patches {
            let rows: Vec<Vec<&Cell>> = rows.iter().map(|row| row.iter().collect()).collect();
            in_chunks(connection, &rows, |rows| update(table, shape, rows)).await?;
        }
    }
    Ok(())
}

async fn in_chunks(
    connection: &mut SqliteConnection,
    mut rows: &[Vec<&Cell>],
    statement: impl Fn(usize) -> String,
) -> Result<(), sqlx::Error> {
    for size in SIZES {
        while rows.len() >= size {
            let (chunk, rest) = rows.split_at(size);
            bind(statement(size), chunk.iter().flatten().copied())
                .execute(&mut *connection)
                .await?;
            rows = rest;
        }
    }
    Ok(())
}

/// A statement with its values. The text consists of names of our tables and columns only.
pub(super) fn bind<'a>(
    sql: String,
    cells: impl IntoIterator<Item = &'a Cell>,
) -> Query<'static, Sqlite, SqliteArguments> {
    cells.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, cell| match cell {
        Cell::Null => query.bind(None::<i64>),
        Cell::Bigint(number) => query.bind(*number),
        Cell::Text(text) => query.bind(text.clone()),
    })
}

/// `INSERT … ON CONFLICT`: the row is this, whatever it was. Parameters are bare `?`: SQLite looks a
/// numbered one up in a list, for each of thousands.
fn upsert(table: &Table, rows: usize) -> String {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let key: Vec<&str> = table.key_columns().collect();
    let sets: Vec<String> =
        names[table.key..].iter().map(|name| format!("{name} = excluded.{name}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {}",
        table.name,
        names.join(", "),
        values(names.len(), rows),
        key.join(", "),
        sets.join(", ")
    )
}

/// `UPDATE … FROM (VALUES …)`: rows that are there change, others stay away.
fn update(table: &Table, shape: &Shape, rows: usize) -> String {
    let name = table.name;
    let keys: Vec<&str> = table.key_columns().collect();
    let columns: Vec<String> =
        (0..keys.len() + shape.len()).map(|number| format!("c{number}")).collect();
    let sets = shape.iter().enumerate().map(|(number, (column, verb))| {
        let value = format!("v.c{}", keys.len() + number);
        match verb {
            Verb::Set => format!("{column} = {value}"),
            Verb::Once => format!("{column} = COALESCE({name}.{column}, {value})"),
            Verb::Add => format!("{column} = {name}.{column} + {value}"),
        }
    });
    let sets: Vec<String> = sets.collect();
    let found = keys.iter().enumerate().map(|(number, key)| format!("{name}.{key} = v.c{number}"));
    let found: Vec<String> = found.collect();
    format!(
        "WITH v ({}) AS (VALUES {}) UPDATE {name} SET {} FROM v WHERE {}",
        columns.join(", "),
        values(columns.len(), rows),
        sets.join(", "),
        found.join(" AND ")
    )
}

/// `(?, ?), (?, ?)`
fn values(columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row.as_str(); rows].join(", ")
}

const fn verb(edit: &Edit) -> Verb {
    match edit {
        Edit::Set(_) => Verb::Set,
        Edit::Once(_) => Verb::Once,
        Edit::Add(_) => Verb::Add,
    }
}

fn value(edit: &Edit) -> Cell {
    match edit {
        Edit::Set(cell) | Edit::Once(cell) => cell.clone(),
        Edit::Add(more) => Cell::Bigint(*more),
    }
}
