//! The tables of a schema: made in an empty file, looked for in any other.

use projections::table::{ColumnType, Schema, Table};
use sqlx::{AssertSqlSafe, SqlitePool};

use super::ReadStoreError;

/// Makes the tables in an empty file; of any other file sees to it that it has exactly these.
pub(super) async fn make(writer: &SqlitePool, schema: &Schema) -> Result<(), ReadStoreError> {
    let layout: Vec<String> = schema.tables.iter().flat_map(|table| ddl(table)).collect();
    let layout_text = layout.join(";\n");
    let mut transaction = writer.begin().await?;
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema")
        .fetch_one(&mut *transaction)
        .await?;
    if tables > 0 {
        let stored: Result<String, _> =
            sqlx::query_scalar("SELECT layout FROM read_layout").fetch_one(&mut *transaction).await;
        return match stored {
            Ok(stored) if stored == layout_text => Ok(()),
            Ok(_) => Err(ReadStoreError::OtherTables),
            Err(error) => match ReadStoreError::from(error) {
                damage if damage.is_damage() => Err(damage),
                _ => Err(ReadStoreError::OtherTables),
            },
        };
    }
    for statement in layout {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    sqlx::query("CREATE TABLE read_layout (layout TEXT NOT NULL)")
        .execute(&mut *transaction)
        .await?;
    sqlx::query("INSERT INTO read_layout (layout) VALUES (?)")
        .bind(layout_text)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("CREATE TABLE read_positions (model TEXT PRIMARY KEY, next BIGINT NOT NULL)")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// The statements that make a table. Rows live in the tree of their key: every question goes by it.
fn ddl(table: &Table) -> Vec<String> {
    let columns = table.columns.iter().enumerate().map(|(place, (name, kind))| {
        let kind = match kind {
            ColumnType::Text => "TEXT",
            ColumnType::Bigint => "BIGINT",
        };
        let not_null = if place < table.key { " NOT NULL" } else { "" };
        format!("{name} {kind}{not_null}")
    });
    let columns: Vec<String> = columns.collect();
    let key: Vec<&str> = table.key_columns().collect();
    let mut statements = vec![format!(
        "CREATE TABLE {} ({}, PRIMARY KEY ({})) WITHOUT ROWID",
        table.name,
        columns.join(", "),
        key.join(", ")
    )];
    for (number, columns) in table.indexes.iter().enumerate() {
        let name = table.name;
        let columns = columns.join(", ");
        statements.push(format!("CREATE INDEX {name}_{number} ON {name} ({columns})"));
    }
    statements
}
