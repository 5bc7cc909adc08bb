//! `SqliteSessions`: the secrets of sessions, as keyed hashes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::ports::credentials::{Presented, Sessions, WorkError};
use commands::ports::key_vault::{HashPurpose, KeyVault};
use commands::ports::world::{Clock, Entropy};
use domain::actor::Actor;
use domain::ids::SessionId;
use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use zeroize::Zeroizing;

use super::writer::WorkWrite;
use super::{WorkDb, fault, read, read_account};

/// Secrets are swept so long after their end: a clock that ran ahead for a while forgets nobody at once.
const SWEPT_AFTER: Duration = Duration::from_secs(86_400);

/// Session and refresh secrets in the work store. A refresh secret that was used stays as a marked row, so
/// that its second use is seen for what it is.
pub struct SqliteSessions {
    db: WorkDb,
    vault: Arc<dyn KeyVault>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
}

impl SqliteSessions {
    /// Keeps secrets in `db`, hashed under the installation key.
    pub fn new(
        db: WorkDb,
        vault: Arc<dyn KeyVault>,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, vault, entropy, clock }
    }

    fn fresh(&self) -> (SecretString, [u8; 32]) {
        let secret = fresh_secret(&*self.entropy);
        let hash = self.hash(&secret);
        (secret, hash)
    }

    fn hash(&self, secret: &SecretString) -> [u8; 32] {
        self.vault.keyed_hash(HashPurpose::Secret, &[secret.expose_secret().as_bytes()])
    }
}

/// 256 random bits. SQLite and the log only ever see the hash.
pub(super) fn fresh_secret(entropy: &dyn Entropy) -> SecretString {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut_slice());
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

#[async_trait]
impl Sessions for SqliteSessions {
    async fn issue(
        &self,
        session: SessionId,
        account: Actor,
        until: Moment,
    ) -> Result<SecretString, WorkError> {
        let (secret, hash) = self.fresh();
        let swept = self.clock.now().micros().saturating_sub(SWEPT_AFTER.as_micros() as i64);
        self.db.write(NewSecret { hash, session, account, until, swept }).await?;
        Ok(secret)
    }

    async fn present(&self, secret: &SecretString, now: Moment) -> Result<Presented, WorkError> {
        let sql = "SELECT session, account, used FROM session_secrets WHERE hash = ? AND until > ?";
        let row = sqlx::query(sql)
            .bind(self.hash(secret).as_slice())
            .bind(now.micros())
            .fetch_optional(&self.db.readers)
            .await
            .map_err(fault)?;
        let Some(row) = row else { return Ok(Presented::Unknown) };
        let session = read(row.try_get("session").map_err(fault)?)?;
        let account = read_account(row.try_get("account").map_err(fault)?)?;
        Ok(if row.try_get("used").map_err(fault)? {
            Presented::Reused(session, account)
        } else {
            Presented::Current(session, account)
        })
    }

    async fn rotate(
        &self,
        secret: &SecretString,
        now: Moment,
    ) -> Result<Option<SecretString>, WorkError> {
        let (next, next_hash) = self.fresh();
        let hash = self.hash(secret);
        let rotated = self.db.write(RotatedSecret { hash, next: next_hash, now }).await?;
        Ok(rotated.then_some(next))
    }

    async fn forget(&self, session: SessionId) -> Result<(), WorkError> {
        self.db.write(ForgottenSession(session)).await
    }

    async fn of_account(&self, account: Actor, now: Moment) -> Result<Vec<SessionId>, WorkError> {
        let sql = "SELECT DISTINCT session FROM session_secrets
                   WHERE account = ? AND used = 0 AND until > ? ORDER BY session";
        let rows: Vec<String> = sqlx::query_scalar(sql)
            .bind(account.to_string())
            .bind(now.micros())
            .fetch_all(&self.db.readers)
            .await
            .map_err(fault)?;
        rows.iter().map(|session| read(session)).collect()
    }
}

struct NewSecret {
    hash: [u8; 32],
    session: SessionId,
    account: Actor,
    until: Moment,
    /// What ended before, in microseconds, is swept.
    swept: i64,
}

#[async_trait]
impl WorkWrite for NewSecret {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "
DELETE FROM session_secrets WHERE until < ?;
INSERT INTO session_secrets (hash, session, account, until, used) VALUES (?, ?, ?, ?, 0);";
        sqlx::query(sql)
            .bind(self.swept)
            .bind(self.hash.as_slice())
            .bind(self.session.to_string())
            .bind(self.account.to_string())
            .bind(self.until.micros())
            .execute(db)
            .await
            .map(drop)
    }
}

/// Answers whether the secret was there to be used.
struct RotatedSecret {
    hash: [u8; 32],
    next: [u8; 32],
    now: Moment,
}

#[async_trait]
impl WorkWrite for RotatedSecret {
    type Answer = bool;

    async fn write(&self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        // Whoever marks the row gets the next secret: of two at once, the second finds it marked.
        let mark = "UPDATE session_secrets SET used = 1 WHERE hash = ? AND used = 0 AND until > ?";
        let marked = sqlx::query(mark)
            .bind(self.hash.as_slice())
            .bind(self.now.micros())
            .execute(&mut *db)
            .await?;
        if marked.rows_affected() == 0 {
            return Ok(false);
        }
        let next = "INSERT INTO session_secrets (hash, session, account, until, used)
                    SELECT ?, session, account, until, 0 FROM session_secrets WHERE hash = ?";
        sqlx::query(next).bind(self.next.as_slice()).bind(self.hash.as_slice()).execute(db).await?;
        Ok(true)
    }
}

struct ForgottenSession(SessionId);

#[async_trait]
impl WorkWrite for ForgottenSession {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "DELETE FROM session_secrets WHERE session = ?";
        sqlx::query(sql).bind(self.0.to_string()).execute(db).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::conformance::sessions::{Place, conformance};
    use super::super::fixture::{WorkFixture, patient};
    use super::*;
    use crate::clock::ManualClock;
    use crate::entropy::OsEntropy;

    fn sessions(fixture: &WorkFixture, db: WorkDb, clock: &ManualClock) -> Arc<dyn Sessions> {
        let vault = Arc::clone(&fixture.vault);
        Arc::new(SqliteSessions::new(db, vault, Arc::new(OsEntropy), Arc::new(clock.clone())))
    }

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |clock| {
            let fixture = Arc::clone(&fixture);
            async move { sessions(&fixture, fixture.reopened().await, &clock) }
        })
    });

    fn session(n: u128) -> SessionId {
        SessionId::new(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn the_ended_are_swept_and_no_secret_lies_on_the_disk() {
        let fixture = WorkFixture::new().await;
        let sessions = sessions(&fixture, fixture.db.clone(), &fixture.clock);
        let mut secrets = Vec::new();
        for n in 1..=3 {
            let until = fixture.now().plus(Duration::from_secs(60));
            secrets.push(sessions.issue(session(n), patient(1), until).await.unwrap());
            fixture.clock.forward(Duration::from_secs(90_000));
        }
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM session_secrets")
            .fetch_one(&fixture.db.readers)
            .await
            .unwrap();
        assert_eq!(rows, 1);
        for file in ["work.db", "work.db-wal"] {
            let bytes = std::fs::read(fixture.folder.path().join(file)).unwrap();
            for secret in &secrets {
                let secret = secret.expose_secret().as_bytes();
                assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{file}");
            }
        }
    }
}
