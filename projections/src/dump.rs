//! Everything a read store holds, as one text: two stores that hold the same give the same bytes.

use std::fmt::Write as _;

use crate::MODELS;
use crate::ports::{PortError, ReadStore};
use crate::query::Query;
use crate::table::Table;

/// The places of the models, then every table in the order of its key. Sealed personal text stays sealed.
pub async fn dump(store: &dyn ReadStore) -> Result<String, PortError> {
    let mut text = String::new();
    for (model, next) in store.positions().await? {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{model} {next}");
    }
    let tables: Vec<_> = MODELS.iter().map(|model| model.table()).collect();
    let questions: Vec<Query> = tables.iter().map(|table| whole(table)).collect();
    let answers = store.query(&questions).await?;
    for (table, rows) in tables.iter().zip(answers) {
        let _ = writeln!(text, "\n{}", table.name);
        for row in rows {
            let _ = writeln!(text, "{:?}", row.0);
        }
    }
    Ok(text)
}

fn whole(table: &'static Table) -> Query {
    let mut query = Query::new("SELECT ", []);
    for (place, (column, _)) in table.columns.iter().enumerate() {
        query = query.and(if place == 0 { "" } else { ", " }).and(column);
    }
    query = query.and(" FROM ").and(table.name);
    for (place, column) in table.key_columns().enumerate() {
        query = query.and(if place == 0 { " ORDER BY " } else { ", " }).and(column);
    }
    query
}
