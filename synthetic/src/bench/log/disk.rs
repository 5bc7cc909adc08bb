//! A stored log made into tiles on the disk: read, tiled, read again, signed, kept, published.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use commands::ports::event_store::EventStore;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::tile::WIDTH;

use super::super::append::raw_rate;
use super::super::rounds::ROUNDS;
use super::super::{Measured, PublishedTree, TestBed};

/// Leaves a second, on two cores.
const FLOOR: f64 = 50_000.0;
/// Leaves that come to the disk with one fsync: each 256 of them make a tile and a bundle.
const LEAVES_PER_FSYNC: f64 = WIDTH as f64 / 2.0;

/// A log whose files lie where the service would look for them.
pub(super) struct LogOnDisk {
    pub(super) tree: Box<dyn PublishedTree>,
    pub(super) checkpoint: Checkpoint,
}

impl LogOnDisk {
    /// Makes the tree of the log in the folder `data` as often as there are rounds, each time from nothing;
    /// the last one stays, in that folder.
    pub(super) async fn measure(
        bed: &dyn TestBed,
        dir: &Path,
        data: &Path,
        seconds: f64,
    ) -> anyhow::Result<(Self, Vec<Measured>)> {
        let stored = bed.stored_log(data).await?;
        let span = Duration::try_from_secs_f64(seconds / 10.0)?;
        let mut rounds = Vec::new();
        for round in 1..ROUNDS {
            let data = dir.join(format!("tiles-{round}"));
            rounds.push(make(bed, (dir, span), &data, &stored).await?.1);
        }
        let (kept, last) = make(bed, (dir, span), data, &stored).await?;
        rounds.push(last);
        let length = stored.newest().borrow().map_or(0, |newest| newest.0 + 1);
        anyhow::ensure!(kept.checkpoint.size == length, "the log stands still");
        let figure =
            Measured::against("stored leaves made into published files", 1, "1/s", &rounds);
        Ok((kept, vec![figure.at_least(FLOOR)]))
    }
}

/// Leaves a second, and how many came to the disk if fsyncs were all that it took.
async fn make(
    bed: &dyn TestBed,
    (dir, span): (&Path, Duration),
    data: &Path,
    stored: &Arc<dyn EventStore>,
) -> anyhow::Result<(LogOnDisk, (f64, f64))> {
    let raw_file = dir.join("raw");
    let raw = move || raw_rate(&raw_file, span);
    let raw = tokio::task::spawn_blocking(raw).await??;
    let (tree, took) = bed.publish(stored, data).await?;
    let checkpoint = tree.checkpoint();
    let checkpoint = checkpoint.ok_or_else(|| anyhow::anyhow!("nothing was published"))?;
    let leaves = checkpoint.size as f64;
    let rate = (leaves / took.as_secs_f64(), raw * LEAVES_PER_FSYNC);
    Ok((LogOnDisk { tree, checkpoint }, rate))
}
