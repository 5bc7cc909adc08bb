//! `SqliteChallenges`: one-time codes, as keyed hashes, and what judges a passkey in their place.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::credentials::{
    CHALLENGE_LIFE, ChallengeAnswer, ChallengeSubject, Challenges, GivenAnswer, Operation,
    WorkError,
};
use commands::ports::key_vault::{HashPurpose, KeyVault};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use domain::ids::ChallengeId;
use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use subtle::ConstantTimeEq;

use super::writer::WorkWrite;
use super::{WorkDb, fault, read_account};

pub(super) const TRIES: u32 = 5;
/// Open challenges of one account; one more ends the oldest.
pub(super) const OPEN_MAX: u32 = 5;

/// One-time codes in the work store.
pub struct SqliteChallenges {
    db: WorkDb,
    vault: Arc<dyn KeyVault>,
    entropy: Arc<dyn Entropy>,
}

impl SqliteChallenges {
    /// Keeps codes in `db`, hashed under the installation key.
    pub fn new(db: WorkDb, vault: Arc<dyn KeyVault>, entropy: Arc<dyn Entropy>) -> Self {
        Self { db, vault, entropy }
    }

    /// A million codes are soon tried; under the installation key nobody else can.
    fn hash(&self, challenge: ChallengeId, code: &SecretString, operation: Operation) -> [u8; 32] {
        let id = challenge.to_string();
        let code = code.expose_secret().as_bytes();
        self.vault.keyed_hash(HashPurpose::Otp, &[id.as_bytes(), code, &operation.0])
    }
}

/// Every code equally likely: a draw from the uneven rest is drawn again.
pub(super) fn fresh_code(entropy: &dyn Entropy) -> SecretString {
    const CODES: u32 = 1_000_000;
    loop {
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let draw = u32::from_be_bytes(bytes);
        if draw < u32::MAX - u32::MAX % CODES {
            return SecretString::from(format!("{:06}", draw % CODES));
        }
    }
}

#[async_trait]
impl Challenges for SqliteChallenges {
    async fn make(
        &self,
        subject: ChallengeSubject,
        operation: Operation,
        now: Moment,
    ) -> Result<(ChallengeId, SecretString), WorkError> {
        let challenge = ChallengeId::new(self.entropy.uuid(now));
        let code = fresh_code(&*self.entropy);
        let code_hash = self.hash(challenge, &code, operation);
        self.db.write(NewChallenge { challenge, subject, operation, code_hash, now }).await?;
        Ok((challenge, code))
    }

    async fn answer(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        given: GivenAnswer<'_>,
        now: Moment,
    ) -> Result<ChallengeAnswer, WorkError> {
        let given = match given {
            GivenAnswer::Code(code) => Given::Code(self.hash(challenge, code, operation)),
            GivenAnswer::Judged { right } => Given::Judged(right),
        };
        self.db.write(AnsweredChallenge { challenge, account, operation, given, now }).await
    }

    async fn wait_for_passkey(
        &self,
        challenge: ChallengeId,
        waiting: String,
        now: Moment,
    ) -> Result<(), WorkError> {
        self.db.write(WaitForPasskey { challenge, waiting, now }).await
    }

    async fn passkey_asked(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<String>, WorkError> {
        let sql = "SELECT passkey FROM challenges WHERE id = ? AND until > ? AND tries_left > 0";
        let found: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(challenge.to_string())
            .bind(now.micros())
            .fetch_optional(&self.db.readers)
            .await
            .map_err(fault)?;
        Ok(found.flatten())
    }

    async fn subject(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<ChallengeSubject>, WorkError> {
        let sql =
            "SELECT account, form FROM challenges WHERE id = ? AND until > ? AND tries_left > 0";
        let found: Option<(String, Option<String>)> = sqlx::query_as(sql)
            .bind(challenge.to_string())
            .bind(now.micros())
            .fetch_optional(&self.db.readers)
            .await
            .map_err(fault)?;
        let Some((account, form)) = found else { return Ok(None) };
        Ok(Some(ChallengeSubject { account: read_account(&account)?, form }))
    }

    async fn operation(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<Operation>, WorkError> {
        let sql = "SELECT operation FROM challenges WHERE id = ? AND until > ? AND tries_left > 0";
        let found: Option<Vec<u8>> = sqlx::query_scalar(sql)
            .bind(challenge.to_string())
            .bind(now.micros())
            .fetch_optional(&self.db.readers)
            .await
            .map_err(fault)?;
        // Of another length it is none of ours, and no code would ever fit it.
        Ok(found.and_then(|bytes| bytes.try_into().ok()).map(Operation))
    }

    async fn renew(
        &self,
        challenge: ChallengeId,
        operation: Operation,
        now: Moment,
    ) -> Result<Option<SecretString>, WorkError> {
        let code = fresh_code(&*self.entropy);
        let code_hash = self.hash(challenge, &code, operation);
        let renewed = self.db.write(RenewedCode { challenge, operation, code_hash, now }).await?;
        Ok(renewed.then_some(code))
    }

    async fn sweep(&self, now: Moment) -> Result<(), WorkError> {
        self.db.write(ChallengeSweep { now }).await
    }
}

struct ChallengeSweep {
    now: Moment,
}

#[async_trait]
impl WorkWrite for ChallengeSweep {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "DELETE FROM challenges WHERE until <= ? OR tries_left = 0";
        sqlx::query(sql).bind(self.now.micros()).execute(db).await.map(drop)
    }
}

struct NewChallenge {
    challenge: ChallengeId,
    subject: ChallengeSubject,
    operation: Operation,
    code_hash: [u8; 32],
    now: Moment,
}

#[async_trait]
impl WorkWrite for NewChallenge {
    type Answer = ();

    /// Three statements that travel together: dead ones are swept, this one is put in, and of too many open
    /// ones of this account the oldest go.
    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "
DELETE FROM challenges WHERE until <= ?;
INSERT INTO challenges (id, account, form, operation, code, until, tries_left)
    VALUES (?, ?, ?, ?, ?, ?, ?);
DELETE FROM challenges WHERE account = ? AND made <= (
    SELECT made FROM challenges WHERE account = ? ORDER BY made DESC LIMIT 1 OFFSET ?);";
        let account = self.subject.account.to_string();
        sqlx::query(sql)
            .bind(self.now.micros())
            .bind(self.challenge.to_string())
            .bind(&account)
            .bind(&self.subject.form)
            .bind(self.operation.0.as_slice())
            .bind(self.code_hash.as_slice())
            .bind(self.now.plus(CHALLENGE_LIFE).micros())
            .bind(TRIES)
            .bind(&account)
            .bind(&account)
            .bind(OPEN_MAX)
            .execute(db)
            .await
            .map(drop)
    }
}

struct RenewedCode {
    challenge: ChallengeId,
    operation: Operation,
    code_hash: [u8; 32],
    now: Moment,
}

#[async_trait]
impl WorkWrite for RenewedCode {
    type Answer = bool;

    /// Whether there was a challenge to renew.
    async fn write(&self, db: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let sql = "UPDATE challenges SET code = ?, until = ?, tries_left = tries_left - 1
                   WHERE id = ? AND operation = ? AND until > ? AND tries_left > 1";
        let done = sqlx::query(sql)
            .bind(self.code_hash.as_slice())
            .bind(self.now.plus(CHALLENGE_LIFE).micros())
            .bind(self.challenge.to_string())
            .bind(self.operation.0.as_slice())
            .bind(self.now.micros())
            .execute(db)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

struct WaitForPasskey {
    challenge: ChallengeId,
    waiting: String,
    now: Moment,
}

#[async_trait]
impl WorkWrite for WaitForPasskey {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "UPDATE challenges SET passkey = ? WHERE id = ? AND until > ? AND tries_left > 0";
        sqlx::query(sql)
            .bind(&self.waiting)
            .bind(self.challenge.to_string())
            .bind(self.now.micros())
            .execute(db)
            .await
            .map(drop)
    }
}

/// What was given.
enum Given {
    /// The hash of a code.
    Code([u8; 32]),
    /// A passkey's answer, and whether it is right.
    Judged(bool),
}

struct AnsweredChallenge {
    challenge: ChallengeId,
    account: Actor,
    operation: Operation,
    given: Given,
    now: Moment,
}

#[async_trait]
impl WorkWrite for AnsweredChallenge {
    type Answer = ChallengeAnswer;

    async fn write(&self, db: &mut SqliteConnection) -> Result<ChallengeAnswer, sqlx::Error> {
        // The try is taken before the code is looked at: however many answers come at once, five are judged.
        let sql = "UPDATE challenges SET tries_left = tries_left - 1
                   WHERE id = ? AND account = ? AND operation = ? AND until > ? AND tries_left > 0
                   RETURNING code, tries_left";
        let row = sqlx::query(sql)
            .bind(self.challenge.to_string())
            .bind(self.account.to_string())
            .bind(self.operation.0.as_slice())
            .bind(self.now.micros())
            .fetch_optional(&mut *db)
            .await?;
        let Some(row) = row else { return Ok(ChallengeAnswer::Dead) };
        let kept: &[u8] = row.try_get("code")?;
        let right = match &self.given {
            Given::Code(given) => bool::from(kept.ct_eq(given)),
            Given::Judged(right) => *right,
        };
        if !right {
            return Ok(ChallengeAnswer::Wrong { tries_left: row.try_get("tries_left")? });
        }
        sqlx::query("DELETE FROM challenges WHERE id = ?")
            .bind(self.challenge.to_string())
            .execute(db)
            .await?;
        Ok(ChallengeAnswer::Right)
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::challenges::{Place, conformance};
    use super::super::fixture::{WorkFixture, patient};
    use super::*;
    use crate::entropy::OsEntropy;

    const GRANT: Operation = Operation([1; 32]);

    fn challenges(fixture: &WorkFixture, db: WorkDb) -> Arc<dyn Challenges> {
        let vault = Arc::clone(&fixture.vault);
        Arc::new(SqliteChallenges::new(db, vault, Arc::new(OsEntropy)))
    }

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move { challenges(&fixture, fixture.reopened().await) }
        })
    });

    #[tokio::test]
    async fn what_is_past_its_end_is_swept() {
        let fixture = WorkFixture::new().await;
        let challenges = challenges(&fixture, fixture.db.clone());
        let (now, end) = (fixture.now(), fixture.now().plus(CHALLENGE_LIFE));
        let make = |n, at| challenges.make(about(n), GRANT, at);
        for n in 1..=3 {
            make(n, now).await.unwrap();
        }
        make(4, end).await.unwrap();
        assert_eq!(rows(&fixture).await, 1, "whenever one is made");
        challenges.sweep(end.plus(CHALLENGE_LIFE)).await.unwrap();
        assert_eq!(rows(&fixture).await, 0, "and when nobody makes one");
    }

    fn about(n: u128) -> ChallengeSubject {
        ChallengeSubject { account: patient(n), form: None }
    }

    async fn rows(fixture: &WorkFixture) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM challenges");
        count.fetch_one(&fixture.db.readers).await.unwrap()
    }
}
