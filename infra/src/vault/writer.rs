//! The one task that makes keys: it gathers what is waiting and stores it in one transaction with one fsync,
//! so that a thousand new streams do not wait for a thousand of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use commands::ports::key_vault::VaultError;
use commands::ports::world::Entropy;
use domain::ids::{KeyId, Owner, ReportId, StreamName};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::subject::{self, SubjectKeys, named_owner, owner_name};
use crate::crypto::Key;
use crate::sqlite::errors::is_full;
use crate::sqlite::group_commit::{GroupWriter, begin, end, write_groups};

/// A key that is wanted. Each is made only if it is not there when its turn comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    Subject(Owner),
    Stream(StreamName, Owner),
    Report(Owner, ReportId, u32),
}

/// The key that was wanted, durable.
pub(super) struct DurableKey {
    pub(super) subject: Arc<SubjectKeys>,
    /// The stream's or the report's; none where only the subject's was wanted.
    pub(super) key: Option<Arc<Key>>,
}

pub(super) struct KeyJob {
    pub(super) wanted: Wanted,
    pub(super) answer: oneshot::Sender<Result<DurableKey, VaultError>>,
}

/// Owns the only connection that writes.
pub(super) struct KeyWriter {
    pub(super) connection: SqliteConnection,
    pub(super) master: Arc<Key>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// Cancelled when a write failed for another reason than a full disk.
    pub(super) stopped: CancellationToken,
}

impl KeyWriter {
    /// Works until nobody can want a key any more, or until a group fails.
    pub(super) async fn run(mut self, jobs: mpsc::Receiver<KeyJob>) {
        let _stop_on_any_end = self.stopped.clone().drop_guard();
        let never = CancellationToken::new();
        if write_groups(&mut self, jobs, &never).await.is_ok() {
            // Empties the write-ahead log; what is in it is durable either way.
            let _ = sqlx::Connection::close(self.connection).await;
        }
    }

    async fn work(
        &mut self,
        jobs: &[KeyJob],
    ) -> Result<Vec<Result<DurableKey, VaultError>>, sqlx::Error> {
        begin(&mut self.connection).await?;
        let made = self.make(jobs).await;
        end(&mut self.connection, made).await
    }

    async fn make(
        &mut self,
        jobs: &[KeyJob],
    ) -> Result<Vec<Result<DurableKey, VaultError>>, sqlx::Error> {
        let mut keys = Keys::read(&mut self.connection, jobs).await?;
        keys.read_subjects(&mut self.connection, jobs, &self.master).await?;
        let made = jobs.iter().map(|job| keys.make(&job.wanted, &self.master, &*self.entropy));
        let made = made.collect();
        keys.store(&mut self.connection).await?;
        Ok(made)
    }
}

impl GroupWriter for KeyWriter {
    type Job = KeyJob;

    const JOBS_MAX: usize = 512;

    /// Whoever no longer waits will ask again and find the key.
    async fn commit(&mut self, jobs: &mut Vec<KeyJob>) -> Result<(), Arc<sqlx::Error>> {
        let error = match self.work(jobs).await {
            Ok(made) => {
                jobs.drain(..).zip(made).for_each(|(job, made)| drop(job.answer.send(made)));
                return Ok(());
            }
            Err(error) if is_full(&error) => {
                jobs.drain(..).for_each(|job| drop(job.answer.send(Err(VaultError::DiskFull))));
                return Ok(());
            }
            Err(error) => Arc::new(error),
        };
        for job in jobs.drain(..) {
            drop(job.answer.send(Err(VaultError::Vault(Box::new(Arc::clone(&error))))));
        }
        Err(error)
    }
}

type ReportKeyName = (ReportId, u32);

/// Everything a batch touches: what is stored already, and what it adds.
#[derive(Default)]
struct Keys {
    /// `None`: there, and does not open.
    subjects: HashMap<Owner, Option<Arc<SubjectKeys>>>,
    streams: HashMap<StreamName, (Owner, StoredKey)>,
    reports: HashMap<ReportKeyName, (Owner, StoredKey)>,
    new_subjects: Vec<[String; 3]>,
    new_streams: Vec<[String; 3]>,
    new_reports: Vec<(String, u32, String, String)>,
}

/// A key that was found, or one that was made a moment ago.
enum StoredKey {
    Wrapped(Vec<u8>),
    Open(Arc<Key>),
}

impl Keys {
    async fn read(db: &mut SqliteConnection, jobs: &[KeyJob]) -> Result<Self, sqlx::Error> {
        let mut keys = Self::default();
        let mut streams = BTreeSet::new();
        let mut reports = BTreeSet::new();
        for job in jobs {
            match &job.wanted {
                Wanted::Subject(_) => {}
                Wanted::Stream(stream, _) => {
                    streams.insert(stream.as_str());
                }
                Wanted::Report(_, report, version) => {
                    reports.insert((report.to_string(), *version));
                }
            }
        }
        let sql = "SELECT stream, owner, wrapped FROM json_each(?) n
                   CROSS JOIN stream_keys ON stream = n.value";
        let rows = sqlx::query(sql).bind(json(&streams)).fetch_all(&mut *db).await?;
        for row in rows {
            let (stream, owner): (&str, &str) = (row.try_get("stream")?, row.try_get("owner")?);
            if let (Ok(stream), Ok(owner)) = (stream.parse(), named_owner(owner)) {
                let wrapped = StoredKey::Wrapped(row.try_get("wrapped")?);
                keys.streams.insert(stream, (owner, wrapped));
            }
        }
        let sql = "SELECT report, version, owner, wrapped FROM json_each(?) n
                   CROSS JOIN report_keys ON report = n.value ->> 0 AND version = n.value ->> 1";
        let rows = sqlx::query(sql).bind(json(&reports)).fetch_all(&mut *db).await?;
        for row in rows {
            let (report, owner): (&str, &str) = (row.try_get("report")?, row.try_get("owner")?);
            if let (Ok(report), Ok(owner)) = (report.parse(), named_owner(owner)) {
                let wrapped = StoredKey::Wrapped(row.try_get("wrapped")?);
                keys.reports.insert((report, row.try_get("version")?), (owner, wrapped));
            }
        }
        Ok(keys)
    }

    async fn read_subjects(
        &mut self,
        db: &mut SqliteConnection,
        jobs: &[KeyJob],
        master: &Key,
    ) -> Result<(), sqlx::Error> {
        let wanted = jobs.iter().map(|job| match &job.wanted {
            Wanted::Subject(owner) | Wanted::Stream(_, owner) | Wanted::Report(owner, _, _) => {
                *owner
            }
        });
        let kept_under = self.streams.values().map(|(owner, _)| *owner);
        let owners: BTreeSet<_> = wanted.chain(kept_under).map(owner_name).collect();
        let sql = "SELECT owner, key_id, wrapped FROM json_each(?) n
                   CROSS JOIN subject_keys ON owner = n.value";
        let rows = sqlx::query(sql).bind(json(&owners)).fetch_all(db).await?;
        for row in rows {
            if let Ok(owner) = named_owner(row.try_get("owner")?) {
                let (key_id, wrapped) = (row.try_get("key_id")?, row.try_get("wrapped")?);
                let subject = open_subject(master, owner, key_id, wrapped).ok();
                self.subjects.insert(owner, subject);
            }
        }
        Ok(())
    }

    fn make(
        &mut self,
        wanted: &Wanted,
        master: &Key,
        entropy: &dyn Entropy,
    ) -> Result<DurableKey, VaultError> {
        match wanted {
            Wanted::Subject(owner) => {
                let subject = self.subject(*owner, master, entropy)?;
                Ok(DurableKey { subject, key: None })
            }
            Wanted::Stream(stream, owner) => self.stream(stream, *owner, master, entropy),
            Wanted::Report(owner, report, version) => {
                self.report(*owner, (*report, *version), entropy)
            }
        }
    }

    fn subject(
        &mut self,
        owner: Owner,
        master: &Key,
        entropy: &dyn Entropy,
    ) -> Result<Arc<SubjectKeys>, VaultError> {
        if let Some(found) = self.subjects.get(&owner) {
            return found.clone().ok_or(VaultError::Damaged);
        }
        let key = subject::fresh_key(entropy);
        let id = KeyId(
            uuid::Builder::from_random_bytes(subject::fresh(entropy)).into_uuid().into_bytes(),
        );
        let wrapped = subject::wrap_subject_key(master, owner, &key, entropy);
        let made = Arc::new(SubjectKeys::new(id, &key)?);
        self.subjects.insert(owner, Some(Arc::clone(&made)));
        self.new_subjects.push([owner_name(owner), hex::encode(id.0), hex::encode(wrapped)]);
        Ok(made)
    }

    fn stream(
        &mut self,
        stream: &StreamName,
        owner: Owner,
        master: &Key,
        entropy: &dyn Entropy,
    ) -> Result<DurableKey, VaultError> {
        if let Some((owner, stored)) = self.streams.get(stream) {
            let subject = self.subjects.get(owner).ok_or(VaultError::NoKey)?;
            let subject = subject.clone().ok_or(VaultError::Damaged)?;
            let key = stored.open(|wrapped| subject.open_stream_key(stream, wrapped))?;
            return Ok(DurableKey { subject, key: Some(key) });
        }
        let subject = self.subject(owner, master, entropy)?;
        let (key, wrapped) = subject.new_stream_key(stream, entropy);
        let key = Arc::new(key);
        self.streams.insert(stream.clone(), (owner, StoredKey::Open(Arc::clone(&key))));
        self.new_streams.push([
            stream.as_str().to_owned(),
            owner_name(owner),
            hex::encode(wrapped),
        ]);
        Ok(DurableKey { subject, key: Some(key) })
    }

    /// A report's owner has a key already: nobody uploads before they are registered, and after an erasure no
    /// key may come back.
    fn report(
        &mut self,
        owner: Owner,
        (report, version): ReportKeyName,
        entropy: &dyn Entropy,
    ) -> Result<DurableKey, VaultError> {
        let subject = self.subjects.get(&owner).ok_or(VaultError::NoKey)?;
        let subject = subject.clone().ok_or(VaultError::Damaged)?;
        let name = report.to_string();
        if let Some((kept_under, stored)) = self.reports.get(&(report, version)) {
            if *kept_under != owner {
                return Err(VaultError::NoKey);
            }
            let key = stored.open(|wrapped| subject.open_report_key(&name, version, wrapped))?;
            return Ok(DurableKey { subject, key: Some(key) });
        }
        let (key, wrapped) = subject.new_report_key(&name, version, entropy);
        let key = Arc::new(key);
        self.reports.insert((report, version), (owner, StoredKey::Open(Arc::clone(&key))));
        self.new_reports.push((name, version, owner_name(owner), hex::encode(wrapped)));
        Ok(DurableKey { subject, key: Some(key) })
    }

    /// What is bound here is ciphertext and ids; no clear key is handed to SQLite.
    async fn store(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let inserts = [
            (
                "INSERT INTO subject_keys (owner, key_id, wrapped)
                 SELECT value ->> 0, unhex(value ->> 1), unhex(value ->> 2) FROM json_each(?)",
                (!self.new_subjects.is_empty()).then(|| json(&self.new_subjects)),
            ),
            (
                "INSERT INTO stream_keys (stream, owner, wrapped)
                 SELECT value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each(?)",
                (!self.new_streams.is_empty()).then(|| json(&self.new_streams)),
            ),
            (
                "INSERT INTO report_keys (report, version, owner, wrapped)
                 SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3) FROM json_each(?)",
                (!self.new_reports.is_empty()).then(|| json(&self.new_reports)),
            ),
        ];
        for (sql, rows) in inserts {
            if let Some(rows) = rows {
                sqlx::query(sql).bind(rows).execute(&mut *db).await?;
            }
        }
        Ok(())
    }
}

impl StoredKey {
    fn open(
        &self,
        unwrap: impl FnOnce(&[u8]) -> Result<Key, VaultError>,
    ) -> Result<Arc<Key>, VaultError> {
        match self {
            Self::Wrapped(wrapped) => unwrap(wrapped).map(Arc::new),
            Self::Open(key) => Ok(Arc::clone(key)),
        }
    }
}

/// A row of `subject_keys`, opened.
pub(super) fn open_subject(
    master: &Key,
    owner: Owner,
    key_id: &[u8],
    wrapped: &[u8],
) -> Result<Arc<SubjectKeys>, VaultError> {
    let key_id = key_id.try_into().map_err(|_| VaultError::Damaged)?;
    let key = subject::open_subject_key(master, owner, wrapped)?;
    SubjectKeys::new(KeyId(key_id), &key).map(Arc::new)
}

impl DurableKey {
    /// The stream key or report key that was wanted.
    pub(super) fn key(&self) -> Result<Arc<Key>, VaultError> {
        self.key.clone().ok_or(VaultError::NoKey)
    }
}

/// Lists of strings and numbers always have a JSON form.
fn json(rows: &impl serde::Serialize) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}
