//! What lies on the disk, opened by those who do not serve: the auditor's commands and the benches.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use commands::ports::blob_store::BlobStore;
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::world::{Clock as _, Entropy};
use domain::audit::state::LogState;
use domain::fold::Fold as _;
use domain::journal::{Position, StreamVersion};
use infra::blob_store::DirectoryBlobStore;
use infra::clock::SystemClock;
use infra::entropy::OsEntropy;
use infra::event_store::{LogReader, SqliteEventStore, SqliteOptions};
use infra::read_store::sqlite::SqliteReadStore;
use infra::schemas::Schemas;
use infra::vault::Begins;
use projections::ports::{EventReader, ReadStore};

use super::damaged::kept;
use super::start::Start;
use super::vault::{open_vault, open_vault_to_read};
use crate::config::Config;

/// A log as it lies on the disk, for those who only read it.
pub(crate) struct StoredLog {
    /// The log up to where it ended when it was opened.
    pub(crate) events: Arc<dyn EventStore>,
    /// The highest position ever given, by the store's own count.
    pub(crate) high_water: Option<Position>,
}

/// Opens the log to read it, also while the service writes it.
pub(crate) async fn open_stored_log(data: &Path) -> anyhow::Result<StoredLog> {
    let path = data.join("events.db");
    anyhow::ensure!(path.is_file(), "there is no event log {}", path.display());
    let readers = std::thread::available_parallelism().map_or(2, usize::from);
    let store = SqliteEventStore::open_read_only(&path, u32::try_from(readers)?).await?;
    let high_water = store.high_water().await?;
    Ok(StoredLog { events: Arc::new(store), high_water })
}

/// What the log says about itself, from its own stream.
pub(crate) async fn log_as_stored(stored: &StoredLog) -> anyhow::Result<LogState> {
    let stream = Start::of(&*stored.events).await?.log_stream;
    let mut log = LogState::default();
    let mut next = StreamVersion(0);
    loop {
        let lines = stored.events.read(&stream, next, LINES).await?;
        for line in &lines {
            log.evolve(&line.recorded().context("run `medlock verify`")?);
        }
        next.0 += u32::try_from(lines.len())?;
        if lines.len() < LINES {
            return Ok(log);
        }
    }
}

/// Lines read at once.
const LINES: usize = 1_024;

/// Opens the vault to read it, if there is one: leaves no trace, and opens no words of anybody.
pub(crate) async fn open_known_vault(config: &Config) -> anyhow::Result<Arc<dyn KeyVault>> {
    let path = config.data.join("vault.db");
    anyhow::ensure!(path.is_file(), "there is no key vault {}", path.display());
    Ok(Arc::new(open_vault_to_read(config, &(Arc::new(OsEntropy) as Arc<dyn Entropy>)).await?))
}

/// Opens the vault to make keys in it, if there is one; makes none.
pub(crate) async fn open_vault_to_go_on(config: &Config) -> anyhow::Result<Arc<dyn KeyVault>> {
    let path = config.data.join("vault.db");
    anyhow::ensure!(path.is_file(), "there is no key vault {}", path.display());
    make_vault(config).await
}

/// Opens the vault, or makes one, master key and all.
pub(crate) async fn make_vault(config: &Config) -> anyhow::Result<Arc<dyn KeyVault>> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let vault = open_vault(config, &Schemas::default().vault, &entropy, Begins(true)).await?;
    Ok(Arc::new(vault.0))
}

/// Opens the folder of encrypted reports; makes none.
pub(crate) fn open_known_blobs(data: &Path) -> anyhow::Result<Arc<dyn BlobStore>> {
    let path = data.join("blobs");
    anyhow::ensure!(path.is_dir(), "there is no folder of reports {}", path.display());
    let blobs =
        DirectoryBlobStore::open_read_only(&path, Arc::new(SystemClock), Arc::new(OsEntropy))?;
    Ok(Arc::new(blobs))
}

/// A log and its read models, which nobody else writes.
pub(crate) struct QuietLog {
    /// The log, for those who write it.
    pub(crate) events: Arc<dyn EventStore>,
    /// The log.
    pub(crate) reader: Arc<dyn EventReader>,
    /// Where the rows are.
    pub(crate) rows: Arc<dyn ReadStore>,
    sqlite: Arc<SqliteEventStore>,
}

impl QuietLog {
    /// Opens a log that is there; refuses while the service runs, which holds the log's lock.
    pub(crate) async fn open(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("events.db");
        anyhow::ensure!(path.is_file(), "there is no event log {}", path.display());
        Self::make(data).await
    }

    /// Opens a log, or makes one.
    pub(crate) async fn make(data: &Path) -> anyhow::Result<Self> {
        let options = SqliteOptions::default();
        let sqlite = SqliteEventStore::open(&data.join("events.db"), options).await;
        let sqlite = Arc::new(sqlite.map_err(|error| kept(error, SystemClock.now()))?);
        let events = Arc::clone(&sqlite) as Arc<dyn EventStore>;
        let reader = Arc::new(LogReader(Arc::clone(&events)));
        let rows = Arc::new(SqliteReadStore::open(data, projections::schema()).await?);
        Ok(Self { events, reader, rows, sqlite })
    }

    /// Lets go of the log in order.
    pub(crate) async fn close(self) {
        self.sqlite.close().await;
    }
}
