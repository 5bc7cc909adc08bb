//! The work store: secrets that must be forgettable, and how far work has come that happens by itself, in
//! `work.db`. It is never rebuilt from the log.

mod challenges;
#[cfg(test)]
mod conformance;
mod credentials;
mod factor_secrets;
mod familiar_sources;
mod leases;
mod memory;
mod passkeys;
mod reactions;
mod sessions;
mod writer;

use std::path::Path;
use std::time::Duration;

use commands::ports::credentials::WorkError;
use domain::actor::Actor;
use sqlx::sqlite::SqlitePool;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::sqlite::database::{DatabaseError, DatabaseKind};
use crate::sqlite::errors::is_full;
use crate::sqlite::file;

pub use challenges::SqliteChallenges;
pub use credentials::SqliteCredentials;
pub use factor_secrets::SqliteFactorSecrets;
pub use familiar_sources::SqliteFamiliarSources;
pub use leases::SqliteLeases;
pub use memory::MemoryReactions;
pub use passkeys::SqlitePasskeys;
pub use reactions::SqliteReactions;
pub use sessions::SqliteSessions;
use writer::{Waiting, WaitingWrite, WorkWrite, WorkWriter};

/// Every schema of the work store.
pub fn database() -> DatabaseKind {
    DatabaseKind::new(
        "a work store",
        0x4d4c_4b57,
        1,
        include_str!("work_store/migrations/0001_begin.sql"),
    )
    .with_soundness_checked()
    .then("reactions", include_str!("work_store/migrations/0002_reactions.sql"))
    .then("leases", include_str!("work_store/migrations/0003_leases.sql"))
    .then("people", include_str!("work_store/migrations/0004_people.sql"))
    .then("passkeys", include_str!("work_store/migrations/0005_passkeys.sql"))
    .then("factor secrets", include_str!("work_store/migrations/0006_factor_secrets.sql"))
}

const READERS: u32 = 4;
/// Writes that may wait before the next caller has to wait to be let in.
const WAITING_MAX: usize = 1_024;
/// How long that caller waits before it is told that too many do.
const PATIENCE: Duration = Duration::from_secs(10);

/// The database of all work stores. Clones share its connections.
#[derive(Debug, Clone)]
pub struct WorkDb {
    writes: mpsc::Sender<Box<dyn WaitingWrite>>,
    readers: SqlitePool,
    stopped: CancellationToken,
}

impl WorkDb {
    /// Opens `path`, makes it if it is not there, brings it up to date if it is older.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::open_as(path, &database()).await
    }

    /// The same with other schemas.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub async fn open_as(path: &Path, database: &DatabaseKind) -> Result<Self, DatabaseError> {
        let db = database.open(path, file::options(path)).await?;
        let stopped = CancellationToken::new();
        let (writes, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(WorkWriter { db, stopped: stopped.clone() }.run(waiting));
        Ok(Self { writes, readers: file::pool(file::options(path), READERS), stopped })
    }

    /// Cancelled once nothing can be written any more, because a write or an fsync failed: the process must
    /// end and look at the disk anew.
    pub fn stopped(&self) -> CancellationToken {
        self.stopped.clone()
    }

    /// Writes durably, together with whatever else waits.
    async fn write<W: WorkWrite>(&self, write: W) -> Result<W::Answer, WorkError> {
        let gone = || WorkError::Store("the work store takes no more writes".into());
        let (answer, answered) = oneshot::channel();
        match self.writes.send_timeout(Waiting::boxed(write, answer), PATIENCE).await {
            Ok(()) => answered.await.map_err(|_| gone())?,
            Err(SendTimeoutError::Timeout(_)) => Err(WorkError::Busy),
            Err(SendTimeoutError::Closed(_)) => Err(gone()),
        }
    }
}

fn fault(error: sqlx::Error) -> WorkError {
    if is_full(&error) {
        WorkError::DiskFull
    } else if matches!(error, sqlx::Error::PoolTimedOut) {
        WorkError::Busy
    } else {
        WorkError::Store(Box::new(error))
    }
}

/// Reads an id or an actor that we wrote ourselves.
fn read<T>(text: &str) -> Result<T, WorkError>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(|error: T::Err| WorkError::Store(Box::new(error)))
}

fn read_account(text: &str) -> Result<Actor, WorkError> {
    read(text)
}

#[cfg(test)]
mod fixture {
    //! A work store on a real folder, with a clock that is moved by hand.

    use std::sync::Arc;

    use commands::ports::key_vault::KeyVault;
    use commands::ports::world::Clock;
    use domain::actor::Actor;
    use domain::ids::PatientId;
    use domain::time::Moment;
    use uuid::Uuid;

    use super::WorkDb;
    use crate::clock::ManualClock;
    use crate::entropy::OsEntropy;
    use crate::vault::MemoryKeyVault;

    pub(crate) struct WorkFixture {
        pub(crate) folder: tempfile::TempDir,
        pub(crate) db: WorkDb,
        pub(crate) vault: Arc<dyn KeyVault>,
        pub(crate) clock: ManualClock,
    }

    impl WorkFixture {
        pub(crate) async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let vault = Arc::new(MemoryKeyVault::new(Arc::new(OsEntropy)).unwrap());
            let db = WorkDb::open(&folder.path().join("work.db")).await.unwrap();
            let clock = ManualClock::at("2026-11-23T08:00:00.000000Z".parse().unwrap());
            Self { folder, db, vault, clock }
        }

        pub(crate) fn now(&self) -> Moment {
            self.clock.now()
        }

        /// The work store as the next process finds it.
        pub(crate) async fn reopened(&self) -> WorkDb {
            WorkDb::open(&self.folder.path().join("work.db")).await.unwrap()
        }
    }

    pub(crate) fn patient(n: u128) -> Actor {
        Actor::Patient(PatientId::new(Uuid::from_u128(n)))
    }
}
