//! The transparency log: follows the events, makes tiles of their leaves, signs the tree, publishes it.
//!
//! Every step leaves something a restart can go on from: events and leaves durable → tiles computed → root
//! recomputed from leaves that were read again → signed → stored by compare-and-swap → guard → tiles
//! written → cosigned → published.

mod opening;
mod publishing;
pub mod scrub;
mod status;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::journal::Position;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use domain::journal::tile::Tile;
use domain::journal::tiling::Tiling;
use domain::journal::tree::{TreeHash, TreeRoot};
use domain::journal::witness_policy::WitnessPolicy;
use tokio::sync::watch;

pub use self::opening::Unfit;
pub use self::publishing::ASK_AGAIN;
use self::publishing::Gathered;
pub use self::status::{LogStatus, StampedCheckpoint, WitnessState};
use crate::ports::{CheckpointStore, Guard, LogPortError, LogSource, Signer, TileStore, Witness};

/// Most leaves that one checkpoint takes in: bounds the memory of catching up.
const LEAVES_MAX: u64 = 65_536;
/// How often it is looked whether signatures keep up.
pub const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Where everything is.
pub struct LogPorts {
    /// The events.
    pub reader: Arc<dyn LogSource>,
    /// The public files.
    pub tiles: Arc<dyn TileStore>,
    /// The last signed checkpoint.
    pub checkpoints: Arc<dyn CheckpointStore>,
    /// The same outside the database.
    pub guard: Arc<dyn Guard>,
    /// The log's keys.
    pub signer: Arc<dyn Signer>,
}

/// How a log is kept.
pub struct LogSettings {
    /// Those who are asked to cosign.
    pub witnesses: Vec<Arc<dyn Witness>>,
    /// Whose cosignatures count.
    pub policy: WitnessPolicy,
    /// Publish nothing without a quorum of them.
    pub quorum_only: bool,
}

/// Why the log can not go on until it is opened again.
#[derive(Debug, thiserror::Error)]
pub enum LogStopped {
    /// Leaves that were read twice gave two roots: memory, disk or database lies.
    #[error("leaves {from}..{to} were read twice and gave two roots")]
    TwoRoots {
        /// The first of them.
        from: u64,
        /// One past the last.
        to: u64,
    },
    /// A witness knows a later or another state of this log than we do.
    #[error("the witness {witness} {what}: this database is not the newest, or not the only one")]
    Contradicted {
        /// Which.
        witness: String,
        /// What it says.
        what: String,
    },
    /// Somebody else signs this log.
    #[error("another process has signed a checkpoint of this log")]
    NotAlone,
    /// A write or an fsync failed in a way that says nothing about what is on the disk.
    #[error(transparent)]
    Port(LogPortError),
}

enum Fault {
    /// It may be better at the next try.
    Passing(LogPortError),
    Stopped(LogStopped),
}

impl From<LogStopped> for Fault {
    fn from(stopped: LogStopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<LogPortError> for Fault {
    fn from(error: LogPortError) -> Self {
        if error.passes() || error.what == "event store" {
            Self::Passing(error)
        } else {
            Self::Stopped(LogStopped::Port(error))
        }
    }
}

/// The right edge as it was signed last.
struct Edge {
    tiling: Tiling,
    /// The same tree, grown from leaves that were read a second time.
    tree: TreeRoot,
    last: Option<Vec<u8>>,
    /// What was signed and has not reached guard and tiles yet: a full disk may stand in the way for a while.
    unfinished: Option<Unfinished>,
}

/// A checkpoint that is signed and stored, and the tiles it needs.
struct Unfinished {
    made: StampedCheckpoint,
    tiles: Vec<(Tile, Vec<u8>)>,
}

/// The log.
pub struct TransparencyLog {
    places: LogPorts,
    settings: LogSettings,
    edge: tokio::sync::Mutex<Edge>,
    standing: Mutex<LogStatus>,
    /// Wakes whoever publishes.
    signed: watch::Sender<Option<StampedCheckpoint>>,
    published: watch::Sender<u64>,
    /// Held while a checkpoint is published: a smaller one never takes the place of a larger one.
    publishing: tokio::sync::Mutex<Gathered>,
}

impl TransparencyLog {
    /// Takes in and signs what is new up to `length` events; `true` if something was.
    async fn step(&self, length: u64) -> Result<bool, Fault> {
        let mut edge = self.edge.lock().await;
        self.finish(&mut edge).await?;
        let from = edge.tiling.size();
        let to = length.min(from + LEAVES_MAX);
        if to <= from {
            return Ok(false);
        }
        let (tiling, tiles) = self.grow(&edge.tiling, to).await?;
        let tree = self.read_again(edge.tree.clone(), to).await?;
        let root = tree.root();
        if tiling.root() != root {
            return Err(Fault::Stopped(LogStopped::TwoRoots { from, to }));
        }
        let made = sign(&*self.places.signer, root, to);
        let swapped = self.places.checkpoints.swap(edge.last.as_deref(), &made.note).await?;
        if !swapped {
            return Err(Fault::Stopped(LogStopped::NotAlone));
        }
        let last = Some(made.note.clone());
        *edge = Edge { tiling, tree, last, unfinished: Some(Unfinished { made, tiles }) };
        // From here on a restart finishes what is begun: see `opening`.
        self.finish(&mut edge).await?;
        Ok(true)
    }

    /// Brings what was signed to the guard and the tiles, and tells the publisher.
    async fn finish(&self, edge: &mut Edge) -> Result<(), Fault> {
        let Some(Unfinished { made, tiles }) = &edge.unfinished else { return Ok(()) };
        self.places.guard.write(&made.note).await?;
        self.write(tiles.clone()).await?;
        self.lock().signed = Some(made.clone());
        self.signed.send_replace(Some(made.clone()));
        edge.unfinished = None;
        Ok(())
    }

    /// Grows a tree to `to` leaves; answers the tiles that are new.
    async fn grow(
        &self,
        tiling: &Tiling,
        to: u64,
    ) -> Result<(Tiling, Vec<(Tile, Vec<u8>)>), LogPortError> {
        let mut tiling = tiling.clone();
        let leaves = self.leaves(tiling.size(), to).await?;
        let grown = tokio::task::spawn_blocking(move || {
            let mut tiles = Vec::new();
            leaves.into_iter().for_each(|leaf| tiling.push(leaf, &mut tiles));
            tiles.extend(tiling.partial());
            (tiling, tiles)
        });
        grown.await.map_err(|error| LogPortError { what: "hashing", source: error.into() })
    }

    /// What is signed is not what was computed once, but what is read from the disk once more.
    async fn read_again(&self, mut tree: TreeRoot, to: u64) -> Result<TreeRoot, LogPortError> {
        let leaves = self.leaves(tree.size(), to).await?;
        let grown = tokio::task::spawn_blocking(move || {
            leaves.iter().for_each(|leaf| tree.push(&leaf.0));
            tree
        });
        grown.await.map_err(|error| LogPortError { what: "hashing", source: error.into() })
    }

    async fn leaves(&self, from: u64, to: u64) -> Result<Vec<domain::journal::Leaf>, LogPortError> {
        let wanted = usize::try_from(to - from).unwrap_or(usize::MAX);
        let leaves = self.places.reader.leaves(Position(from), wanted).await?;
        if leaves.len() == wanted {
            Ok(leaves)
        } else {
            let source = format!("{} leaves from {from}, {wanted} wanted", leaves.len()).into();
            Err(LogPortError { what: "event store", source })
        }
    }

    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), LogPortError> {
        let names: Vec<Tile> = tiles.iter().map(|(tile, _)| *tile).collect();
        self.places.tiles.write(tiles).await?;
        self.places.tiles.forget_partial(&names).await
    }

    /// Signs everything that is in the log now: one pass of a job that comes round on a fixed clock. What
    /// stands in the way for a while is told by [`TransparencyLog::standing`].
    ///
    /// A pass that is begun must be ended: half of one that goes on behind our back would look like somebody
    /// else's.
    pub async fn sign_new(&self) -> Result<(), LogStopped> {
        let signed = self.sign_all().await;
        signed.map_err(|stopped| self.stall(stopped))
    }

    /// Signs and publishes everything that is in the log now.
    pub async fn catch_up(&self) -> Result<(), LogStopped> {
        self.sign_new().await?;
        match self.publish_newest().await {
            Err(Fault::Stopped(stopped)) => Err(self.stall(stopped)),
            Ok(()) | Err(Fault::Passing(_)) => Ok(()),
        }
    }

    /// What comes meanwhile is for the next tick: on a busy day, too, checkpoints are made on the clock.
    async fn sign_all(&self) -> Result<(), LogStopped> {
        let length = self.length();
        loop {
            match self.step(length).await {
                Ok(true) => {}
                Ok(false) => {
                    self.lock().stalled = None;
                    return Ok(());
                }
                Err(Fault::Passing(error)) => {
                    self.tell(&error, |standing| &mut standing.stalled);
                    return Ok(());
                }
                Err(Fault::Stopped(stopped)) => return Err(stopped),
            }
        }
    }

    /// Counts for how long events wait to be covered; to be called every [`WATCH_EVERY`]. It counts ticks,
    /// not times of day: a clock that is set must not stop the service.
    pub fn tick(&self) {
        let length = self.length();
        let mut standing = self.lock();
        let published_size = standing.published_size(self.settings.quorum_only);
        let moved =
            published_size > std::mem::replace(&mut standing.published_before, published_size);
        if published_size >= length || moved {
            standing.uncovered_for = Duration::ZERO;
        } else {
            standing.uncovered_for += WATCH_EVERY;
        }
    }

    fn length(&self) -> u64 {
        self.places.reader.newest().borrow().map_or(0, |newest| newest.0 + 1)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LogStatus> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, error: &LogPortError, place: impl Fn(&mut LogStatus) -> &mut Option<String>) {
        let reason = error.to_string();
        let mut standing = self.lock();
        let outcome = place(&mut standing);
        if outcome.as_ref() != Some(&reason) {
            tracing::error!(%error, "the transparency log stands still");
            *outcome = Some(reason);
        }
    }

    fn stall(&self, stopped: LogStopped) -> LogStopped {
        self.lock().stalled = Some(stopped.to_string());
        stopped
    }

    /// How the log does.
    pub fn standing(&self) -> LogStatus {
        self.lock().clone()
    }

    /// The newest signed checkpoint; changes wake whoever waits.
    pub fn signed(&self) -> watch::Receiver<Option<StampedCheckpoint>> {
        self.signed.subscribe()
    }

    /// The size of the published tree; changes wake whoever waits.
    pub fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// The public files.
    pub const fn tiles(&self) -> &Arc<dyn TileStore> {
        &self.places.tiles
    }

    /// The log's keys.
    pub fn signer(&self) -> &dyn Signer {
        &*self.places.signer
    }
}

/// A checkpoint of a tree, signed with every key in use.
fn sign(signer: &dyn Signer, root: TreeHash, size: u64) -> StampedCheckpoint {
    let checkpoint = Checkpoint { origin: signer.origin().to_owned(), size, root };
    let signatures = signer.sign(&checkpoint);
    let note = Note { text: checkpoint.text(), signatures }.to_string().into_bytes();
    StampedCheckpoint { checkpoint, note, at: signer.now() }
}
