//! The transparency log: its files, its keys, who watches it.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::world::{Clock, SignedLog};
use domain::audit::state::LogState;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::witness_policy::{Party, WitnessPolicy, without_addresses};
use evidence::published::OrganisationKeys;
use infra::aside::set_aside_database;
use infra::checkpoint_store::{GuardFile, SqliteCheckpointStore};
use infra::clock::SystemClock;
use infra::event_store::LogReader;
use infra::schemas::Schemas;
use infra::signer::VaultSigner;
use infra::sqlite::database::{DatabaseError, DatabaseKind};
use infra::tile_store::DirectoryTileStore;
use infra::witness::HttpWitness;
use transparency::log::{LogPorts, LogSettings, TransparencyLog};
use transparency::ports::{Guard as _, Signer, TileStore, Witness};

use super::stored::{QuietLog, log_as_stored, open_known_vault, open_stored_log};
use crate::config::{Config, TransparencySettings};

/// Tells the write side how far the log is behind. The write side comes first: the log's keys stand in its
/// stream.
#[derive(Default)]
pub(super) struct LogOnceOpen(OnceLock<Arc<TransparencyLog>>);

impl LogOnceOpen {
    /// By this log.
    pub(super) fn by(&self, log: &Arc<TransparencyLog>) {
        self.0.get_or_init(|| Arc::clone(log));
    }
}

impl SignedLog for LogOnceOpen {
    fn uncovered_for(&self) -> Duration {
        self.0.get().map_or(Duration::ZERO, |log| log.standing().uncovered_for)
    }
}

/// The folder of the public files.
pub(super) fn public_files(data: &Path) -> Arc<dyn TileStore> {
    Arc::new(DirectoryTileStore::new(&data.join("log")))
}

/// The keys that sign the log whose own facts are `log`.
pub(super) fn signer(
    origin: &str,
    vault: &dyn KeyVault,
    clock: Arc<dyn Clock>,
    log: &LogState,
) -> anyhow::Result<Arc<dyn Signer>> {
    let ends = |generation| log.signs_until(generation);
    let signer = VaultSigner::new(vault, origin, log.generation(), ends, clock);
    Ok(Arc::new(signer.context("the log's key could not be made")?))
}

/// Everything the log needs to be kept.
pub(super) async fn places(
    config: &Config,
    database: &DatabaseKind,
    events: &Arc<dyn EventStore>,
    signer: Arc<dyn Signer>,
) -> anyhow::Result<LogPorts> {
    let new = events.newest().borrow().is_none();
    let checkpoints = checkpoint_store(&config.data.join("log.db"), database, new).await?;
    Ok(LogPorts {
        reader: Arc::new(LogReader(Arc::clone(events))),
        tiles: public_files(&config.data),
        checkpoints: Arc::new(checkpoints),
        guard: Arc::new(GuardFile::new(&config.guard())),
        signer,
    })
}

/// The last signed checkpoint's store. It holds nothing that the guard file does not hold as well: one that
/// is gone or damaged is made anew, and the guard says what was signed last.
async fn checkpoint_store(
    path: &Path,
    database: &DatabaseKind,
    new: bool,
) -> anyhow::Result<SqliteCheckpointStore> {
    if !new && std::fs::metadata(path).map_or(0, |about| about.len()) == 0 {
        tracing::warn!(file = %path.display(), "no checkpoint store: the guard file says what was signed last");
    }
    match SqliteCheckpointStore::open_as(path, database).await {
        Err(why @ (DatabaseError::Damaged { .. } | DatabaseError::Foreign { .. })) => {
            let aside = set_aside_database(path, "damaged")?;
            tracing::error!(
                file = %path.display(), ?aside, %why,
                "the checkpoint store is damaged and made anew: the guard file says what was signed last"
            );
            Ok(SqliteCheckpointStore::open_as(path, database).await?)
        }
        opened => Ok(opened?),
    }
}

/// How many events were signed, by what lies outside the event database. It is not judged here who signed.
pub(super) async fn signed(config: &Config) -> anyhow::Result<u64> {
    let notes = [
        GuardFile::new(&config.guard()).read().await?,
        public_files(&config.data).checkpoint().await?,
    ];
    let checkpoint = |note: Vec<u8>| Checkpoint::parse(&Note::parse(&note).ok()?.text).ok();
    let known = notes.into_iter().flatten().filter_map(checkpoint);
    let ours = known.filter(|known| known.origin == config.origin);
    Ok(ours.map(|known| known.size).max().unwrap_or(0))
}

/// Begins the log of an installation that has no event yet: its guard is there before its first event.
pub(super) async fn begin(signer: &dyn Signer, guard: &Path) -> anyhow::Result<()> {
    Ok(TransparencyLog::begin(signer, &GuardFile::new(guard)).await?)
}

/// Opens the log to go on with it.
pub(super) async fn open(
    settings: &TransparencySettings,
    places: LogPorts,
    policy: WitnessPolicy,
) -> anyhow::Result<TransparencyLog> {
    let witnesses = witnesses(&policy)?;
    let settings = LogSettings { witnesses, policy, quorum_only: settings.quorum_only };
    Ok(TransparencyLog::open(places, settings).await?)
}

/// Begins the log of a folder that is filled without a service: for measurements. A service that finds
/// events and no guard takes it for lost.
pub(crate) async fn begin_log(config: &Config, vault: &dyn KeyVault) -> anyhow::Result<()> {
    let signer = signer(&config.origin, vault, Arc::new(SystemClock), &LogState::default())?;
    begin(&*signer, &config.guard()).await
}

/// The log of `events` in the folder of `config`, which nobody else keeps and [`begin_log`] began: for
/// measurements.
pub(crate) async fn open_log(
    config: &Config,
    events: &Arc<dyn EventStore>,
    vault: &dyn KeyVault,
) -> anyhow::Result<TransparencyLog> {
    let signer = signer(&config.origin, vault, Arc::new(SystemClock), &LogState::default())?;
    let policy = witness_policy(config.transparency.witness_policy.as_deref())?;
    let places = places(config, &Schemas::default().log, events, signer).await?;
    open(&config.transparency, places, policy).await
}

/// Makes the public files anew from the stored leaves, up to the last signed checkpoint; answers how many
/// leaves that were. Refuses while the service runs, which holds the log's lock.
pub(crate) async fn rebuild_public_files(config: &Config) -> anyhow::Result<u64> {
    let quiet = QuietLog::open(&config.data).await?;
    let about = log_as_stored(&open_stored_log(&config.data).await?).await?;
    let vault = open_known_vault(config).await?;
    let signer = signer(&config.origin, &*vault, Arc::new(SystemClock), &about)?;
    let places = places(config, &Schemas::default().log, &quiet.events, signer).await?;
    let rebuilt = TransparencyLog::rebuild(&places, config.transparency.quorum_only).await;
    quiet.close().await;
    Ok(rebuilt?)
}

/// Whom we ask to cosign and believe; nobody, if no file says so.
pub(crate) fn witness_policy(file: Option<&Path>) -> anyhow::Result<WitnessPolicy> {
    let Some(file) = file else { return Ok(WitnessPolicy::default()) };
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
    WitnessPolicy::parse(&text).with_context(|| format!("{} is no witness policy", file.display()))
}

/// The policy as others may have it, and read: what travels with evidence.
pub(super) fn organisation_policy(
    settings: &TransparencySettings,
) -> anyhow::Result<OrganisationKeys> {
    let file = settings.witness_policy.as_deref();
    let policy_text = file.map(std::fs::read_to_string).transpose()?;
    let policy_text = policy_text.as_deref().map(without_addresses);
    Ok(OrganisationKeys { log: Vec::new(), policy_text, policy: witness_policy(file)? })
}

/// Every witness of the policy that says where it answers.
fn witnesses(policy: &WitnessPolicy) -> anyhow::Result<Vec<Arc<dyn Witness>>> {
    let mut witnesses: Vec<Arc<dyn Witness>> = Vec::new();
    for Party { name, key, url } in &policy.witnesses {
        let Some(url) = url else { continue };
        witnesses.push(Arc::new(HttpWitness::new(name, key.clone(), url)?));
    }
    Ok(witnesses)
}
