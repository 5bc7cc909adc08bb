//! `SqliteChallenges`: one-time codes, as keyed hashes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commands::ports::credentials::{ChallengeAnswer, Challenges, Operation, WorkError};
use commands::ports::key_vault::{HashPurpose, KeyVault};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use domain::ids::ChallengeId;
use domain::time::{Moment, minutes};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{WorkDb, fault, read_account};

const LIFE: Duration = minutes(5);
const TRIES: u32 = 5;
/// Open challenges of one account; one more ends the oldest.
const OPEN_MAX: u32 = 5;

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

    /// Every code equally likely: a draw from the uneven rest is drawn again.
    fn fresh_code(&self) -> SecretString {
        const CODES: u32 = 1_000_000;
        loop {
            let mut bytes = [0; 4];
            self.entropy.fill(&mut bytes);
            let draw = u32::from_be_bytes(bytes);
            if draw < u32::MAX - u32::MAX % CODES {
                return SecretString::from(format!("{:06}", draw % CODES));
            }
        }
    }

    /// A million codes are soon tried; under the installation key nobody else can.
    fn hash(&self, challenge: ChallengeId, code: &SecretString, operation: Operation) -> [u8; 32] {
        let id = challenge.to_string();
        let code = code.expose_secret().as_bytes();
        self.vault.keyed_hash(HashPurpose::Otp, &[id.as_bytes(), code, &operation.0])
    }
}

#[async_trait]
impl Challenges for SqliteChallenges {
    async fn make(
        &self,
        account: Actor,
        operation: Operation,
        now: Moment,
    ) -> Result<(ChallengeId, SecretString), WorkError> {
        let challenge = ChallengeId::new(self.entropy.uuid(now));
        let code = self.fresh_code();
        let mut writing = self.db.writer.begin().await.map_err(fault)?;
        sqlx::query("DELETE FROM challenges WHERE until <= ?")
            .bind(now.micros())
            .execute(&mut *writing)
            .await
            .map_err(fault)?;
        let insert = "INSERT INTO challenges (id, account, operation, code, until, tries_left)
                      VALUES (?, ?, ?, ?, ?, ?)";
        sqlx::query(insert)
            .bind(challenge.to_string())
            .bind(account.to_string())
            .bind(operation.0.as_slice())
            .bind(self.hash(challenge, &code, operation).as_slice())
            .bind(now.plus(LIFE).micros())
            .bind(TRIES)
            .execute(&mut *writing)
            .await
            .map_err(fault)?;
        let oldest = "DELETE FROM challenges WHERE account = ?1 AND made NOT IN (
                      SELECT made FROM challenges WHERE account = ?1 ORDER BY made DESC LIMIT ?2)";
        sqlx::query(oldest)
            .bind(account.to_string())
            .bind(OPEN_MAX)
            .execute(&mut *writing)
            .await
            .map_err(fault)?;
        writing.commit().await.map_err(fault)?;
        Ok((challenge, code))
    }

    async fn answer(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        code: &SecretString,
        now: Moment,
    ) -> Result<ChallengeAnswer, WorkError> {
        let given = self.hash(challenge, code, operation);
        let mut writing = self.db.writer.begin().await.map_err(fault)?;
        // The try is taken before the code is looked at: however many answers come at once, five are judged.
        let sql = "UPDATE challenges SET tries_left = tries_left - 1
                   WHERE id = ? AND account = ? AND operation = ? AND until > ? AND tries_left > 0
                   RETURNING code, tries_left";
        let row: Option<(Vec<u8>, u32)> = sqlx::query_as(sql)
            .bind(challenge.to_string())
            .bind(account.to_string())
            .bind(operation.0.as_slice())
            .bind(now.micros())
            .fetch_optional(&mut *writing)
            .await
            .map_err(fault)?;
        let Some((kept, tries_left)) = row else { return Ok(ChallengeAnswer::Dead) };
        let right = bool::from(kept.ct_eq(&given));
        if right {
            sqlx::query("DELETE FROM challenges WHERE id = ?")
                .bind(challenge.to_string())
                .execute(&mut *writing)
                .await
                .map_err(fault)?;
        }
        writing.commit().await.map_err(fault)?;
        Ok(if right { ChallengeAnswer::Right } else { ChallengeAnswer::Wrong { tries_left } })
    }

    async fn account(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<Actor>, WorkError> {
        let sql = "SELECT account FROM challenges WHERE id = ? AND until > ? AND tries_left > 0";
        let account: Option<String> = sqlx::query_scalar(sql)
            .bind(challenge.to_string())
            .bind(now.micros())
            .fetch_optional(&self.db.readers)
            .await
            .map_err(fault)?;
        account.map(|account| read_account(&account)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::super::fixture::{WorkFixture, patient};
    use super::*;
    use crate::entropy::OsEntropy;

    const GRANT: Operation = Operation([1; 32]);
    const OTHER: Operation = Operation([2; 32]);

    fn challenges(fixture: &WorkFixture, db: &WorkDb) -> Arc<SqliteChallenges> {
        let vault = Arc::clone(&fixture.vault);
        Arc::new(SqliteChallenges::new(db.clone(), vault, Arc::new(OsEntropy)))
    }

    /// A code that is not `code`.
    fn wrong(code: &SecretString) -> SecretString {
        let number: u32 = code.expose_secret().parse().unwrap();
        SecretString::from(format!("{:06}", (number + 1) % 1_000_000))
    }

    #[tokio::test]
    async fn a_right_code_is_right_once_also_after_a_restart() {
        let fixture = WorkFixture::new().await;
        let now = fixture.now();
        let before = challenges(&fixture, &fixture.db);
        let (id, code) = before.make(patient(1), GRANT, now).await.unwrap();
        assert!(code.expose_secret().len() == 6);
        let after = challenges(&fixture, &fixture.reopened().await);
        assert_eq!(after.account(id, now).await.unwrap(), Some(patient(1)));
        let answer = after.answer(id, patient(1), GRANT, &code, now).await.unwrap();
        assert_eq!(answer, ChallengeAnswer::Right);
        assert_eq!(after.account(id, now).await.unwrap(), None);
        let answer = after.answer(id, patient(1), GRANT, &code, now).await.unwrap();
        assert_eq!(answer, ChallengeAnswer::Dead);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_many_right_answers_at_once_one_is_right() {
        let fixture = WorkFixture::new().await;
        let challenges = challenges(&fixture, &fixture.db);
        let now = fixture.now();
        let (id, code) = challenges.make(patient(1), GRANT, now).await.unwrap();
        let tasks = (0..50).map(|_| {
            let challenges = Arc::clone(&challenges);
            let code = code.clone();
            tokio::spawn(async move {
                challenges.answer(id, patient(1), GRANT, &code, now).await.unwrap()
            })
        });
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|answer| **answer == ChallengeAnswer::Right).count(), 1);
        assert_eq!(answers.iter().filter(|answer| **answer == ChallengeAnswer::Dead).count(), 49);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn five_tries_and_then_even_the_right_code_is_dead() {
        let fixture = WorkFixture::new().await;
        let challenges = challenges(&fixture, &fixture.db);
        let now = fixture.now();
        let (id, code) = challenges.make(patient(1), GRANT, now).await.unwrap();
        let tasks = (0..20).map(|_| {
            let challenges = Arc::clone(&challenges);
            let code = wrong(&code);
            tokio::spawn(async move {
                challenges.answer(id, patient(1), GRANT, &code, now).await.unwrap()
            })
        });
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        for tries_left in 0..5 {
            let same =
                answers.iter().filter(|answer| **answer == ChallengeAnswer::Wrong { tries_left });
            assert_eq!(same.count(), 1, "{tries_left}");
        }
        let answer = challenges.answer(id, patient(1), GRANT, &code, now).await.unwrap();
        assert_eq!(answer, ChallengeAnswer::Dead);
        assert_eq!(challenges.account(id, now).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_code_is_worth_nothing_for_another_account_operation_or_time() {
        let fixture = WorkFixture::new().await;
        let challenges = challenges(&fixture, &fixture.db);
        let now = fixture.now();
        let (id, code) = challenges.make(patient(1), GRANT, now).await.unwrap();
        let (other_id, _) = challenges.make(patient(1), GRANT, now).await.unwrap();
        let late = now.plus(LIFE);
        for (id, account, operation, at) in [
            (id, patient(2), GRANT, now),
            (id, patient(1), OTHER, now),
            (id, patient(1), GRANT, late),
        ] {
            let answer = challenges.answer(id, account, operation, &code, at).await.unwrap();
            assert_eq!(answer, ChallengeAnswer::Dead);
        }
        let answer = challenges.answer(other_id, patient(1), GRANT, &code, now).await.unwrap();
        assert_eq!(answer, ChallengeAnswer::Wrong { tries_left: 4 }, "another challenge's code");
        let answer = challenges.answer(id, patient(1), GRANT, &code, now).await.unwrap();
        assert_eq!(answer, ChallengeAnswer::Right, "none of these took a try");
    }

    #[tokio::test]
    async fn a_sixth_challenge_ends_the_oldest_and_old_rows_are_swept() {
        let fixture = WorkFixture::new().await;
        let challenges = challenges(&fixture, &fixture.db);
        let now = fixture.now();
        let (others, _) = challenges.make(patient(2), GRANT, now).await.unwrap();
        let mut made = Vec::new();
        for _ in 0..6 {
            made.push(challenges.make(patient(1), GRANT, now).await.unwrap().0);
        }
        assert_eq!(challenges.account(made[0], now).await.unwrap(), None);
        for id in &made[1..] {
            assert_eq!(challenges.account(*id, now).await.unwrap(), Some(patient(1)));
        }
        assert_eq!(challenges.account(others, now).await.unwrap(), Some(patient(2)));
        challenges.make(patient(3), GRANT, now.plus(LIFE)).await.unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM challenges")
            .fetch_one(&fixture.db.readers)
            .await
            .unwrap();
        assert_eq!(rows, 1);
    }
}
