//! `SqliteReactions`: how far each reaction has come, and receipts of anchors that are not in the log yet.

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use commands::ports::cursors::Cursors;
use commands::ports::due_list::{Due, DueList};
use commands::ports::receipts::{AnchorReceipt, Receipts};
use domain::ids::EventId;
use domain::journal::Position;
use domain::time::Moment;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::writer::WorkWrite;
use super::{WorkDb, fault, read};

/// What reactions keep in the work store.
pub struct SqliteReactions {
    db: WorkDb,
}

impl SqliteReactions {
    /// Keeps it in `db`.
    pub fn new(db: WorkDb) -> Self {
        Self { db }
    }
}

/// SQLite counts in signed numbers.
fn signed(number: u64) -> Result<i64, WorkError> {
    i64::try_from(number).map_err(|error| WorkError::Store(Box::new(error)))
}

fn unsigned(number: i64) -> Result<u64, WorkError> {
    u64::try_from(number).map_err(|error| WorkError::Store(Box::new(error)))
}

#[async_trait]
impl Cursors for SqliteReactions {
    async fn cursor(&self, reaction: &str) -> Result<Option<Position>, WorkError> {
        let next: Option<i64> =
            sqlx::query_scalar("SELECT next FROM reaction_cursors WHERE reaction = ?")
                .bind(reaction)
                .fetch_optional(&self.db.readers)
                .await
                .map_err(fault)?;
        next.map(|next| unsigned(next).map(Position)).transpose()
    }

    async fn keep_cursor(&self, reaction: &str, next: Position) -> Result<(), WorkError> {
        let reaction = reaction.to_owned();
        self.db.write(KeptCursor { reaction, next: signed(next.0)? }).await
    }
}

struct KeptCursor {
    reaction: String,
    next: i64,
}

#[async_trait]
impl WorkWrite for KeptCursor {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO reaction_cursors (reaction, next) VALUES (?, ?)
                   ON CONFLICT (reaction) DO UPDATE SET next = excluded.next";
        sqlx::query(sql).bind(&self.reaction).bind(self.next).execute(db).await.map(drop)
    }
}

fn due(row: &SqliteRow) -> Result<Due<AnchorReceipt>, WorkError> {
    let text = |column| row.try_get::<&str, _>(column).map_err(fault);
    let number = |column| row.try_get(column).map_err(fault).and_then(unsigned);
    let receipt = serde_json::from_str(text("receipt")?);
    Ok(Due {
        place: number("number")?,
        cause: read(text("cause")?)?,
        position: Position(number("position")?),
        what: AnchorReceipt {
            anchor: text("anchor")?.to_owned(),
            size: number("size")?,
            checkpoint: text("checkpoint")?.to_owned(),
            receipt: receipt.map_err(|error| WorkError::Store(Box::new(error)))?,
        },
    })
}

#[async_trait]
impl DueList<AnchorReceipt> for SqliteReactions {
    async fn due(
        &self,
        _now: Moment,
        place: u64,
        limit: usize,
    ) -> Result<Option<Vec<Due<AnchorReceipt>>>, WorkError> {
        let sql = "SELECT number, anchor, size, checkpoint, receipt, cause, position
                   FROM anchor_receipts WHERE number >= ? ORDER BY number LIMIT ?";
        let rows = sqlx::query(sql)
            .bind(signed(place)?)
            .bind(signed(limit as u64)?)
            .fetch_all(&self.db.readers)
            .await
            .map_err(fault)?;
        rows.iter().map(due).collect::<Result<_, _>>().map(Some)
    }

    async fn settle(&self, due: &Due<AnchorReceipt>) -> Result<(), WorkError> {
        self.db.write(SettledReceipt(signed(due.place)?)).await
    }
}

struct SettledReceipt(i64);

#[async_trait]
impl WorkWrite for SettledReceipt {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "DELETE FROM anchor_receipts WHERE number = ?";
        sqlx::query(sql).bind(self.0).execute(db).await.map(drop)
    }
}

#[async_trait]
impl Receipts for SqliteReactions {
    async fn keep(
        &self,
        cause: EventId,
        position: Position,
        receipt: &AnchorReceipt,
    ) -> Result<(), WorkError> {
        let text = serde_json::to_string(&receipt.receipt);
        let kept = KeptReceipt {
            anchor: receipt.anchor.clone(),
            size: signed(receipt.size)?,
            checkpoint: receipt.checkpoint.clone(),
            receipt: text.map_err(|error| WorkError::Store(Box::new(error)))?,
            cause: cause.to_string(),
            position: signed(position.0)?,
        };
        self.db.write(kept).await
    }
}

struct KeptReceipt {
    anchor: String,
    size: i64,
    checkpoint: String,
    /// As JSON.
    receipt: String,
    cause: String,
    position: i64,
}

#[async_trait]
impl WorkWrite for KeptReceipt {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO anchor_receipts (anchor, size, checkpoint, receipt, cause, position)
                   VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        sqlx::query(sql)
            .bind(&self.anchor)
            .bind(self.size)
            .bind(&self.checkpoint)
            .bind(&self.receipt)
            .bind(&self.cause)
            .bind(self.position)
            .execute(db)
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::conformance::reactions::{KeptForReactions, Place, conformance};
    use super::super::fixture::WorkFixture;
    use super::*;

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move {
                Arc::new(SqliteReactions::new(fixture.reopened().await))
                    as Arc<dyn KeptForReactions>
            }
        })
    });
}
