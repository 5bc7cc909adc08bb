//! What the measurements are made on: the installation's own parts, in folders of their own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::rasteriser::Rasteriser;
use domain::access::review::Review;
use domain::journal::Leaf;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::tree::TreeHash;
use domain::time::Moment;
use evidence::audit::{Means, log};
use evidence::review;
use projections::ReadModels;
use synthetic::bench::{
    LogToFill, MeasuredInstallation, PublishedTree, SOURCE, TestBed, Verifying,
};
use tokio::sync::watch;
use transparency::log::TransparencyLog;
use transparency::proofs::{inclusion_path, leaf};

use super::rows::upserts;
use crate::cli::bars::Bars;
use crate::cli::verify::folder;
use crate::config::{Config, DrawingSettings};
use crate::server::Running;
use crate::wiring::{
    self, App, QuietLog, World, begin_log, begin_work_store, make_private_folder, make_vault,
    open_log, open_stored_log, stream_keys,
};

/// This program and its parts.
pub(super) struct Bed {
    program: PathBuf,
}

impl Bed {
    /// Of the program that runs.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { program: World::real()?.program })
    }
}

/// The settings of a throw-away installation.
fn settings(data: &Path) -> Config {
    let mut config = Config::of(data, ([127, 0, 0, 1], 0).into());
    SOURCE.clone_into(&mut config.origin);
    config.rates.requests_per_minute = 100_000_000;
    config.shares.view_tokens_per_minute = 1_000_000;
    config.shares.uploads_per_minute = 1_000_000;
    config
}

#[async_trait]
impl TestBed for Bed {
    fn now(&self) -> Moment {
        wiring::now()
    }

    fn program(&self) -> &Path {
        &self.program
    }

    fn rasteriser(&self) -> anyhow::Result<Arc<dyn Rasteriser>> {
        wiring::rasteriser(self.program.clone(), &DrawingSettings::default())
    }

    async fn event_store(&self, path: &Path) -> anyhow::Result<Arc<dyn EventStore>> {
        wiring::open_event_store(path).await
    }

    async fn empty_log(&self, data: &Path) -> anyhow::Result<Box<dyn LogToFill>> {
        make_private_folder(data)?;
        let config = settings(data);
        let vault = make_vault(&config).await?;
        begin_log(&config, &*vault).await?;
        Ok(Box::new(Filling { log: QuietLog::make(data).await?, vault, config }))
    }

    async fn stored_log(&self, data: &Path) -> anyhow::Result<Arc<dyn EventStore>> {
        Ok(open_stored_log(data).await?.events)
    }

    async fn verify(&self, data: &Path, how: Verifying) -> anyhow::Result<(u64, Duration)> {
        let config = settings(data);
        let stored = open_stored_log(data).await?;
        let means = match how {
            // Keys are asked of the vault anew in each round, as at each start of the command.
            Verifying::Log => Means::of_keys(Ok(stream_keys(&make_vault(&config).await?))),
            Verifying::LogWithoutVault | Verifying::Policy | Verifying::Folder => {
                Means::of_keys(Err("not opened".to_owned()))
            }
        };
        let bars = &Bars::default();
        let began = Instant::now();
        let report = match how {
            Verifying::Policy => {
                let judged = review::log(&stored.opened(), Review::default(), bars).await?;
                return Ok((judged.permits()?, began.elapsed()));
            }
            Verifying::Folder => folder(&config).await?.0,
            Verifying::Log | Verifying::LogWithoutVault => {
                log(&stored.opened(), means, bars).await?
            }
        };
        anyhow::ensure!(report.whole, "{}", report.verdict);
        Ok((report.events, began.elapsed()))
    }

    async fn publish(
        &self,
        events: &Arc<dyn EventStore>,
        data: &Path,
    ) -> anyhow::Result<(Box<dyn PublishedTree>, Duration)> {
        make_private_folder(data)?;
        let config = settings(data);
        let vault = make_vault(&config).await?;
        begin_log(&config, &*vault).await?;
        let log = open_log(&config, events, &*vault).await?;
        let began = Instant::now();
        log.catch_up().await?;
        let took = began.elapsed();
        Ok((Box::new(PublishedLog(log)), took))
    }

    async fn service(&self, data: &Path) -> anyhow::Result<Box<dyn MeasuredInstallation>> {
        let config = settings(data);
        let app = App::open(&config, World::real()?).await?;
        let running = Running::start(&app, &config)?;
        let checkpoint_every = Duration::from_millis(config.transparency.checkpoint_millis);
        Ok(Box::new(Served { app, running, checkpoint_every }))
    }
}

struct Filling {
    log: QuietLog,
    vault: Arc<dyn KeyVault>,
    config: Config,
}

#[async_trait]
impl LogToFill for Filling {
    fn events(&self) -> &Arc<dyn EventStore> {
        &self.log.events
    }

    fn vault(&self) -> &Arc<dyn KeyVault> {
        &self.vault
    }

    async fn rebuild(&self) -> anyhow::Result<(u64, Duration)> {
        let models = ReadModels::open(Arc::clone(&self.log.reader), Arc::clone(&self.log.rows));
        let began = Instant::now();
        let rows = models.rebuild().await?;
        let took = began.elapsed();
        anyhow::ensure!(models.health().parked().is_none(), "a read model stopped");
        Ok((rows, took))
    }

    async fn bare_rows(&self, rows: u64) -> anyhow::Result<Duration> {
        upserts(&*self.log.rows, rows).await
    }

    async fn close(self: Box<Self>) -> anyhow::Result<()> {
        self.log.close().await;
        // People of whom a log tells have a work store: a service starts on no folder without.
        begin_work_store(&self.config).await?;
        Ok(())
    }
}

struct PublishedLog(TransparencyLog);

#[async_trait]
impl PublishedTree for PublishedLog {
    fn checkpoint(&self) -> Option<Checkpoint> {
        self.0.standing().published.map(|made| made.checkpoint)
    }

    async fn proof(&self, index: u64, size: u64) -> anyhow::Result<(Leaf, Vec<TreeHash>)> {
        let tiles = &**self.0.tiles();
        let path = inclusion_path(tiles, index, size).await?.unwrap_or_default();
        Ok((leaf(tiles, index, size).await?, path))
    }
}

struct Served {
    app: Arc<App>,
    running: Running,
    checkpoint_every: Duration,
}

#[async_trait]
impl MeasuredInstallation for Served {
    fn events(&self) -> &Arc<dyn EventStore> {
        self.app.event_store()
    }

    fn published(&self) -> watch::Receiver<u64> {
        self.app.log.published()
    }

    fn behind(&self) -> u64 {
        self.app.behind()
    }

    fn address(&self) -> SocketAddr {
        self.running.address
    }

    fn checkpoint_every(&self) -> Duration {
        self.checkpoint_every
    }

    async fn stop(self: Box<Self>) -> anyhow::Result<()> {
        let Self { app, running, .. } = *self;
        running.stop().await?;
        app.close().await;
        Ok(())
    }
}
