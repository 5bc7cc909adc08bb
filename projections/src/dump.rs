//! Everything a read store holds, as one text: two stores that hold the same give the same bytes.

use std::fmt::Write as _;

use crate::MODELS;
use crate::ports::{PortError, ReadStore};
use crate::query::Query;
use crate::table::{Column, Table};

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
    let columns: Vec<Column> = table.every_column().collect();
    let by_key = columns.iter().take(table.key);
    by_key.fold(Query::of(table), |query, column| query.ascending(*column)).columns(&columns)
}
