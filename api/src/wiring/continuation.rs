//! A log goes on from an older database: the new one is made beside it, swapped in whole, and what belongs
//! to the older log is put aside. Killed at any point, the same order goes on where it was.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use commands::audit::older_log::{ContinueError, OlderDatabase, take_along};
use commands::execute::{Caller, Executor, once};
use commands::ports::event_store::EventStore;
use commands::ports::world::{Clock, Entropy};
use domain::actor::Actor;
use domain::audit::event::LogContinued;
use domain::audit::state::LogState;
use domain::journal::Position;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::time::Moment;
use infra::aside::{set_aside, take_name};
use infra::checkpoint_store::{GuardFile, SqliteCheckpointStore};
use infra::clock::SystemClock;
use infra::entropy::OsEntropy;
use infra::event_store::{LogLock, SqliteEventStore, SqliteOptions, Successor};
use infra::read_store::sqlite::forget;
use sha2::{Digest as _, Sha256};
use transparency::ports::{CheckpointStore as _, Guard as _};

use super::damaged::kept;
use super::log;
use super::start::{envelope, line_at};
use super::stored::{open_known_vault, open_vault_to_go_on};
use crate::config::Config;

/// What was done.
pub(crate) struct Continuation {
    /// What the log says at position 0.
    pub(crate) continued: LogContinued,
    /// Whether it said so before.
    pub(crate) again: bool,
    /// What was put aside now.
    pub(crate) aside: Vec<PathBuf>,
}

/// Why a log was not gone on with, or not to the end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContinuationError {
    /// The older log is not such that it can be.
    #[error(transparent)]
    Log(#[from] ContinueError),
    /// The world is not.
    #[error(transparent)]
    World(#[from] anyhow::Error),
}

/// Goes on from the log in the data folder, under the origin of the settings.
pub(crate) async fn continue_log(config: &Config) -> Result<Continuation, ContinuationError> {
    let path = config.data.join("events.db");
    // Held to the end: the service must not start between two steps.
    let lock = LogLock::take(&path).map_err(anyhow::Error::from)?;
    // That it held more once is what this is for; not that it is damaged.
    let options = SqliteOptions { older: true, ..SqliteOptions::default() };
    let older = SqliteEventStore::open_locked(&path, options, lock.clone()).await;
    let older = older.map_err(|error| kept(error, SystemClock.now()))?;
    let mut aside = Vec::new();
    if let Some((origin, continued)) = continuation(&older).await? {
        // An earlier run may have been killed after the swap.
        aside.extend(put_aside(config, &continued.origin).await?);
        if origin == config.origin {
            older.close().await;
            take_guard(config)?;
            return Ok(Continuation { continued, again: true, aside });
        }
    }
    let successor = Successor::of(&path).context("beside the log")?;
    let continued = match make(config, &older, &successor).await {
        Ok(continued) => continued,
        Err(error) => {
            // Nobody looks for what was begun; the next try would remove it as well.
            let _ = Successor::of(&path);
            return Err(error);
        }
    };
    older.close().await;
    begin(config).await?;
    // Positions are others in the new log; an installation without read models makes them anew.
    forget(&config.data).context("the read models could not be removed")?;
    let swapped = successor.take_over(&label(&continued.origin));
    aside.push(swapped.context("the new log could not take the older one's place")?);
    aside.extend(put_aside(config, &continued.origin).await?);
    take_guard(config)?;
    drop(lock);
    Ok(Continuation { continued, again: false, aside })
}

/// Where the new log's guard waits until the older one's is put aside.
fn next_guard(config: &Config) -> PathBuf {
    config.guard().with_added_extension("next")
}

/// The new log has its guard before it takes the older one's place.
async fn begin(config: &Config) -> anyhow::Result<()> {
    let vault = open_known_vault(config).await?;
    let signer = log::signer(&config.origin, &*vault, Arc::new(SystemClock), &LogState::default())?;
    log::begin(&*signer, &next_guard(config)).await
}

/// The new log's guard takes its place, if it waits.
fn take_guard(config: &Config) -> anyhow::Result<()> {
    let next = next_guard(config);
    if next.is_file() {
        take_name(&next, &config.guard()).context("the guard could not be begun")?;
    }
    Ok(())
}

/// The log's origin and what it goes on from, if it does.
async fn continuation(store: &dyn EventStore) -> anyhow::Result<Option<(String, LogContinued)>> {
    if store.newest().borrow().is_none() {
        return Ok(None);
    }
    let first = line_at(store, Position(0)).await?;
    let first = envelope(&first)?;
    Ok(first.continued().map(|continued| (first.source.to_owned(), continued)))
}

/// Makes the new log, whole and durable, where nobody looks for it yet.
async fn make(
    config: &Config,
    older: &dyn EventStore,
    successor: &Successor,
) -> Result<LogContinued, ContinuationError> {
    let vault = open_vault_to_go_on(config).await?;
    let held = stored(&config.data).await?;
    let guard = guard(config).await?;
    let sizes = [&held, &guard].map(|note| note.as_deref().and_then(checkpoint));
    let sizes = sizes.into_iter().flatten().map(|checkpoint| checkpoint.size);
    let log = OlderDatabase::read(older, sizes).await?;
    let size = log.size;
    let order = log.order(&config.origin, (held, guard), &*vault)?;
    let sqlite = Arc::new(successor.store().await.map_err(anyhow::Error::from)?);
    let newer: Arc<dyn EventStore> = Arc::clone(&sqlite) as Arc<dyn EventStore>;
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
        (Arc::new(SystemClock), Arc::new(OsEntropy));
    let request = once(&*entropy, clock.now());
    // Times in the older log are no evidence against the clock here: whether it is right is asked when the
    // service starts, and there is a way out of it then.
    let evidence = Moment::default();
    let origin = config.origin.clone();
    let executor = Executor::new(Arc::clone(&newer), vault, clock, entropy, origin, evidence);
    let caller = Caller::new(Actor::System, request);
    executor.execute(&order, caller).await.map_err(ContinueError::from)?;
    take_along(older, &*newer).await?;
    // Nothing is swapped in that was not read back.
    let made = OlderDatabase::read(&*newer, []).await?;
    if (made.size, &made.origin) != (size + 1, &config.origin) {
        return Err(anyhow::anyhow!("the new log is not what was written").into());
    }
    sqlite.close().await;
    Ok(order.continued)
}

/// Puts aside what is kept for the log `origin`: its public files, its guard, its last checkpoint. That one
/// goes last: while it is there, no log of another name is opened.
async fn put_aside(config: &Config, origin: &str) -> anyhow::Result<Vec<PathBuf>> {
    let label = label(origin);
    let of_it = |note: &Option<Vec<u8>>| {
        note.as_deref().and_then(checkpoint).is_some_and(|known| known.origin == origin)
    };
    let mut found = Vec::new();
    let stored = stored(&config.data).await?;
    let published = log::public_files(&config.data).checkpoint().await?;
    let folder = config.data.join("log");
    // Files without a checkpoint are its own, unless the new log has begun to sign.
    let unpublished = published.is_none() && (stored.is_none() || of_it(&stored));
    if folder.is_dir() && (unpublished || of_it(&published)) {
        found.push(folder);
    }
    if of_it(&guard(config).await?) {
        found.push(config.guard());
    }
    if of_it(&stored) {
        found.push(config.data.join("log.db"));
    }
    let aside = |path: PathBuf| {
        let aside = set_aside(&path, &label);
        aside.with_context(|| format!("{} could not be put aside", path.display()))
    };
    found.into_iter().map(aside).collect()
}

/// The last checkpoint that was signed, with nothing left open.
async fn stored(data: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    let path = data.join("log.db");
    if !path.is_file() {
        return Ok(None);
    }
    let store = SqliteCheckpointStore::open(&path).await?;
    let last = store.last().await;
    store.close().await;
    Ok(last?)
}

async fn guard(config: &Config) -> anyhow::Result<Option<Vec<u8>>> {
    Ok(GuardFile::new(&config.guard()).read().await?)
}

fn checkpoint(note: &[u8]) -> Option<Checkpoint> {
    Checkpoint::parse(&Note::parse(note).ok()?.text).ok()
}

/// Tells the files of one log from those of another, as the file anchor does.
fn label(origin: &str) -> String {
    hex::encode(&Sha256::digest(origin)[..8])
}
