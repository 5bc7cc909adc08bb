//! `SqliteLeases`: one row for each lease, with the fence of its newest taking.

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use commands::ports::leases::{Fence, Lease, Leases, Taking};
use domain::time::Moment;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::WorkDb;
use super::writer::WorkWrite;

/// Leases in the work store.
pub struct SqliteLeases {
    db: WorkDb,
}

impl SqliteLeases {
    /// Keeps them in `db`.
    pub fn new(db: WorkDb) -> Self {
        Self { db }
    }
}

/// A wish to take a lease.
struct WantedLease {
    name: String,
    holder: String,
    now: Moment,
    until: Moment,
}

/// The fence of a lease that was taken; or until when another holds it.
enum LeaseDecision {
    Taken(i64),
    HeldUntil(i64),
}

#[async_trait]
impl WorkWrite for WantedLease {
    type Answer = LeaseDecision;

    async fn write(&self, db: &mut SqliteConnection) -> Result<LeaseDecision, sqlx::Error> {
        let sql = "INSERT INTO leases (name, holder, until, fence) VALUES (?1, ?2, ?3, 1)
                   ON CONFLICT (name) DO UPDATE
                   SET holder = excluded.holder, until = excluded.until, fence = fence + 1
                   WHERE holder IS NULL OR holder = excluded.holder OR until <= ?4
                   RETURNING fence";
        let taken = sqlx::query(sql)
            .bind(&self.name)
            .bind(&self.holder)
            .bind(self.until.micros())
            .bind(self.now.micros())
            .fetch_optional(&mut *db)
            .await?;
        if let Some(row) = taken {
            return row.try_get("fence").map(LeaseDecision::Taken);
        }
        let sql = "SELECT until FROM leases WHERE name = ?";
        let row = sqlx::query(sql).bind(&self.name).fetch_one(db).await?;
        row.try_get("until").map(LeaseDecision::HeldUntil)
    }
}

/// What becomes of a lease that was taken: held until then, or given back.
struct LeaseChange {
    lease: Lease,
    until: Option<Moment>,
}

#[async_trait]
impl WorkWrite for LeaseChange {
    /// Whether it was still its holder's.
    type Answer = bool;

    async fn write(&self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let sql =
            "UPDATE leases SET holder = iif(?1 IS NULL, NULL, holder), until = coalesce(?1, until)
                   WHERE name = ?2 AND holder = ?3 AND fence = ?4";
        let changed = sqlx::query(sql)
            .bind(self.until.map(Moment::micros))
            .bind(&self.lease.name)
            .bind(&self.lease.holder)
            .bind(i64::try_from(self.lease.fence.0).unwrap_or(i64::MAX))
            .execute(db)
            .await?;
        Ok(changed.rows_affected() == 1)
    }
}

#[async_trait]
impl Leases for SqliteLeases {
    async fn take(
        &self,
        name: &str,
        holder: &str,
        now: Moment,
        until: Moment,
    ) -> Result<Taking, WorkError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        let wanted = WantedLease { name: name.clone(), holder: holder.clone(), now, until };
        Ok(match self.db.write(wanted).await? {
            LeaseDecision::Taken(fence) => {
                let fence = u64::try_from(fence).map_err(|error| WorkError::Store(error.into()))?;
                Taking::Taken(Lease { name, holder, fence: Fence(fence) })
            }
            LeaseDecision::HeldUntil(until) => Taking::HeldUntil(Moment::from_micros(until)),
        })
    }

    async fn renew(&self, lease: &Lease, until: Moment) -> Result<bool, WorkError> {
        self.db.write(LeaseChange { lease: lease.clone(), until: Some(until) }).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), WorkError> {
        self.db.write(LeaseChange { lease: lease.clone(), until: None }).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::conformance::leases::{Place, conformance};
    use super::super::fixture::WorkFixture;
    use super::*;

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move { Arc::new(SqliteLeases::new(fixture.reopened().await)) as Arc<dyn Leases> }
        })
    });
}
