//! `medlock bench rebuild`: read models from zero, beside one connection that writes as many rows without
//! them.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::fact::Fact;
use domain::ids::{PatientId, StreamName};
use domain::journal::Position;
use projections::ports::{ModelStep, ReadStore};
use projections::table::{Cell, Changes, Table};
use projections::{MODELS, ReadModels};
use uuid::Uuid;

use super::{Measured, synthetic_log};
use crate::config::Config;
use crate::wiring::{QuietLog, make_private_folder, make_vault};

/// Odd, so that the median is one of them.
const ROUNDS: usize = 3;
/// Rows of one transaction of the baseline: about what a batch of events makes.
const ROWS: u64 = 1_024;

/// Measures over a log of at least `events` events in a throw-away folder below `dir`.
pub(super) async fn run(dir: &Path, events: u64) -> anyhow::Result<Vec<Measured>> {
    let data = dir.join("rebuild");
    make_private_folder(&data)?;
    let vault = make_vault(&Config::of(&data, ([127, 0, 0, 1], 0).into())).await?;
    eprintln!("making a log of {events} events …");
    let log = QuietLog::make(&data).await?;
    synthetic_log::fill(&log.events, &vault, events).await?;
    let models = ReadModels::open(Arc::clone(&log.reader), Arc::clone(&log.rows));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let rows = models.rebuild().await?;
        let took = began.elapsed();
        anyhow::ensure!(
            models.health().models.iter().all(|model| model.parked.is_none()),
            "a read model stopped"
        );
        let rate = |took: Duration| rows as f64 / took.as_secs_f64();
        rounds.push((rate(took), rate(upserts(&*log.rows, rows).await?)));
    }
    log.close().await;
    Ok(vec![Measured::against("rebuild", 1, "rows/s", &rounds)])
}

/// How long it takes to write `rows` rows like the trail's into a fresh store.
async fn upserts(store: &dyn ReadStore, rows: u64) -> anyhow::Result<Duration> {
    let trail = MODELS.iter().find(|model| model.name() == "trail").context("no trail")?.table();
    let fresh = store.fresh().await?;
    let mut from = 0;
    let mut took = Duration::ZERO;
    while from < rows {
        let to = (from + ROWS).min(rows);
        let changes = changes(trail, from, to);
        let (from_position, to_position) = (Position(from), Position(to));
        let step =
            ModelStep { model: "trail", from: from_position, to: to_position, changes: &changes };
        let began = Instant::now();
        fresh.write(&[step]).await?;
        took += began.elapsed();
        from = to;
    }
    Ok(took)
}

fn changes(trail: &'static Table, from: u64, to: u64) -> Changes {
    let mut changes = Changes::default();
    let kinds: Vec<&str> = Fact::kinds().collect();
    for (position, kind) in (from..to).map(Position).zip(kinds.into_iter().cycle()) {
        // Forty patients at once, as in the log.
        let patient = Uuid::from_u128(u128::from(position.0 / 1_600));
        let stream = StreamName::patient(PatientId::new(patient)).to_string();
        changes.put(
            trail,
            [
                ("position", Cell::from(position)),
                ("kind", Cell::from(kind)),
                ("stream", Cell::from(stream.clone())),
                ("version", Cell::from(position)),
                ("actor", Cell::from(stream)),
                ("time", Cell::from(position)),
                ("hash", Cell::from(blake3::hash(&position.0.to_le_bytes()).to_string())),
            ],
        );
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_are_made_and_measured() {
        let dir = tempfile::tempdir().unwrap();
        let figures = run(dir.path(), 500).await.unwrap();
        assert!(figures[0].value > 0.0 && figures[0].ratio.unwrap() > 0.0, "{figures:?}");
    }
}
