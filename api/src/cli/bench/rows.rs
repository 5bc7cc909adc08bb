//! What a rebuild is held against: one connection that writes as many rows, and makes them of nothing.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::fact::Fact;
use domain::ids::{PatientId, StreamName};
use domain::journal::Position;
use projections::MODELS;
use projections::ports::{ModelStep, ReadStore};
use projections::table::{Cell, Changes, Table};
use uuid::Uuid;

/// Rows of one transaction: about what a batch of events makes.
const ROWS: u64 = 1_024;

/// How long it takes to write `rows` rows like the trail's into a fresh store.
pub(super) async fn upserts(store: &dyn ReadStore, rows: u64) -> anyhow::Result<Duration> {
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
