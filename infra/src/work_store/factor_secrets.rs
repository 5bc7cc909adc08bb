//! `SqliteFactorSecrets`: the seeds of authenticator apps, and recovery codes as keyed hashes.

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use commands::ports::factor_secrets::{FactorSecrets, KeptSeed, RecoveryHash};
use domain::actor::Actor;
use domain::ids::FactorId;
use sqlx::sqlite::SqliteConnection;

use super::writer::WorkWrite;
use super::{WorkDb, fault};

/// Seeds and recovery codes in the work store.
pub struct SqliteFactorSecrets {
    db: WorkDb,
}

impl SqliteFactorSecrets {
    /// Keeps them in `db`.
    pub fn new(db: WorkDb) -> Self {
        Self { db }
    }
}

#[async_trait]
impl FactorSecrets for SqliteFactorSecrets {
    async fn keep_seed(&self, account: Actor, seed: KeptSeed) -> Result<(), WorkError> {
        self.db.write(NewSeed { account, seed }).await
    }

    async fn seed(&self, factor: FactorId) -> Result<Option<KeptSeed>, WorkError> {
        let found: Option<(String, i64)> =
            sqlx::query_as("SELECT seed, step FROM app_seeds WHERE factor = ?")
                .bind(factor.to_string())
                .fetch_optional(&self.db.readers)
                .await
                .map_err(fault)?;
        Ok(found.map(|(sealed, step)| KeptSeed { factor, sealed, step: step.unsigned_abs() }))
    }

    async fn use_step(&self, factor: FactorId, step: u64) -> Result<bool, WorkError> {
        self.db.write(UsedStep { factor, step }).await
    }

    async fn keep_codes(
        &self,
        account: Actor,
        factor: FactorId,
        codes: Vec<RecoveryHash>,
    ) -> Result<(), WorkError> {
        self.db.write(NewCodes { account, factor, codes }).await
    }

    async fn use_code(&self, factor: FactorId, code: RecoveryHash) -> Result<bool, WorkError> {
        self.db.write(UsedCode { factor, code }).await
    }

    async fn codes_left(&self, factor: FactorId) -> Result<u32, WorkError> {
        sqlx::query_scalar("SELECT count(*) FROM recovery_codes WHERE factor = ?")
            .bind(factor.to_string())
            .fetch_one(&self.db.readers)
            .await
            .map_err(fault)
    }

    async fn forget_but(&self, account: Actor, these: &[FactorId]) -> Result<(), WorkError> {
        self.db.write(ForgottenSecrets { account, but: these.to_vec() }).await
    }
}

struct NewSeed {
    account: Actor,
    seed: KeptSeed,
}

#[async_trait]
impl WorkWrite for NewSeed {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO app_seeds (factor, account, seed, step) VALUES (?, ?, ?, ?)";
        sqlx::query(sql)
            .bind(self.seed.factor.to_string())
            .bind(self.account.to_string())
            .bind(&self.seed.sealed)
            .bind(self.seed.step.cast_signed())
            .execute(db)
            .await
            .map(drop)
    }
}

struct UsedStep {
    factor: FactorId,
    step: u64,
}

#[async_trait]
impl WorkWrite for UsedStep {
    type Answer = bool;

    async fn write(&self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let sql = "UPDATE app_seeds SET step = ? WHERE factor = ? AND step < ?";
        let step = self.step.cast_signed();
        let done = sqlx::query(sql)
            .bind(step)
            .bind(self.factor.to_string())
            .bind(step)
            .execute(db)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

struct NewCodes {
    account: Actor,
    factor: FactorId,
    codes: Vec<RecoveryHash>,
}

#[async_trait]
impl WorkWrite for NewCodes {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO recovery_codes (factor, code, account) VALUES (?, ?, ?)";
        for code in &self.codes {
            sqlx::query(sql)
                .bind(self.factor.to_string())
                .bind(code.as_slice())
                .bind(self.account.to_string())
                .execute(&mut *db)
                .await?;
        }
        Ok(())
    }
}

struct UsedCode {
    factor: FactorId,
    code: RecoveryHash,
}

#[async_trait]
impl WorkWrite for UsedCode {
    type Answer = bool;

    /// Found by its keyed hash: how long the search takes says nothing about any code.
    async fn write(&self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let sql = "DELETE FROM recovery_codes WHERE factor = ? AND code = ?";
        let done = sqlx::query(sql)
            .bind(self.factor.to_string())
            .bind(self.code.as_slice())
            .execute(db)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

struct ForgottenSecrets {
    account: Actor,
    but: Vec<FactorId>,
}

#[async_trait]
impl WorkWrite for ForgottenSecrets {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let kept: Vec<String> = self.but.iter().map(ToString::to_string).collect();
        let kept = serde_json::Value::from(kept).to_string();
        for sql in [
            "DELETE FROM app_seeds WHERE account = ?
             AND factor NOT IN (SELECT value FROM json_each(?))",
            "DELETE FROM recovery_codes WHERE account = ?
             AND factor NOT IN (SELECT value FROM json_each(?))",
        ] {
            let account = self.account.to_string();
            sqlx::query(sql).bind(account).bind(&kept).execute(&mut *db).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::conformance::factor_secrets::{Place, conformance};
    use super::super::fixture::WorkFixture;
    use super::*;

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move {
                let opened: Arc<dyn FactorSecrets> =
                    Arc::new(SqliteFactorSecrets::new(fixture.reopened().await));
                opened
            }
        })
    });
}
