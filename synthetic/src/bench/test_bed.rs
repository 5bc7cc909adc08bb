//! What is measured, handed in by whoever can build it: all of it lies in throw-away folders, and every log
//! has the origin [`super::SOURCE`].

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commands::ports::event_store::EventStore;
use commands::ports::key_vault::KeyVault;
use commands::ports::rasteriser::Rasteriser;
use domain::journal::Leaf;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::tree::TreeHash;
use domain::time::Moment;
use tokio::sync::watch;

/// Opens what measurements are made on.
#[async_trait]
pub trait TestBed: Send + Sync {
    /// The system's time.
    fn now(&self) -> Moment;

    /// The binary, to start a service of its own.
    fn program(&self) -> &Path;

    /// A drawing process of its own.
    fn rasteriser(&self) -> anyhow::Result<Arc<dyn Rasteriser>>;

    /// An event store of its own at `path`.
    async fn event_store(&self, path: &Path) -> anyhow::Result<Arc<dyn EventStore>>;

    /// A new installation in `data`, made as far as that its log can be written.
    async fn empty_log(&self, data: &Path) -> anyhow::Result<Box<dyn LogToFill>>;

    /// The log that lies in `data`, only to be read.
    async fn stored_log(&self, data: &Path) -> anyhow::Result<Arc<dyn EventStore>>;

    /// The code of `medlock verify` over the log in `data`, which must be whole: how many events it
    /// judged, and how long that took without opening what it reads.
    async fn verify(&self, data: &Path, how: Verifying) -> anyhow::Result<(u64, Duration)>;

    /// Makes the public files of a log in the folder `data`, which has none yet, and how long that took.
    async fn publish(
        &self,
        events: &Arc<dyn EventStore>,
        data: &Path,
    ) -> anyhow::Result<(Box<dyn PublishedTree>, Duration)>;

    /// A service that runs in this process on the folder `data`.
    async fn service(&self, data: &Path) -> anyhow::Result<Box<dyn MeasuredInstallation>>;
}

/// What of a log is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verifying {
    /// Lines, chains, leaves and tags, the keys asked of the vault anew.
    Log,
    /// The same, as far as that goes without the vault.
    LogWithoutVault,
    /// Whether every access had a permit.
    Policy,
    /// Everything the command checks of a folder by itself, signatures and opening among it.
    Folder,
}

/// A log that nobody else writes, and its read models.
#[async_trait]
pub trait LogToFill: Send + Sync {
    /// The log.
    fn events(&self) -> &Arc<dyn EventStore>;

    /// The keys of those it is about.
    fn vault(&self) -> &Arc<dyn KeyVault>;

    /// Makes every read model anew; answers how many rows that were, and how long it took.
    async fn rebuild(&self) -> anyhow::Result<(u64, Duration)>;

    /// How long one connection needs to write as many rows without anything else.
    async fn bare_rows(&self, rows: u64) -> anyhow::Result<Duration>;

    /// Lets go of it in order, as an installation that a service starts on.
    async fn close(self: Box<Self>) -> anyhow::Result<()>;
}

/// A tree whose files are published.
#[async_trait]
pub trait PublishedTree: Send + Sync {
    /// What is published, if anything is.
    fn checkpoint(&self) -> Option<Checkpoint>;

    /// A leaf of the tree of `size` leaves and its inclusion path, made of the files alone.
    async fn proof(&self, index: u64, size: u64) -> anyhow::Result<(Leaf, Vec<TreeHash>)>;
}

/// A running service.
#[async_trait]
pub trait MeasuredInstallation: Send + Sync {
    /// The log beneath everything.
    fn events(&self) -> &Arc<dyn EventStore>;

    /// How many events the newest published checkpoint covers.
    fn published(&self) -> watch::Receiver<u64>;

    /// How many events the read models have not seen.
    fn behind(&self) -> u64;

    /// Where it answers.
    fn address(&self) -> SocketAddr;

    /// How often a checkpoint is made.
    fn checkpoint_every(&self) -> Duration;

    /// Stops in order.
    async fn stop(self: Box<Self>) -> anyhow::Result<()>;
}
