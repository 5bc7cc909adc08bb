//! `medlock bench log`: the transparency log, from hashing leaves in memory to files over HTTP, each beside
//! what the same machine's hash or disk gave in the same rounds.

mod commit;
mod disk;
mod memory;
mod proofs;
mod serving;

use std::path::Path;

use self::disk::LogOnDisk;
use super::{Measured, synthetic_log, verify};
use crate::config::Config;
use crate::server::Running;
use crate::wiring::{App, World};

/// Odd, so that the median is one of them.
const ROUNDS: usize = 3;
/// What a million events in ten seconds come to.
const VERIFIED_FLOOR: f64 = 100_000.0;

/// How much is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogBenchSizes {
    /// Events of the log that is made into tiles, and verified.
    pub(super) events: u64,
    /// For how long events are committed and tiles are served, each round.
    pub(super) seconds: f64,
}

/// Measures everything, in throw-away folders below `dir`.
pub(super) async fn run(dir: &Path, sizes: LogBenchSizes) -> anyhow::Result<Vec<Measured>> {
    let mut all = memory::measure(sizes.events).await?;
    let data = dir.join("log");
    synthetic_log::make(&data, sizes.events).await?;
    let config = settings(&data)?;
    let (kept, figures) = LogOnDisk::measure(dir, &config, sizes.seconds).await?;
    all.extend(figures);
    all.extend(proofs::measure(&kept, &data).await?);
    drop(kept);
    all.extend(verified(&config).await?);
    all.extend(service(dir, sizes.seconds).await?);
    Ok(all)
}

/// The settings of a throw-away installation.
fn settings(data: &Path) -> anyhow::Result<Config> {
    let mut config = Config::of(data, ([127, 0, 0, 1], 0).into());
    synthetic_log::SOURCE.clone_into(&mut config.origin);
    config.rates.requests_per_minute = 100_000_000;
    Ok(config)
}

/// The command's own code over the folder whose tree was just made, signatures and all.
async fn verified(config: &Config) -> anyhow::Result<Vec<Measured>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(verify::whole_folder(config).await?);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let verified = Measured::against("verify with the tree", cores, "events/s", &rounds);
    Ok(vec![verified.at_least(VERIFIED_FLOOR)])
}

/// A running service: from commit to a published checkpoint, then its tiles over HTTP.
async fn service(dir: &Path, seconds: f64) -> anyhow::Result<Vec<Measured>> {
    let config = settings(&dir.join("service"))?;
    let app = App::open(&config, World::real()?).await?;
    let running = Running::start(&app, &config)?;
    let mut figures = commit::measure(&app, &config, dir, seconds).await?;
    figures.extend(serving::measure(&app, &config.data, running.address, seconds).await?);
    running.stop().await?;
    app.close().await;
    Ok(figures)
}

/// The time below which this share of them lies.
fn share(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let last = times.len().saturating_sub(1) as f64;
    times.get((last * share) as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_times_is_one_of_them() {
        let mut times: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!((share(&mut times, 0.5), share(&mut times, 0.99)), (50.0, 99.0));
        assert!(share(&mut [], 0.5).is_nan());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_floor_is_held_against_a_figure() {
        let dir = tempfile::tempdir().unwrap();
        let figures = run(dir.path(), LogBenchSizes { events: 600, seconds: 0.1 }).await.unwrap();
        assert!(figures.iter().all(|one| one.value > 0.0), "{figures:?}");
        let floors: Vec<_> = figures.iter().filter(|one| one.floor.is_some()).collect();
        assert_eq!(floors.len(), 7, "{floors:?}");
    }
}
