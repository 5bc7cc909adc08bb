//! `SqliteCredentials`: password hashes, by account.

use std::num::NonZeroUsize;
use std::sync::Arc;

use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use commands::ports::credentials::{Credentials, WorkError};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::SqliteConnection;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::writer::WorkWrite;
use super::{WorkDb, fault};

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes that may wait for a core: at 25 ms each, whoever comes last waits about as long as people do.
const WAITING_MAX: usize = 128;

/// Argon2id hashes in the work store.
pub struct SqliteCredentials {
    db: WorkDb,
    entropy: Arc<dyn Entropy>,
    hashing: Hashing,
    /// What a password is compared with where there is no account: the same work, and always "no".
    nobodys: Arc<str>,
}

impl SqliteCredentials {
    /// Keeps hashes in `db`.
    ///
    /// # Errors
    /// [`WorkError::Store`] if this build's Argon2 refuses the parameters.
    pub async fn new(db: WorkDb, entropy: Arc<dyn Entropy>) -> Result<Self, WorkError> {
        let hashing = Hashing::new(WAITING_MAX);
        let password = SecretString::from(hex::encode(fresh(&*entropy)));
        let salt = fresh(&*entropy);
        let nobodys = hashing.run(move || hash(&password, &salt)).await?;
        Ok(Self { db, entropy, hashing, nobodys: nobodys.into() })
    }
}

#[async_trait]
impl Credentials for SqliteCredentials {
    async fn set_password(&self, account: Actor, password: SecretString) -> Result<(), WorkError> {
        let Some(account) = account.uuid() else {
            return Err(WorkError::Store("the system has no password".into()));
        };
        let salt = fresh(&*self.entropy);
        let hash = self.hashing.run(move || hash(&password, &salt)).await?;
        self.db.write(NewPassword { account, hash }).await
    }

    async fn password_matches(
        &self,
        account: Option<Actor>,
        password: SecretString,
    ) -> Result<bool, WorkError> {
        let account = account.and_then(|account| account.uuid()).unwrap_or(Uuid::nil());
        let kept: Option<String> =
            sqlx::query_scalar("SELECT hash FROM passwords WHERE account = ?")
                .bind(account.to_string())
                .fetch_optional(&self.db.readers)
                .await
                .map_err(fault)?;
        let known = kept.is_some();
        let hash = kept.map_or_else(|| Arc::clone(&self.nobodys), Arc::from);
        let matches = self.hashing.run(move || matches(&password, &hash)).await?;
        Ok(matches && known)
    }
}

struct NewPassword {
    account: Uuid,
    hash: String,
}

#[async_trait]
impl WorkWrite for NewPassword {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO passwords (account, hash) VALUES (?, ?)
                   ON CONFLICT (account) DO UPDATE SET hash = excluded.hash";
        let query = sqlx::query(sql).bind(self.account.to_string()).bind(&self.hash);
        query.execute(db).await.map(drop)
    }
}

/// As much hashing at once as there are cores, off the threads that serve requests.
struct Hashing {
    cores: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Hashing {
    fn new(waiting_max: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + waiting_max)),
        }
    }

    /// The core is held until the work is done, even if nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, WorkError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| WorkError::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await;
        let core = core.map_err(|closed| WorkError::Store(Box::new(closed)))?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (admitted, core);
            work()
        });
        let done = done.await.map_err(|panicked| WorkError::Store(Box::new(panicked)))?;
        done.map_err(|error| WorkError::Store(Box::new(error)))
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A PHC string.
fn hash(password: &SecretString, salt: &[u8]) -> Result<String, HashError> {
    let password = password.expose_secret().as_bytes();
    Ok(argon2()?.hash_password_with_salt(password, salt)?.to_string())
}

fn matches(password: &SecretString, hash: &str) -> Result<bool, HashError> {
    match argon2()?.verify_password(password.expose_secret().as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(damaged) => Err(damaged),
    }
}

fn fresh(entropy: &dyn Entropy) -> [u8; 16] {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use futures::future::join_all;

    use super::super::conformance::credentials::{Place, conformance};
    use super::super::fixture::{WorkFixture, patient};
    use super::*;
    use crate::entropy::OsEntropy;

    conformance!({
        let fixture = Arc::new(WorkFixture::new().await);
        Place::new(move |_| {
            let fixture = Arc::clone(&fixture);
            async move {
                let opened: Arc<dyn Credentials> =
                    Arc::new(credentials(&fixture.reopened().await).await);
                opened
            }
        })
    });

    async fn credentials(db: &WorkDb) -> SqliteCredentials {
        SqliteCredentials::new(db.clone(), Arc::new(OsEntropy)).await.unwrap()
    }

    fn password(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn a_password_is_kept_as_a_hash_of_the_agreed_cost() {
        let fixture = WorkFixture::new().await;
        let credentials = credentials(&fixture.db).await;
        credentials.set_password(patient(1), password("horse")).await.unwrap();
        let kept: String = sqlx::query_scalar("SELECT hash FROM passwords")
            .fetch_one(&fixture.db.readers)
            .await
            .unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    }

    #[tokio::test]
    async fn no_account_costs_as_much_as_a_wrong_password() {
        let fixture = WorkFixture::new().await;
        let credentials = credentials(&fixture.db).await;
        credentials.set_password(patient(1), password("horse")).await.unwrap();
        // The fastest of several is what the work itself takes, whatever else the machine does.
        let mut fastest = [Duration::MAX; 2];
        for _ in 0..8 {
            for (index, account) in [Some(patient(1)), None].into_iter().enumerate() {
                let start = Instant::now();
                let matched =
                    credentials.password_matches(account, password("wrong")).await.unwrap();
                fastest[index] = fastest[index].min(start.elapsed());
                assert!(!matched);
            }
        }
        let [wrong, nobody] = fastest;
        assert!(nobody * 2 > wrong && wrong * 2 > nobody, "{wrong:?} {nobody:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn too_many_at_once_are_told_so_and_the_rest_are_answered() {
        let fixture = WorkFixture::new().await;
        let mut credentials = credentials(&fixture.db).await;
        credentials.hashing = Hashing::new(4);
        let room = credentials.hashing.admitted.available_permits();
        let asked = (0..room + 40).map(|_| credentials.password_matches(None, password("x")));
        let answers = join_all(asked).await;
        let busy = answers.iter().filter(|answer| matches!(answer, Err(WorkError::Busy))).count();
        let answered = answers.iter().filter(|answer| matches!(answer, Ok(false))).count();
        assert!(busy > 0 && answered >= room && busy + answered == room + 40, "{busy} {answered}");
        assert!(!credentials.password_matches(None, password("x")).await.unwrap());
    }
}
