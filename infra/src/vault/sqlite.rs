//! `SqliteKeyVault`: wrapped keys in `vault.db`, opened ones in a bounded cache.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::key_vault::{HashPurpose, KeyVault, KnownStreamKey, ReportKey, VaultError};
use commands::ports::world::Entropy;
use domain::identity::event::SubjectKey;
use domain::ids::{EventId, Owner, ReportId, StreamName};
use domain::journal::StreamKey;
use domain::journal::request::RequestKey;
use moka::sync::Cache;
use sqlx::Row as _;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::installation_keys::InstallationKeys;
use super::kept_key::{installation_key, kept_installation_key, must_hold_its_key};
use super::master_key::MasterKey;
use super::subject::{SubjectKeys, named_owner, owner_name, stream_key};
use super::writer::{DurableKey, KeyJob, KeyWriter, Wanted, open_subject};
use crate::crypto::Key;
use crate::sqlite::database::{DatabaseError, DatabaseKind};
use crate::sqlite::file;
use crate::sqlite::reading::TracelessReading;

/// Every schema of the key vault.
pub fn database() -> DatabaseKind {
    DatabaseKind::new("a key vault", 0x4d4c_4b56, 1, include_str!("migrations/0001_begin.sql"))
        .with_soundness_checked()
}

/// Opened subjects and stream keys that stay in memory: about 300 bytes each.
const CACHED_MAX: u64 = 65_536;
/// Keys that may wait to be made before askers wait themselves.
const WAITING_MAX: usize = 4_096;
const READERS: u32 = 4;

/// Why a vault was not opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultOpenError {
    /// The database could not be opened.
    #[error(transparent)]
    File(#[from] DatabaseError),
    /// The keys in it were wrapped under another master key.
    #[error("{} was sealed under another master key: start with that key, or restore it from its copy", .0.display())]
    OtherMasterKey(PathBuf),
    /// Nothing was ever made in it, or nothing of that is left.
    #[error("{} holds no installation key, and the log was written with one: put it back from a backup, with what lies beside it", .0.display())]
    Emptied(PathBuf),
    /// The right master key does not open the installation key.
    #[error("{} is damaged: its installation key does not open. Restore it from a backup", .0.display())]
    Damaged(PathBuf),
    /// The system's own key could not be made or opened.
    #[error(
        "the installation's own subject key could not be had ({0}): if it does not open, put vault.db back from a backup"
    )]
    System(#[source] VaultError),
}

/// Whether an installation may begin with this vault: its first key is made if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begins(pub bool);

/// Keys of many streams with those they are wrapped by; streams whose subject's key is gone are left out.
const KNOWN: &str =
    "SELECT k.stream, k.owner, k.wrapped, s.key_id, s.wrapped AS subject FROM json_each(?) n
     CROSS JOIN stream_keys k ON k.stream = n.value JOIN subject_keys s ON s.owner = k.owner";

/// The key vault in one SQLite file.
pub struct SqliteKeyVault {
    master: Arc<Key>,
    installation: InstallationKeys,
    entropy: Arc<dyn Entropy>,
    readers: SqlitePool,
    jobs: mpsc::Sender<KeyJob>,
    stopped: CancellationToken,
    subjects: Cache<Owner, Arc<SubjectKeys>>,
    streams: Cache<StreamName, Arc<Key>>,
    /// Set where it was opened to read: then no words of anybody open, either.
    reading: Option<TracelessReading>,
}

impl SqliteKeyVault {
    /// Opens the vault at `path`, and makes it with a fresh installation key if it is not there.
    ///
    /// # Errors
    /// See [`VaultOpenError`]; above all where `master` is not the key it was made with.
    pub async fn open(
        path: &Path,
        master: MasterKey,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, VaultOpenError> {
        Self::open_as(path, &database(), master, entropy, Begins(true)).await
    }

    /// The same with other schemas.
    ///
    /// # Errors
    /// See [`VaultOpenError`].
    pub async fn open_as(
        path: &Path,
        database: &DatabaseKind,
        master: MasterKey,
        entropy: Arc<dyn Entropy>,
        Begins(begins): Begins,
    ) -> Result<Self, VaultOpenError> {
        if !begins {
            must_hold_its_key(path, database, &master.0).await?;
        }
        let mut connection = database.open(path, file::options(path)).await?;
        let installation_key = match begins {
            true => installation_key(&mut connection, path, &master.0, &*entropy).await?,
            false => kept_installation_key(&mut connection, path, &master.0).await?,
        };
        let master = Arc::new(master.0);
        let stopped = CancellationToken::new();
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let writer = KeyWriter {
            connection,
            master: Arc::clone(&master),
            entropy: Arc::clone(&entropy),
            stopped: stopped.clone(),
        };
        tokio::spawn(writer.run(waiting));
        let vault = Self {
            master,
            installation: InstallationKeys::new(&installation_key, Arc::clone(&entropy)),
            entropy,
            readers: file::pool(file::options(path), READERS),
            jobs,
            stopped,
            subjects: Cache::new(CACHED_MAX),
            streams: Cache::new(CACHED_MAX),
            reading: None,
        };
        vault.subject_key(Owner::System).await.map_err(VaultOpenError::System)?;
        Ok(vault)
    }

    /// Opens the vault at `path` to find keys of streams and of the installation in it, and makes nothing.
    /// What is sealed stays sealed: reading it is for the service, which records who did.
    ///
    /// # Errors
    /// See [`VaultOpenError`].
    pub async fn open_read_only(
        path: &Path,
        master: MasterKey,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, VaultOpenError> {
        let reading = database().open_to_read(path).await?;
        let readers = file::pool(reading.options(), READERS);
        let sqlite = |source| DatabaseError::Sqlite { path: path.to_owned(), source };
        let mut connection = readers.acquire().await.map_err(sqlite)?;
        let installation_key = kept_installation_key(&mut connection, path, &master.0).await?;
        drop(connection);
        Ok(Self {
            master: Arc::new(master.0),
            installation: InstallationKeys::new(&installation_key, Arc::clone(&entropy)),
            entropy,
            readers,
            jobs: mpsc::channel(1).0,
            stopped: CancellationToken::new(),
            subjects: Cache::new(CACHED_MAX),
            streams: Cache::new(CACHED_MAX),
            reading: Some(reading),
        })
    }

    /// Refuses to open words or reports where this was opened to read.
    fn opens_words(&self) -> Result<(), VaultError> {
        match &self.reading {
            Some(_) => {
                Err(VaultError::Vault("what is sealed is opened by the service only".into()))
            }
            None => Ok(()),
        }
    }

    /// Cancelled once no key can be made any more, because a write or an fsync failed: the process must end
    /// and look at the disk anew.
    pub fn stopped(&self) -> CancellationToken {
        self.stopped.clone()
    }

    /// The subject if it has a key. In memory this is a look-up and nothing else.
    async fn known_subject(&self, owner: Owner) -> Result<Option<Arc<SubjectKeys>>, VaultError> {
        if let Some(subject) = self.subjects.get(&owner) {
            return Ok(Some(subject));
        }
        let row = sqlx::query("SELECT key_id, wrapped FROM subject_keys WHERE owner = ?")
            .bind(owner_name(owner))
            .fetch_optional(&self.readers)
            .await
            .map_err(fault)?;
        let Some(row) = row else { return Ok(None) };
        let (key_id, wrapped) = (bytes(&row, "key_id")?, bytes(&row, "wrapped")?);
        let subject = open_subject(&self.master, owner, key_id, wrapped)?;
        self.subjects.insert(owner, Arc::clone(&subject));
        Ok(Some(subject))
    }

    async fn subject(&self, owner: Owner) -> Result<Arc<SubjectKeys>, VaultError> {
        self.known_subject(owner).await?.ok_or(VaultError::NoKey)
    }

    /// The key of an address's stream, where an older version kept one.
    async fn kept_before(&self, stream: &StreamName) -> Result<Option<Key>, VaultError> {
        let known = self.known_stream_keys(std::slice::from_ref(stream)).await?.pop();
        known.map(|(_, key)| Ok(Zeroizing::new(key?.0))).transpose()
    }

    async fn made(&self, wanted: Wanted) -> Result<DurableKey, VaultError> {
        let (answer, made) = oneshot::channel();
        let gone = || VaultError::Vault("the key vault takes no more writes".into());
        self.jobs.send(KeyJob { wanted, answer }).await.map_err(|_| gone())?;
        made.await.map_err(|_| gone())?
    }
}

#[async_trait]
impl KeyVault for SqliteKeyVault {
    /// A key that is not in memory is asked of the writer at once: it looks a whole batch up in one query.
    async fn subject_key(&self, owner: Owner) -> Result<SubjectKey, VaultError> {
        if let Some(subject) = self.subjects.get(&owner) {
            return Ok(subject.published.clone());
        }
        let made = self.made(Wanted::Subject(owner)).await?;
        self.subjects.insert(owner, Arc::clone(&made.subject));
        Ok(made.subject.published.clone())
    }

    async fn stream_key(&self, stream: &StreamName, owner: Owner) -> Result<StreamKey, VaultError> {
        if let Some(key) = self.streams.get(stream) {
            return Ok(stream_key(&key));
        }
        let key = match self.installation.derived_stream_key(stream) {
            Some(derived) => Arc::new(self.kept_before(stream).await?.unwrap_or(derived)),
            None => self.made(Wanted::Stream(stream.clone(), owner)).await?.key()?,
        };
        self.streams.insert(stream.clone(), Arc::clone(&key));
        Ok(stream_key(&key))
    }

    async fn known_stream_keys(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<KnownStreamKey>, VaultError> {
        // Names of streams hold nothing that JSON would have to escape.
        let names: Vec<&str> = streams.iter().map(StreamName::as_str).collect();
        let rows = sqlx::query(KNOWN)
            .bind(serde_json::to_string(&names).unwrap_or_default())
            .fetch_all(&self.readers)
            .await
            .map_err(fault)?;
        if let Some(reading) = &self.reading {
            reading.still_holds().map_err(|error| VaultError::Vault(error.into()))?;
        }
        let mut keys = Vec::with_capacity(streams.len());
        for row in &rows {
            let stream: &str = row.try_get("stream").map_err(fault)?;
            let stream: StreamName = stream.parse().map_err(|_| VaultError::Damaged)?;
            let owner = named_owner(row.try_get("owner").map_err(fault)?)?;
            let (key_id, subject) = (bytes(row, "key_id")?, bytes(row, "subject")?);
            let wrapped = bytes(row, "wrapped")?;
            let subject = open_subject(&self.master, owner, key_id, subject);
            let key = subject.and_then(|subject| subject.open_stream_key(&stream, wrapped));
            keys.push((stream, key.map(|key| stream_key(&key))));
        }
        let kept: HashSet<StreamName> = keys.iter().map(|(stream, _)| stream.clone()).collect();
        let derived = streams.iter().filter(|stream| !kept.contains(stream)).filter_map(|stream| {
            let key = self.installation.derived_stream_key(stream)?;
            Some((stream.clone(), Ok(stream_key(&key))))
        });
        keys.extend(derived);
        Ok(keys)
    }

    async fn seal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        words: &str,
    ) -> Result<String, VaultError> {
        let subject = self.subject(owner).await?;
        Ok(subject.seal(&*self.entropy, event, pointer, words))
    }

    async fn unseal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        sealed: &str,
    ) -> Result<Zeroizing<String>, VaultError> {
        self.opens_words()?;
        let subject = self.subject(owner).await?;
        subject.unseal(event, pointer, sealed)
    }

    async fn make_report_key(
        &self,
        owner: Owner,
        report: ReportId,
        version: u32,
    ) -> Result<ReportKey, VaultError> {
        let made = self.made(Wanted::Report(owner, report, version)).await?;
        Ok(made.subject.report_key(&*made.key()?))
    }

    async fn report_key(
        &self,
        owner: Owner,
        report: ReportId,
        version: u32,
    ) -> Result<ReportKey, VaultError> {
        self.opens_words()?;
        let subject = self.subject(owner).await?;
        let sql = "SELECT wrapped FROM report_keys WHERE report = ? AND version = ? AND owner = ?";
        let wrapped: Option<Vec<u8>> = sqlx::query_scalar(sql)
            .bind(report.to_string())
            .bind(version)
            .bind(owner_name(owner))
            .fetch_optional(&self.readers)
            .await
            .map_err(fault)?;
        let wrapped = wrapped.ok_or(VaultError::NoKey)?;
        let key = subject.open_report_key(&report.to_string(), version, &wrapped)?;
        Ok(subject.report_key(&key))
    }

    fn request_key(&self) -> RequestKey {
        self.installation.request_key()
    }

    fn keyed_hash(&self, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32] {
        self.installation.hash(purpose, parts)
    }

    fn seal_note(&self, note: &[u8]) -> String {
        self.installation.seal_note(note)
    }

    fn open_note(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.installation.open_note(sealed)
    }
}

fn bytes<'r>(row: &'r SqliteRow, column: &str) -> Result<&'r [u8], VaultError> {
    row.try_get(column).map_err(fault)
}

fn fault(error: sqlx::Error) -> VaultError {
    VaultError::Vault(Box::new(error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use futures::future::join_all;
    use sqlx::Connection;

    use domain::ids::LoginHash;

    use super::super::conformance::{Place, conformance, person, report};
    use super::*;
    use crate::entropy::OsEntropy;

    conformance!({
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Place::new(move |_| {
            let folder = Arc::clone(&folder);
            async move { Arc::new(open(folder.path(), 1).await.unwrap()) as Arc<dyn KeyVault> }
        })
    });

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_text(&hex::encode([byte; 32])).unwrap()
    }

    async fn open(folder: &Path, byte: u8) -> Result<SqliteKeyVault, VaultOpenError> {
        SqliteKeyVault::open(&folder.join("vault.db"), master(byte), Arc::new(OsEntropy)).await
    }

    async fn vault() -> (tempfile::TempDir, Arc<SqliteKeyVault>) {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path(), 1).await.unwrap();
        (folder, Arc::new(vault))
    }

    /// Changes the database behind the vault's back.
    async fn meddle(folder: &Path, sql: &'static str) {
        let path = folder.join("vault.db");
        let mut db = database().open(&path, file::options(&path)).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_guess_at_an_address_keeps_no_key_and_those_of_older_versions_stay_in_use() {
        let (_folder, vault) = vault().await;
        let [older, newer] = [1, 2].map(|n| StreamName::login(&LoginHash([n; 32])));
        let kept = vault.made(Wanted::Stream(older.clone(), Owner::System)).await.unwrap();
        let kept = stream_key(&kept.key().unwrap());
        assert_eq!(vault.stream_key(&older, Owner::System).await.unwrap().0, kept.0);
        let known = vault.known_stream_keys(std::slice::from_ref(&older)).await.unwrap();
        assert_eq!(known[0].1.as_ref().unwrap().0, kept.0);
        let derived = vault.stream_key(&newer, Owner::System).await.unwrap();
        assert_ne!(derived.0, kept.0);
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM stream_keys")
            .fetch_one(&vault.readers)
            .await
            .unwrap();
        assert_eq!(rows, 1);
    }

    #[tokio::test]
    async fn another_master_key_is_refused_in_words() {
        let (folder, vault) = vault().await;
        drop(vault);
        let error = open(folder.path(), 2).await.err().unwrap().to_string();
        assert!(error.contains("sealed under another master key"), "{error}");
        open(folder.path(), 1).await.unwrap();
        meddle(folder.path(), "UPDATE house SET value = zeroblob(60) WHERE name = 'key'").await;
        assert!(matches!(open(folder.path(), 1).await, Err(VaultOpenError::Damaged(_))));
    }

    #[tokio::test]
    async fn a_vault_that_is_read_finds_keys_of_streams_and_opens_no_words() {
        let (folder, vault) = vault().await;
        let (owner, stream) = person(1);
        let key = vault.stream_key(&stream, owner).await.unwrap();
        let event = EventId::new(uuid::Uuid::from_u128(1));
        let sealed = vault.seal(owner, event, "/data/reason", "her words").await.unwrap();
        vault.make_report_key(owner, report(1), 0).await.unwrap();
        let path = folder.path().join("vault.db");
        let read = SqliteKeyVault::open_read_only(&path, master(1), Arc::new(OsEntropy)).await;
        let read = read.unwrap();
        let known = read.known_stream_keys(std::slice::from_ref(&stream)).await.unwrap();
        assert_eq!(known[0].1.as_ref().unwrap().0, key.0);
        assert!(read.unseal(owner, event, "/data/reason", &sealed).await.is_err());
        assert!(read.report_key(owner, report(1), 0).await.is_err());
        assert!(read.stream_key(&person(2).1, person(2).0).await.is_err(), "it makes none");
        assert_eq!(
            vault.unseal(owner, event, "/data/reason", &sealed).await.unwrap().as_str(),
            "her words"
        );
        let other = SqliteKeyVault::open_read_only(&path, master(2), Arc::new(OsEntropy)).await;
        assert!(matches!(other, Err(VaultOpenError::OtherMasterKey(_))));
    }

    #[tokio::test]
    async fn a_row_moved_to_another_place_does_not_open() {
        let (folder, vault) = vault().await;
        let (ana, eve) = (person(1), person(2));
        for (owner, stream) in [&ana, &eve] {
            vault.stream_key(stream, *owner).await.unwrap();
        }
        drop(vault);
        let copy = "UPDATE subject_keys SET wrapped = (
                    SELECT wrapped FROM subject_keys WHERE owner LIKE '%2')
                    WHERE owner LIKE '%1'";
        meddle(folder.path(), copy).await;
        let vault = open(folder.path(), 1).await.unwrap();
        let (owner, stream) = ana;
        assert!(matches!(vault.subject_key(owner).await, Err(VaultError::Damaged)));
        let known = vault.known_stream_keys(std::slice::from_ref(&stream)).await.unwrap();
        assert!(matches!(known[0].1, Err(VaultError::Damaged)));
        assert!(matches!(vault.stream_key(&stream, owner).await, Err(VaultError::Damaged)));
        vault.stream_key(&eve.1, eve.0).await.unwrap();
        let (owner, stream) = person(3);
        vault.stream_key(&stream, owner).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_new_streams_share_their_commits() {
        let (folder, vault) = vault().await;
        let wanted: Vec<_> = (1..=2_000).map(person).collect();
        let keys = wanted.iter().map(|(owner, stream)| vault.stream_key(stream, *owner));
        let mut keys: Vec<_> = join_all(keys).await.into_iter().map(|key| key.unwrap().0).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 2_000);
        // A commit of its own would write two pages for every stream: one for each table.
        let log = std::fs::metadata(folder.path().join("vault.db-wal")).unwrap();
        assert!(log.len() < 2_000 * 4_096, "{}", log.len());
        assert_eq!(log.mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn no_key_lies_on_the_disk_in_the_clear() {
        let (folder, vault) = vault().await;
        let (owner, stream) = person(1);
        let stream_key = vault.stream_key(&stream, owner).await.unwrap();
        let report_key = vault.make_report_key(owner, report(1), 1).await.unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for key in [stream_key.0, *report_key.key, [1; 32]] {
                assert!(!bytes.windows(32).any(|window| window == key));
            }
        }
    }
}
