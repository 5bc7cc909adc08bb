//! The composition root: one private function per subsystem. The only place that names `infra`.

mod anchors;
mod application;
mod chain;
mod continuation;
mod drawing;
mod evidence;
mod evidence_ports;
mod jobs;
mod log;
mod reactions;
mod stored;
pub(crate) mod supervisor;
mod witness;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::evidence::ports::{LogFiles, StoredLines};
use ::evidence::published::OrganisationKeys;
use anyhow::Context as _;
use commands::application::Application;
use commands::execute::Executor;
use commands::ports::event_store::{EventStore, ReadError};
use commands::ports::key_vault::KeyVault;
use commands::ports::world::{Clock, Entropy};
use domain::ids::StreamName;
use domain::journal::{Envelope, Line, Position};
use domain::time::Moment;
use infra::clock::SystemClock;
use infra::entropy::{OsEntropy, SeededEntropy};
use infra::event_store::{LogReader, SqliteEventStore, SqliteOptions};
use infra::read_store::sqlite::SqliteReadStore;
use infra::schemas::Schemas;
use infra::sqlite::database::DatabaseKind;
use infra::vault::{MasterKey, SqliteKeyVault, Unsealer};
use infra::work_store::WorkDb;
use projections::ReadModels;
use projections::ports::Unseal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use transparency::anchoring::Anchoring;
use transparency::log::TransparencyLog;

pub(crate) use self::chain::{AskedChain, deploy_contract};
pub(crate) use self::continuation::{Continuation, ContinuationError, continue_log};
pub use self::drawing::draw_if_asked;
pub(crate) use self::drawing::rasteriser;
pub(crate) use self::evidence::{
    AskedAnchors, LogUrl, ReceiptCheckers, house_keys, open_log_place, open_stored_tree,
    stored_house_keys,
};
pub(crate) use self::evidence_ports::{log_files, report_files, stored_lines, stream_keys};
pub(crate) use self::log::{begin_log, open_log, rebuild_public_files, witness_policy};
use self::reactions::Reactions;
pub(crate) use self::stored::{
    QuietLog, StoredLog, log_as_stored, make_vault, open_known_blobs, open_known_vault,
    open_stored_log,
};
use self::supervisor::Supervisor;
pub(crate) use self::witness::{Cosigner, CosignerError};
use crate::config::Config;

/// What a running installation is made of: the application, and what keeps it running.
pub struct App {
    application: Application,
    /// The write loop, for what runs beside the flows.
    pub executor: Arc<Executor>,
    /// Read models.
    pub models: Arc<ReadModels>,
    /// The signed log over every event.
    pub log: Arc<TransparencyLog>,
    /// What takes the log out of the organisation.
    pub anchoring: Anchoring,
    pub(crate) unseal: Arc<dyn Unseal>,
    /// Whether the master key was made just now.
    pub master_key_made: Option<PathBuf>,
    /// The organisation's own witness policy; its keys are the signer's.
    pub(crate) organisation_policy: OrganisationKeys,
    events: Arc<dyn EventStore>,
    vault: Arc<dyn KeyVault>,
    /// For how long events may wait for a signature before nothing is revealed any more.
    pub(crate) uncovered_max: Duration,
    sqlite: Arc<SqliteEventStore>,
    vault_stopped: CancellationToken,
    work_stopped: CancellationToken,
    /// Everything that runs in the background.
    pub(crate) supervisor: Arc<Supervisor>,
    reactions: Reactions,
}

impl Deref for App {
    type Target = Application;

    fn deref(&self) -> &Application {
        &self.application
    }
}

/// Time, chance and the program that draws pages: what a test replaces.
pub struct World {
    /// What tells the time: the machine's, or one that a story moves.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The binary that is started as the drawing process.
    pub program: PathBuf,
    /// Most pages the event database may have: how a test fills a disk.
    pub event_pages_max: Option<u32>,
    /// The schemas of the databases: how a test is the next version of this program.
    pub schemas: Schemas,
}

impl World {
    /// The real one.
    pub fn real() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own path is not known")?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
        let schemas = Schemas::default();
        Ok(Self { clock, entropy, program, event_pages_max: None, schemas })
    }

    /// The real one, but for chance, which follows from a seed: **for the demo only**, because whoever
    /// knows the seed knows every key.
    pub fn seeded(seed: &[u8]) -> anyhow::Result<Self> {
        Ok(Self { entropy: Arc::new(SeededEntropy::new(seed)), ..Self::real()? })
    }
}

/// An event store of its own at `path`, for measurements.
pub(crate) async fn open_event_store(path: &Path) -> anyhow::Result<Arc<dyn EventStore>> {
    Ok(Arc::new(SqliteEventStore::open(path, SqliteOptions::default()).await?))
}

/// The system's time, for measurements.
pub(crate) fn now() -> Moment {
    SystemClock.now()
}

impl App {
    /// Opens everything under the data folder, and starts every job.
    pub async fn open(config: &Config, world: World) -> anyhow::Result<Arc<Self>> {
        let data = &config.data;
        make_private_folder(data)?;
        let World { clock, entropy, program, event_pages_max, schemas } = world;
        let (pages_max, database) = (event_pages_max, schemas.events);
        let options = SqliteOptions { pages_max, database, ..SqliteOptions::default() };
        let sqlite = SqliteEventStore::open(&data.join("events.db"), options).await?;
        let sqlite = Arc::new(sqlite);
        let events: Arc<dyn EventStore> = Arc::clone(&sqlite) as Arc<dyn EventStore>;
        let start = Start::of(&*events).await?;
        if let Some(origin) = start.origin.as_ref().filter(|origin| **origin != config.origin) {
            anyhow::bail!(
                "the log in {} has the origin {origin}, the settings say {}: a log keeps its origin; \
                 set it, or choose another folder",
                data.display(),
                config.origin
            );
        }
        let (vault, master_key_made) = open_vault(config, &schemas.vault, &entropy).await?;
        let vault_stopped = vault.stopped();
        let vault: Arc<dyn KeyVault> = Arc::new(vault);
        let log_behind = Arc::new(log::LogOnceOpen::default());
        let world = (&clock, &entropy);
        let work = WorkDb::open_as(&data.join("work.db"), &schemas.work).await?;
        let work_stopped = work.stopped();
        let log_stream = start.log_stream.clone();
        let (application, executor) = application::application(
            config,
            (&events, &work),
            &vault,
            world,
            program,
            start,
            log_behind.clone(),
        )
        .await?;
        let models = read_models(data, &events).await?;
        let reactions = Reactions::new(work, &*vault, log_stream.clone(), &models, &events);
        let records = anchors::records(&executor, log_stream, &reactions);
        let supervisor = Supervisor::new(Arc::clone(&clock));
        let about = application.own_log.state().await?;
        let signer = log::signer(&config.origin, &*vault, clock, &about)?;
        let policy = log::witness_policy(config.transparency.witness_policy.as_deref())?;
        let places = log::places(config, &schemas.log, &events, signer).await?;
        let log = Arc::new(log::open(&config.transparency, places, policy.clone()).await?);
        log_behind.by(&log);
        let anchoring = anchors::anchoring(&config.anchors, &log, &events, &policy, records)?;
        let unseal = Arc::new(Unsealer(Arc::clone(&vault)));
        let app = Arc::new(Self {
            application,
            executor,
            models,
            log,
            anchoring,
            unseal,
            master_key_made,
            organisation_policy: log::organisation_policy(&config.transparency)?,
            events,
            vault,
            uncovered_max: Duration::from_secs(config.transparency.uncovered_seconds_max),
            sqlite,
            vault_stopped,
            work_stopped,
            supervisor,
            reactions,
        });
        jobs::start(&app, &config.transparency);
        Ok(app)
    }

    /// Comes back when the process must stop: a write or an fsync failed, and only opening everything
    /// anew shows what reached the disk.
    pub async fn fatal(&self) -> String {
        tokio::select! {
            why = self.supervisor.fatal() => why,
            why = self.sqlite.fatal() => format!("the event store failed: {why}"),
            () = self.vault_stopped.cancelled() => "the key vault failed".to_owned(),
            () = self.work_stopped.cancelled() => "the work store failed".to_owned(),
        }
    }

    /// Ends the jobs and closes the log.
    pub async fn close(&self) {
        if self.supervisor.stop().await {
            // What was acknowledged while everything stopped is signed before the lights go out.
            if let Err(stopped) = self.log.catch_up().await {
                tracing::error!(%stopped, "the transparency log failed while it was closed");
            }
        }
        self.sqlite.close().await;
    }

    pub(crate) async fn event_store_health(&self) -> Result<(), String> {
        self.events.read_all(Position(0), 1).await.map(drop).map_err(|error| error.to_string())
    }

    /// Position of the newest event.
    pub fn newest(&self) -> Option<Position> {
        *self.events.newest().borrow()
    }

    pub(crate) fn newest_watch(&self) -> watch::Receiver<Option<Position>> {
        self.events.newest()
    }

    /// The stored lines, for those who make evidence of them.
    pub(crate) fn stored_lines(&self) -> Arc<dyn StoredLines> {
        stored_lines(&self.events)
    }

    /// The public files, for those who make evidence of them.
    pub(crate) fn log_files(&self) -> Arc<dyn LogFiles> {
        log_files(self.log.tiles())
    }

    /// Lines of the log, for the live stream.
    pub async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ReadError> {
        self.events.read_all(from, limit).await
    }

    /// How many events the read models have not seen.
    pub(crate) fn behind(&self) -> u64 {
        let length = self.newest().map_or(0, |newest| newest.0 + 1);
        length.saturating_sub(self.models.seen().borrow().0)
    }
}

/// Makes a folder that is nobody else's to look into; one that is there already is taken as it is.
pub(crate) fn make_private_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    anyhow::ensure!(!path.is_file(), "{} is a file, not a folder", path.display());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).with_context(|| format!("{} cannot be made", path.display()))?;
    std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(())
}

/// What the two ends of the log say about it.
struct Start {
    /// Time of the newest event.
    newest: Moment,
    /// The log's origin: its first event's, for older lines come along when a log is continued.
    origin: Option<String>,
    /// The stream in which the log speaks of itself.
    log_stream: StreamName,
}

impl Start {
    async fn of(events: &dyn EventStore) -> anyhow::Result<Self> {
        let newest = *events.newest().borrow();
        let Some(newest) = newest else {
            let log_stream = StreamName::log(0);
            return Ok(Self { newest: Moment::default(), origin: None, log_stream });
        };
        let (first, last) = (line_at(events, Position(0)).await?, line_at(events, newest).await?);
        let (first, last) = (envelope(&first)?, envelope(&last)?);
        // Whatever else it is, known or not: no continuation.
        let log_stream = first.continued().map_or(StreamName::log(0), |_| first.stream.clone());
        Ok(Self { newest: last.time, origin: Some(first.source.to_owned()), log_stream })
    }
}

async fn line_at(events: &dyn EventStore, position: Position) -> anyhow::Result<Line> {
    let mut lines = events.read_all(position, 1).await?;
    lines.pop().with_context(|| format!("the event at position {position} cannot be read"))
}

fn envelope(line: &Line) -> anyhow::Result<Envelope<'_>> {
    Envelope::read(&line.bytes).with_context(|| {
        let position = line.position;
        format!("the event at position {position} is not a valid line; run `medlock verify`")
    })
}

/// The key vault, and where its master key was made just now, if it was.
async fn open_vault(
    config: &Config,
    database: &DatabaseKind,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<(SqliteKeyVault, Option<PathBuf>)> {
    let (master, made) = master_key(config, &**entropy)?;
    let path = config.data.join("vault.db");
    let vault = SqliteKeyVault::open_as(&path, database, master, Arc::clone(entropy)).await?;
    Ok((vault, made))
}

fn master_key(
    config: &Config,
    entropy: &dyn Entropy,
) -> anyhow::Result<(MasterKey, Option<PathBuf>)> {
    use secrecy::ExposeSecret as _;
    if let Some(text) = &config.master_key {
        return Ok((MasterKey::from_text(text.expose_secret())?, None));
    }
    let path = config.data.join("master.key");
    let (key, made) = MasterKey::load_or_make(&path, entropy)?;
    Ok((key, made.0.then_some(path)))
}

async fn read_models(data: &Path, events: &Arc<dyn EventStore>) -> anyhow::Result<Arc<ReadModels>> {
    let reader = Arc::new(LogReader(Arc::clone(events)));
    let store = SqliteReadStore::open(data, projections::schema()).await?;
    Ok(Arc::new(ReadModels::open(reader, Arc::new(store))))
}
