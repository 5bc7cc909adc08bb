//! `medlock bench rebuild`: read models from zero, beside one connection that writes as many rows without
//! them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::rounds::ROUNDS;
use super::{Measured, TestBed, synthetic_log};

/// Measures over a log of at least `events` events in a throw-away folder below `dir`.
pub async fn run(bed: &Arc<dyn TestBed>, dir: &Path, events: u64) -> anyhow::Result<Vec<Measured>> {
    eprintln!("making a log of {events} events …");
    let log = bed.empty_log(&dir.join("rebuild")).await?;
    synthetic_log::fill(log.events(), log.vault(), events).await?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (rows, took) = log.rebuild().await?;
        let rate = |took: Duration| rows as f64 / took.as_secs_f64();
        rounds.push((rate(took), rate(log.bare_rows(rows).await?)));
    }
    log.close().await?;
    Ok(vec![Measured::against("rebuild", 1, "rows/s", &rounds)])
}
