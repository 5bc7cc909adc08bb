//! `medlock bench verify`: the command's own code over a log as a clinic would leave it, vault and all.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use commands::ports::event_store::EventStore;
use domain::journal::Position;
use sha2::{Digest as _, Sha256};

use super::rounds::ROUNDS;
use super::{Measured, TestBed, Verifying, synthetic_log};

/// Lines held in memory for the bare digests.
const SAMPLE: usize = 100_000;

/// Measures over at least `events` events in a throw-away folder below `dir`.
pub async fn run(bed: &Arc<dyn TestBed>, dir: &Path, events: u64) -> anyhow::Result<Vec<Measured>> {
    let data = dir.join("verify");
    synthetic_log::make(&**bed, &data, events).await?;
    let sample = Arc::new(sample(&*bed.stored_log(&data).await?).await?);
    let (mut with_vault, mut without, mut policy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let digests = tokio::task::spawn_blocking({
            let sample = Arc::clone(&sample);
            move || bare_digests(&sample)
        });
        let digests = digests.await?;
        with_vault.push((rate(&**bed, &data, Verifying::Log).await?, digests));
        without.push((rate(&**bed, &data, Verifying::LogWithoutVault).await?, digests));
        policy.push((rate(&**bed, &data, Verifying::Policy).await?, digests));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(vec![
        Measured::against("verify", cores, "events/s", &with_vault),
        Measured::against("verify_without_vault", cores, "events/s", &without),
        Measured::against("verify_policy", cores, "events/s", &policy),
    ])
}

async fn rate(bed: &dyn TestBed, data: &Path, how: Verifying) -> anyhow::Result<f64> {
    let (events, took) = bed.verify(data, how).await?;
    Ok(events as f64 / took.as_secs_f64())
}

/// Everything the command checks of a folder by itself: events a second, and the bare digests of the round.
pub(super) async fn whole_folder(bed: &dyn TestBed, data: &Path) -> anyhow::Result<(f64, f64)> {
    let sample = sample(&*bed.stored_log(data).await?).await?;
    let digests = tokio::task::spawn_blocking(move || bare_digests(&sample)).await?;
    Ok((rate(bed, data, Verifying::Folder).await?, digests))
}

async fn sample(events: &dyn EventStore) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut sample = Vec::new();
    loop {
        let lines = events.read_all(Position(sample.len() as u64), 1_024).await?;
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
