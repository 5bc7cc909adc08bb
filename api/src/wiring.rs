//! The composition root: one private function per subsystem. The only place that names `infra`.

mod anchors;
mod app;
mod application;
mod chain;
mod continuation;
mod damaged;
mod drawing;
mod evidence;
mod evidence_ports;
mod jobs;
mod log;
mod origin;
mod presence;
mod reactions;
mod repair;
mod shares;
mod start;
mod stored;
pub(crate) mod supervisor;
mod vault;
mod witness;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::world::{Clock, Entropy};
use domain::time::Moment;
use infra::clock::SystemClock;
use infra::entropy::{OsEntropy, SeededEntropy};
use infra::event_store::{LogReader, SqliteEventStore, SqliteOptions};
use infra::private::keep_private;
pub(crate) use infra::process::keep_memory_private;
use infra::read_store::sqlite::SqliteReadStore;
use infra::schemas::Schemas;
use infra::vault::{Begins, Unsealer};
use infra::work_store::WorkDb;
use projections::ReadModels;

pub use self::app::App;
pub(crate) use self::chain::{AskedChain, deploy_contract};
pub(crate) use self::continuation::{Continuation, ContinuationError, continue_log};
pub(crate) use self::damaged::is_damage;
pub use self::drawing::draw_if_asked;
pub(crate) use self::drawing::rasteriser;
pub(crate) use self::evidence::{
    AskedAnchors, LogUrl, ReceiptCheckers, house_keys, open_log_place, open_stored_tree,
    stored_house_keys,
};
pub(crate) use self::evidence_ports::{report_files, stored_lines, stream_keys};
pub(crate) use self::log::{begin_log, open_log, rebuild_public_files, witness_policy};
pub(crate) use self::origin::{name_the_log, refuse_unless_named};
pub(crate) use self::presence::begin_work_store;
use self::reactions::Reactions;
pub(crate) use self::repair::{RepairedLog, repair_log};
use self::start::Start;
pub(crate) use self::stored::{
    QuietLog, log_as_stored, make_vault, open_known_blobs, open_known_vault, open_stored_log,
};
use self::supervisor::Supervisor;
pub use self::vault::MasterKeyNews;
use self::vault::open_vault;
pub(crate) use self::witness::{Cosigner, CosignerError};
use crate::config::Config;

/// This very program, whatever lies under its path by now: a file that has been replaced is another program,
/// and must not be handed a report.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// Time, chance and the program that draws pages: what a test replaces.
pub struct World {
    /// What tells the time: the machine's, or one that a story moves.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The binary that is started as the drawing process: the real one is what runs, not what lies at a path.
    pub program: PathBuf,
    /// Most pages the event database may have: how a test fills a disk.
    pub event_pages_max: Option<u32>,
    /// The schemas of the databases: how a test is the next version of this program.
    pub schemas: Schemas,
}

impl World {
    /// The real one.
    pub fn real() -> anyhow::Result<Self> {
        let program = PathBuf::from(THIS_PROGRAM);
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
        presence::what_was_there_is_there(config).await?;
        make_private_folder(data)?;
        let (pages_max, database) = (world.event_pages_max, world.schemas.events.clone());
        let options = SqliteOptions { pages_max, database, ..SqliteOptions::default() };
        let signed = log::signed(config).await?;
        let options = SqliteOptions { signed, ..options };
        let sqlite = SqliteEventStore::open(&data.join("events.db"), options).await;
        let now = world.clock.now();
        let sqlite = Arc::new(sqlite.map_err(|error| damaged::kept(error, now))?);
        let opened = Self::over(config, world, Arc::clone(&sqlite)).await;
        if opened.is_err() {
            // Nothing of the log was changed, and nothing that was opened for it stays behind.
            sqlite.close().await;
        }
        opened
    }

    /// Opens what belongs to a log that is open.
    async fn over(
        config: &Config,
        world: World,
        sqlite: Arc<SqliteEventStore>,
    ) -> anyhow::Result<Arc<Self>> {
        let data = &config.data;
        let World { clock, entropy, program, schemas, .. } = world;
        let events: Arc<dyn EventStore> = Arc::clone(&sqlite) as Arc<dyn EventStore>;
        let start = Start::of(&*events).await.context(
            "the event log cannot be read: put events.db back from a backup; `medlock verify` says what is left",
        )?;
        if let Some(origin) = start.origin.as_ref().filter(|origin| **origin != config.origin) {
            anyhow::bail!(
                "the log in {} has the origin {origin}, the settings say {}: a log keeps its origin; \
                 set it, or choose another folder",
                data.display(),
                config.origin
            );
        }
        let length = events.newest().borrow().map_or(0, |newest| newest.0 + 1);
        presence::what_the_log_needs_is_there(config, length)?;
        let begins = Begins(length == 0);
        let (vault, master_key) = open_vault(config, &schemas.vault, &entropy, begins).await?;
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
            master_key,
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
        jobs::start(&app, config);
        Ok(app)
    }
}

/// Makes a folder that is nobody else's to look into; one that is there already is closed to others.
pub(crate) fn make_private_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    anyhow::ensure!(!path.is_file(), "{} is a file, not a folder", path.display());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).with_context(|| format!("{} cannot be made", path.display()))?;
    std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(keep_private(path)?)
}

async fn read_models(data: &Path, events: &Arc<dyn EventStore>) -> anyhow::Result<Arc<ReadModels>> {
    let reader = Arc::new(LogReader(Arc::clone(events)));
    let store = SqliteReadStore::open(data, projections::schema()).await?;
    Ok(Arc::new(ReadModels::open(reader, Arc::new(store))))
}
