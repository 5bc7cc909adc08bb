//! What an auditor holds a log against: its public files, the checkpoints kept of it, its keys.

use std::sync::Arc;

use anyhow::Context as _;
use commands::ports::key_vault::KeyVault;
use domain::audit::state::Log;
use domain::journal::note::VerifierKey;
use infra::clock::SystemClock;
use infra::tile_store::{DirectoryTileStore, HttpTileStore};
use projections::ports::TileStore;

use super::log::{house_policy, public_files, signer};
use super::{Start, StoredLog, log_as_stored};
use crate::config::Config;
use crate::evidence::HouseKeys;

/// The public files of a house, opened by those who only read.
pub(crate) struct StoredTree {
    /// Tiles, bundles, the published checkpoint.
    pub(crate) files: Arc<dyn TileStore>,
    /// The published checkpoint as it was when this was opened.
    pub(crate) published: Option<Vec<u8>>,
}

/// Opens the public files; makes nothing.
pub(crate) async fn open_stored_tree(config: &Config) -> anyhow::Result<StoredTree> {
    let files = public_files(&config.data);
    let published = files.checkpoint().await?;
    Ok(StoredTree { files, published })
}

/// Every key that the log whose own facts are `log` ever had, newest first.
pub(crate) fn log_keys(
    origin: &str,
    vault: &dyn KeyVault,
    log: &Log,
) -> anyhow::Result<Vec<VerifierKey>> {
    Ok(signer(origin, vault, Arc::new(SystemClock), log)?.keys_ever())
}

/// Whom the house in `config` says to believe: its log's keys, as the log itself tells them, and its policy.
pub(crate) async fn stored_house_keys(
    config: &Config,
    stored: &StoredLog,
    vault: &dyn KeyVault,
) -> anyhow::Result<HouseKeys> {
    let origin = Start::of(&*stored.events).await?.origin.context("the log is empty")?;
    let log = log_keys(&origin, vault, &log_as_stored(stored).await?)?;
    Ok(HouseKeys { log, ..house_policy(config)? })
}

/// The public files of somebody's log: at a URL, or in a folder.
pub(crate) fn open_log_place(place: &str) -> anyhow::Result<Arc<dyn TileStore>> {
    if place.contains("://") {
        return Ok(Arc::new(HttpTileStore::new(place)?));
    }
    let folder = std::path::Path::new(place);
    anyhow::ensure!(folder.join("tile").is_dir(), "there are no files of a log in {place}");
    Ok(Arc::new(DirectoryTileStore::new(folder)))
}
