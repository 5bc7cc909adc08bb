//! `SqlitePasskeys`: the public keys of passkeys.

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use commands::ports::passkeys::{KeptPasskey, PasskeyStore};
use domain::actor::Actor;
use domain::ids::FactorId;
use sqlx::sqlite::SqliteConnection;

use super::writer::WorkWrite;
use super::{WorkDb, fault, read};

/// Public keys in the work store.
pub struct SqlitePasskeys {
    db: WorkDb,
}

impl SqlitePasskeys {
    /// Keeps them in `db`.
    pub fn new(db: WorkDb) -> Self {
        Self { db }
    }
}

#[async_trait]
impl PasskeyStore for SqlitePasskeys {
    async fn keep(&self, account: Actor, passkey: KeptPasskey) -> Result<(), WorkError> {
        self.db.write(KeptAnew { account, passkey }).await
    }

    async fn of(&self, account: Actor) -> Result<Vec<KeptPasskey>, WorkError> {
        let sql = "SELECT factor, credential FROM passkeys WHERE account = ? ORDER BY factor";
        let rows: Vec<(String, String)> = sqlx::query_as(sql)
            .bind(account.to_string())
            .fetch_all(&self.db.readers)
            .await
            .map_err(fault)?;
        let kept = |(factor, credential): (String, String)| {
            Ok(KeptPasskey { factor: read(&factor)?, credential })
        };
        rows.into_iter().map(kept).collect()
    }

    async fn forget(&self, factor: FactorId) -> Result<(), WorkError> {
        self.db.write(ForgottenPasskey { factor }).await
    }
}

struct KeptAnew {
    account: Actor,
    passkey: KeptPasskey,
}

#[async_trait]
impl WorkWrite for KeptAnew {
    type Answer = ();

    /// A passkey stays whose it is.
    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO passkeys (factor, account, credential) VALUES (?, ?, ?)
                   ON CONFLICT (factor) DO UPDATE SET credential = excluded.credential
                   WHERE passkeys.account = excluded.account";
        sqlx::query(sql)
            .bind(self.passkey.factor.to_string())
            .bind(self.account.to_string())
            .bind(&self.passkey.credential)
            .execute(db)
            .await
            .map(drop)
    }
}

struct ForgottenPasskey {
    factor: FactorId,
}

#[async_trait]
impl WorkWrite for ForgottenPasskey {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "DELETE FROM passkeys WHERE factor = ?";
        sqlx::query(sql).bind(self.factor.to_string()).execute(db).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::conformance::passkeys::{Place, conformance};
    use super::super::fixture::WorkFixture;
    use super::*;

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move {
                let opened: Arc<dyn PasskeyStore> =
                    Arc::new(SqlitePasskeys::new(fixture.reopened().await));
                opened
            }
        })
    });
}
