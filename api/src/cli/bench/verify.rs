//! `medlock bench verify`: the command's own code over a log as a clinic would leave it, vault and all.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::access::review::Review;
use domain::journal::Position;
use evidence::audit::{Means, log};
use evidence::review;
use sha2::{Digest as _, Sha256};

use super::{Measured, synthetic_log};
use crate::cli::bars::Bars;
use crate::cli::verify::folder;
use crate::config::Config;
use crate::wiring::{StoredLog, make_vault, open_stored_log, stream_keys};

/// Odd, so that the median is one of them.
const ROUNDS: usize = 3;
/// Lines held in memory for the bare digests.
const SAMPLE: usize = 100_000;

/// Measures over at least `events` events in a throw-away folder below `dir`.
pub(super) async fn run(dir: &Path, events: u64) -> anyhow::Result<Vec<Measured>> {
    let data = dir.join("verify");
    synthetic_log::make(&data, events).await?;
    let config = Config::of(&data, ([127, 0, 0, 1], 0).into());
    let stored = open_stored_log(&data).await?;
    let sample = Arc::new(sample(&stored).await?);
    let (mut with_vault, mut without, mut policy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let digests = tokio::task::spawn_blocking({
            let sample = Arc::clone(&sample);
            move || bare_digests(&sample)
        });
        let digests = digests.await?;
        // Keys are asked of the vault anew in each round, as at each start of the command.
        let vault = make_vault(&config).await?;
        with_vault.push((rate(&stored, Means::of_keys(Ok(stream_keys(&vault)))).await?, digests));
        let none = Means::of_keys(Err("not opened".to_owned()));
        without.push((rate(&stored, none).await?, digests));
        let began = Instant::now();
        let bars = &Bars::default();
        let judged = review::log(&stored.opened(), Review::default(), bars).await?.permits()?;
        policy.push((judged as f64 / began.elapsed().as_secs_f64(), digests));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(vec![
        Measured::against("verify", cores, "events/s", &with_vault),
        Measured::against("verify_without_vault", cores, "events/s", &without),
        Measured::against("verify_policy", cores, "events/s", &policy),
    ])
}

async fn rate(stored: &StoredLog, means: Means) -> anyhow::Result<f64> {
    let began = Instant::now();
    let report = log(&stored.opened(), means, &Bars::default()).await?;
    anyhow::ensure!(report.whole, "{}", report.verdict);
    Ok(report.events as f64 / began.elapsed().as_secs_f64())
}

/// Everything the command checks of a folder by itself: events a second, and the bare digests of the round.
pub(super) async fn whole_folder(config: &Config) -> anyhow::Result<(f64, f64)> {
    let stored = open_stored_log(&config.data).await?;
    let sample = sample(&stored).await?;
    let digests = tokio::task::spawn_blocking(move || bare_digests(&sample)).await?;
    let began = Instant::now();
    let (report, _) = folder(config).await?;
    anyhow::ensure!(report.whole, "{}", report.verdict);
    Ok((report.events as f64 / began.elapsed().as_secs_f64(), digests))
}

async fn sample(stored: &StoredLog) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut sample = Vec::new();
    loop {
        let lines = stored.events.read_all(Position(sample.len() as u64), 1_024).await?;
        if lines.is_empty() || sample.len() >= SAMPLE {
            return Ok(sample);
        }
        sample.extend(lines.into_iter().map(|line| line.bytes));
    }
}

/// Lines per second through BLAKE3 and SHA-256 alone, on all cores.
fn bare_digests(lines: &[Vec<u8>]) -> f64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for part in lines.chunks(lines.len().div_ceil(cores).max(1)) {
            scope.spawn(move || {
                for line in part {
                    std::hint::black_box((blake3::hash(line), Sha256::digest(line)));
                }
            });
        }
    });
    lines.len() as f64 / began.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_log_that_is_made_is_whole_and_measured() {
        let dir = tempfile::tempdir().unwrap();
        let figures = run(dir.path(), 500).await.unwrap();
        assert_eq!(figures.len(), 3);
        assert!(figures.iter().all(|one| one.value > 0.0 && one.ratio.unwrap() > 0.0));
    }
}
