//! `SqliteCredentials`: password hashes, by account.

use std::num::NonZeroUsize;
use std::sync::Arc;

use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use commands::ports::credentials::{Credentials, PasswordHash, WorkError};
use commands::ports::key_vault::{HashPurpose, KeyVault};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::SqliteConnection;
use tokio::sync::Semaphore;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::writer::WorkWrite;
use super::{WorkDb, fault};

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes that may wait for a core: at 25 ms each, whoever comes last waits about as long as people do.
const WAITING_MAX: usize = 128;

/// What stands before a hash that was made with a pepper. Older ones have none, and are hashed anew
/// as soon as their owner logs in.
const PEPPERED: &str = "pepper1:";

/// Argon2id hashes in the work store. A key of the vault goes into each, another for each account:
/// whoever has `work.db` without the vault can try no password, and a hash is worth nothing beside
/// another account.
pub struct SqliteCredentials {
    db: WorkDb,
    vault: Arc<dyn KeyVault>,
    entropy: Arc<dyn Entropy>,
    hashing: Hashing,
    /// What a password is compared with where there is no account: the same work, and always "no".
    nobodys: String,
}

impl SqliteCredentials {
    /// Keeps hashes in `db`, peppered by `vault`.
    ///
    /// # Errors
    /// [`WorkError::Store`] if this build's Argon2 refuses the parameters.
    pub async fn new(
        db: WorkDb,
        vault: Arc<dyn KeyVault>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, WorkError> {
        let hashing = Hashing::new(WAITING_MAX);
        let mut credentials = Self { db, vault, entropy, hashing, nobodys: String::new() };
        let password = SecretString::from(hex::encode(fresh(&*credentials.entropy)));
        credentials.nobodys = credentials.hashed(Uuid::nil(), password).await?;
        Ok(credentials)
    }

    fn pepper(&self, account: Uuid) -> Pepper {
        let account = account.to_string();
        Zeroizing::new(self.vault.keyed_hash(HashPurpose::Password, &[account.as_bytes()]))
    }

    async fn hashed(&self, account: Uuid, password: SecretString) -> Result<String, WorkError> {
        let (pepper, salt) = (self.pepper(account), fresh(&*self.entropy));
        self.hashing.run(move || hash(&password, &pepper, &salt)).await
    }
}

#[async_trait]
impl Credentials for SqliteCredentials {
    async fn hash(
        &self,
        account: Actor,
        password: SecretString,
    ) -> Result<PasswordHash, WorkError> {
        let hash = self.hashed(person(account)?, password).await?;
        Ok(PasswordHash(SecretString::from(hash)))
    }

    async fn keep(&self, account: Actor, hash: PasswordHash) -> Result<(), WorkError> {
        let (account, instead_of) = (person(account)?, None);
        let hash = hash.0.expose_secret().to_owned();
        self.db.write(NewPassword { account, hash, instead_of }).await
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
        let hash = kept.unwrap_or_else(|| self.nobodys.clone());
        let older = !hash.starts_with(PEPPERED);
        let (pepper, given, compared) = (self.pepper(account), password.clone(), hash.clone());
        let matches = self.hashing.run(move || matches(&given, &pepper, &compared)).await?;
        if matches && known && older {
            let anew = self.hashed(account, password).await?;
            self.db.write(NewPassword { account, hash: anew, instead_of: Some(hash) }).await?;
        }
        Ok(matches && known)
    }
}

fn person(account: Actor) -> Result<Uuid, WorkError> {
    account.uuid().ok_or_else(|| WorkError::Store("the system has no password".into()))
}

struct NewPassword {
    account: Uuid,
    hash: String,
    /// The hash that it takes the place of, if only of this one: not of a password that was set meanwhile.
    instead_of: Option<String>,
}

#[async_trait]
impl WorkWrite for NewPassword {
    type Answer = ();

    async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO passwords (account, hash) VALUES (?1, ?2)
                   ON CONFLICT (account) DO UPDATE SET hash = excluded.hash
                   WHERE ?3 IS NULL OR passwords.hash = ?3";
        let query = sqlx::query(sql).bind(self.account.to_string()).bind(&self.hash);
        query.bind(&self.instead_of).execute(db).await.map(drop)
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

type Pepper = Zeroizing<[u8; 32]>;

fn params() -> Result<Params, HashError> {
    Ok(Params::new(MEMORY_KIB, PASSES, LANES, None)?)
}

fn peppered(pepper: &Pepper) -> Result<Argon2<'_>, HashError> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    Ok(Argon2::new_with_secret(pepper.as_slice(), algorithm, version, params()?)?)
}

/// A PHC string, and before it that it was made with a pepper.
fn hash(password: &SecretString, pepper: &Pepper, salt: &[u8]) -> Result<String, HashError> {
    let password = password.expose_secret().as_bytes();
    let hash = peppered(pepper)?.hash_password_with_salt(password, salt)?;
    Ok(format!("{PEPPERED}{hash}"))
}

fn matches(password: &SecretString, pepper: &Pepper, hash: &str) -> Result<bool, HashError> {
    let password = password.expose_secret().as_bytes();
    let verified = match hash.strip_prefix(PEPPERED) {
        Some(hash) => peppered(pepper)?.verify_password(password, hash),
        None => Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?)
            .verify_password(password, hash),
    };
    match verified {
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
                let db = fixture.reopened().await;
                let opened: Arc<dyn Credentials> = Arc::new(credentials(&fixture, db).await);
                opened
            }
        })
    });

    async fn credentials(fixture: &WorkFixture, db: WorkDb) -> SqliteCredentials {
        let vault = Arc::clone(&fixture.vault);
        SqliteCredentials::new(db, vault, Arc::new(OsEntropy)).await.unwrap()
    }

    async fn opened(fixture: &WorkFixture) -> SqliteCredentials {
        credentials(fixture, fixture.db.clone()).await
    }

    fn password(text: &str) -> SecretString {
        SecretString::from(text)
    }

    async fn set(credentials: &SqliteCredentials, account: Actor, text: &str) {
        let hash = credentials.hash(account, password(text)).await.unwrap();
        credentials.keep(account, hash).await.unwrap();
    }

    async fn kept(fixture: &WorkFixture) -> String {
        let kept = sqlx::query_scalar("SELECT hash FROM passwords");
        kept.fetch_one(&fixture.db.readers).await.unwrap()
    }

    /// Puts a hash into the table as the version before the pepper did.
    async fn put_bare(fixture: &WorkFixture, account: Actor, text: &str) {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params().unwrap());
        let hash = argon2.hash_password_with_salt(text.as_bytes(), &[7; 16]).unwrap().to_string();
        let (account, instead_of) = (account.uuid().unwrap(), None);
        fixture.db.write(NewPassword { account, hash, instead_of }).await.unwrap();
    }

    #[tokio::test]
    async fn a_password_is_kept_as_a_peppered_hash_of_the_agreed_cost() {
        let fixture = WorkFixture::new().await;
        let credentials = opened(&fixture).await;
        set(&credentials, patient(1), "horse").await;
        let hash = kept(&fixture).await;
        let bare = hash.strip_prefix("pepper1:").expect("a peppered hash");
        assert!(bare.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params().unwrap());
        assert!(argon2.verify_password(b"horse", bare).is_err(), "no use without the vault");
    }

    #[tokio::test]
    async fn a_hash_is_worth_nothing_beside_another_account_or_another_vault() {
        let fixture = WorkFixture::new().await;
        let credentials = opened(&fixture).await;
        let hash = credentials.hash(patient(1), password("horse")).await.unwrap();
        credentials.keep(patient(2), hash.clone()).await.unwrap();
        assert!(!credentials.password_matches(Some(patient(2)), password("horse")).await.unwrap());
        credentials.keep(patient(1), hash).await.unwrap();
        assert!(credentials.password_matches(Some(patient(1)), password("horse")).await.unwrap());
        let other = WorkFixture::new().await;
        let elsewhere = self::credentials(&other, fixture.db.clone()).await;
        assert!(!elsewhere.password_matches(Some(patient(1)), password("horse")).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_without_a_pepper_works_and_gets_one_when_its_owner_logs_in() {
        let fixture = WorkFixture::new().await;
        let credentials = opened(&fixture).await;
        put_bare(&fixture, patient(1), "horse").await;
        let matches = |text| credentials.password_matches(Some(patient(1)), password(text));
        assert!(!matches("cow").await.unwrap());
        assert!(kept(&fixture).await.starts_with("$argon2id$"), "a wrong password changes nothing");
        assert!(matches("horse").await.unwrap());
        assert!(kept(&fixture).await.starts_with("pepper1:$argon2id$"));
        assert!(matches("horse").await.unwrap());
        assert!(!matches("cow").await.unwrap());
    }

    #[tokio::test]
    async fn no_account_costs_the_same_hashing_as_a_wrong_password() {
        let fixture = WorkFixture::new().await;
        let credentials = opened(&fixture).await;
        set(&credentials, patient(1), "horse").await;
        // Algorithm, version, memory, passes and lanes; salt and hash are as long.
        let cost = |hash: &str| {
            let parts: Vec<&str> = hash.split('$').collect();
            let (told, secret) = parts.split_at(parts.len() - 2);
            (told.join("$"), secret.iter().map(|part| part.len()).collect::<Vec<_>>())
        };
        assert_eq!(cost(&kept(&fixture).await), cost(&credentials.nobodys));
        let wrong = |account| credentials.password_matches(account, password("wrong"));
        for account in [Some(patient(1)), None] {
            assert!(!wrong(account).await.unwrap());
        }
        // With no room for a hash neither is answered: none of them goes without.
        let room = credentials.hashing.admitted.available_permits();
        let _all = credentials.hashing.admitted.try_acquire_many(room.try_into().unwrap()).unwrap();
        for account in [Some(patient(1)), None] {
            assert!(matches!(wrong(account).await, Err(WorkError::Busy)), "{account:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn too_many_at_once_are_told_so_and_the_rest_are_answered() {
        let fixture = WorkFixture::new().await;
        let mut credentials = opened(&fixture).await;
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
