//! `medlock bench log`: the transparency log, from hashing leaves in memory to files over HTTP, each beside
//! what the same machine's hash or disk gave in the same rounds.

mod commit;
mod disk;
mod memory;
mod proofs;
mod serving;

use std::path::Path;
use std::sync::Arc;

use self::disk::LogOnDisk;
use super::rounds::ROUNDS;
use super::{Measured, TestBed, synthetic_log, verify};

/// What a million events in ten seconds come to.
const VERIFIED_FLOOR: f64 = 100_000.0;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub struct LogBenchSizes {
    /// Events of the log that is made into tiles, and verified.
    pub events: u64,
    /// For how long events are committed and tiles are served, each round.
    pub seconds: f64,
}

/// Measures everything, in throw-away folders below `dir`.
pub async fn run(
    bed: &Arc<dyn TestBed>,
    dir: &Path,
    sizes: LogBenchSizes,
) -> anyhow::Result<Vec<Measured>> {
    let mut all = memory::measure(sizes.events).await?;
    let data = dir.join("log");
    synthetic_log::make(&**bed, &data, sizes.events).await?;
    let (kept, figures) = LogOnDisk::measure(&**bed, dir, &data, sizes.seconds).await?;
    all.extend(figures);
    all.extend(proofs::measure(&kept, &data).await?);
    drop(kept);
    all.extend(verified(&**bed, &data).await?);
    all.extend(service(&**bed, dir, sizes.seconds).await?);
    Ok(all)
}

/// The command's own code over the folder whose tree was just made, signatures and all.
async fn verified(bed: &dyn TestBed, data: &Path) -> anyhow::Result<Vec<Measured>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(verify::whole_folder(bed, data).await?);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let verified = Measured::against("verify with the tree", cores, "events/s", &rounds);
    Ok(vec![verified.at_least(VERIFIED_FLOOR)])
}

/// A running service: from commit to a published checkpoint, then its tiles over HTTP.
async fn service(bed: &dyn TestBed, dir: &Path, seconds: f64) -> anyhow::Result<Vec<Measured>> {
    let data = dir.join("service");
    let service = bed.service(&data).await?;
    let mut figures = commit::measure(&*service, dir, seconds).await?;
    figures.extend(serving::measure(&*service, &data, seconds).await?);
    service.stop().await?;
    Ok(figures)
}
