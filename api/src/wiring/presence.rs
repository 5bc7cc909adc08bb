//! What must lie in a data folder: a file that is gone is never made anew beside others that need it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use infra::aside::set_aside_database;
use infra::event_store::{LogLock, SqliteEventStore};
use infra::sqlite::database::DatabaseError;
use infra::work_store::WorkDb;

use crate::config::Config;

/// Whether a database holds anything. A write-ahead log without its database is none.
fn holds_something(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.len() > 0)
}

/// How a file that should be there is not.
fn how_gone(path: &Path) -> &'static str {
    if path.exists() { "is empty" } else { "is missing" }
}

/// Refuses a folder without a log that other files say there was. Asked before anything is opened.
fn the_log_is_there(config: &Config) -> anyhow::Result<()> {
    let log = config.data.join("events.db");
    if holds_something(&log) {
        return Ok(());
    }
    let data = ["vault.db", "work.db", "log.db"].map(|name| config.data.join(name));
    let left = data.into_iter().filter(|path| holds_something(path));
    let guard = Some(config.guard()).filter(|guard| guard.is_file());
    let Some(left) = left.chain(guard).next() else { return Ok(()) };
    anyhow::bail!(
        "the event log {} {}, and {} says that there was one: nothing was made or changed. Put \
         events.db back from the newest backup, with events.db-wal if it has one; if that one is older \
         than what was signed, `medlock log continue` goes on from it. To begin a new installation \
         instead, choose another folder",
        log.display(),
        how_gone(&log),
        left.display()
    )
}

/// Refuses a folder in which something is gone that was there. Leaves no trace: what cannot be said without
/// one is asked again when the log is open.
pub(super) async fn what_was_there_is_there(config: &Config) -> anyhow::Result<()> {
    the_log_is_there(config)?;
    match SqliteEventStore::held(&config.data.join("events.db")).await {
        Some(held) => what_the_log_needs_is_there(config, held),
        None => Ok(()),
    }
}

/// Refuses to make keys or passwords anew beside a log of so many events, which was written with others.
pub(super) fn what_the_log_needs_is_there(config: &Config, events: u64) -> anyhow::Result<()> {
    let (vault, work) = (config.data.join("vault.db"), config.data.join("work.db"));
    anyhow::ensure!(
        events == 0 || holds_something(&vault),
        "the key vault {} {}, and the log of {events} events was sealed with its keys: nothing was made \
         or changed. Put vault.db back from the newest backup, with vault.db-wal if it has one. Without \
         it no report and nothing sealed can ever be read again; the log itself can still be checked \
         with `medlock verify`",
        vault.display(),
        how_gone(&vault)
    );
    anyhow::ensure!(
        events == 0 || holds_something(&work),
        "the work store {} {}, and the people in the log of {events} events have their passwords in it: \
         nothing was made or changed. Put work.db back from the newest backup, with work.db-wal if it \
         has one. If it is lost for good, `medlock work-store begin` makes an empty one",
        work.display(),
        how_gone(&work)
    );
    Ok(())
}

/// What was made where a work store was lost.
pub(crate) struct BegunWorkStore {
    /// The new file.
    pub(crate) path: PathBuf,
    /// Where what was left of the old one is now, if anything was.
    pub(crate) aside: Option<PathBuf>,
}

/// Makes an empty work store in the place of one that is lost; a damaged one is kept under another name.
/// Refuses while the service runs, and where there is one that opens.
pub(crate) async fn begin_work_store(config: &Config) -> anyhow::Result<BegunWorkStore> {
    let log = config.data.join("events.db");
    anyhow::ensure!(log.is_file(), "there is no event log {}", log.display());
    let _lock = LogLock::take(&log)?;
    let path = config.data.join("work.db");
    if holds_something(&path) {
        match WorkDb::open(&path).await {
            Err(DatabaseError::Damaged { .. } | DatabaseError::Foreign { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => anyhow::bail!("the work store {} is whole: it stays", path.display()),
        }
    }
    let aside = set_aside_database(&path, "damaged");
    let aside = aside.context("what is left of the work store could not be put aside")?;
    WorkDb::open(&path).await?;
    Ok(BegunWorkStore { path, aside })
}
