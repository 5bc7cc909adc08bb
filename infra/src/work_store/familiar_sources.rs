//! `SqliteFamiliarSources`: from where each address was logged in to, as keyed hashes.

use std::time::Duration;

use async_trait::async_trait;
use commands::ports::credentials::{FamiliarSources, WorkError};
use domain::ids::{LoginHash, SourceHash};
use domain::time::{Moment, minutes};
use sqlx::sqlite::SqliteConnection;

use super::writer::WorkWrite;
use super::{WorkDb, fault};

/// How long a source stays familiar after the last time.
pub(super) const FAMILIAR_FOR: Duration = minutes(90 * DAY);
const DAY: u64 = 24 * 60;

/// Familiar sources in the work store.
pub struct SqliteFamiliarSources {
    db: WorkDb,
}

impl SqliteFamiliarSources {
    /// Keeps them in `db`.
    pub fn new(db: WorkDb) -> Self {
        Self { db }
    }
}

#[async_trait]
impl FamiliarSources for SqliteFamiliarSources {
    async fn let_in(
        &self,
        address: LoginHash,
        source: SourceHash,
        now: Moment,
    ) -> Result<(), WorkError> {
        self.db.write(LetIn { address, source, now }).await
    }

    async fn is_familiar(
        &self,
        address: LoginHash,
        source: SourceHash,
        now: Moment,
    ) -> Result<bool, WorkError> {
        let sql =
            "SELECT count(*) FROM familiar_sources WHERE address = ? AND source = ? AND until > ?";
        let found: i64 = sqlx::query_scalar(sql)
            .bind(address.0.as_slice())
            .bind(source.0.as_slice())
            .bind(now.micros())
            .fetch_one(&self.db.readers)
            .await
            .map_err(fault)?;
        Ok(found > 0)
    }
}

struct LetIn {
    address: LoginHash,
    source: SourceHash,
    now: Moment,
}

#[async_trait]
impl WorkWrite for LetIn {
    type Answer = ();

    /// Once a day: who logs in ten times in an hour costs the disk one write. What is past its end is swept.
    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "
DELETE FROM familiar_sources WHERE until <= ?;
INSERT INTO familiar_sources (address, source, until) VALUES (?, ?, ?)
    ON CONFLICT (address, source) DO UPDATE SET until = excluded.until
    WHERE excluded.until - familiar_sources.until >= ?;";
        sqlx::query(sql)
            .bind(self.now.micros())
            .bind(self.address.0.as_slice())
            .bind(self.source.0.as_slice())
            .bind(self.now.plus(FAMILIAR_FOR).micros())
            .bind(i64::try_from(minutes(DAY).as_micros()).unwrap_or(i64::MAX))
            .execute(db)
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::conformance::familiar_sources::{Place, conformance};
    use super::super::fixture::WorkFixture;
    use super::*;

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move {
                let opened: Arc<dyn FamiliarSources> =
                    Arc::new(SqliteFamiliarSources::new(fixture.reopened().await));
                opened
            }
        })
    });

    #[tokio::test]
    async fn what_is_past_its_end_is_swept() {
        let fixture = WorkFixture::new().await;
        let sources = SqliteFamiliarSources::new(fixture.db.clone());
        let now = fixture.now();
        for n in 1..=3 {
            sources.let_in(LoginHash([n; 32]), SourceHash([n; 16]), now).await.unwrap();
        }
        let then = now.plus(FAMILIAR_FOR);
        sources.let_in(LoginHash([4; 32]), SourceHash([4; 16]), then).await.unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM familiar_sources")
            .fetch_one(&fixture.db.readers)
            .await
            .unwrap();
        assert_eq!(rows, 1);
    }
}
