//! A stored log made into tiles on the disk: read, tiled, read again, signed, kept, published.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::journal::checkpoint::Checkpoint;
use domain::journal::tile::WIDTH;
use transparency::log::TransparencyLog;

use super::super::append::raw_rate;
use super::{Measured, ROUNDS};
use crate::config::Config;
use crate::wiring::{StoredLog, make_private_folder, make_vault, open_log, open_stored_log};

/// Leaves a second, on two cores.
const FLOOR: f64 = 50_000.0;
/// Leaves that come to the disk with one fsync: each 256 of them make a tile and a bundle.
const LEAVES_PER_FSYNC: f64 = WIDTH as f64 / 2.0;

/// A log whose files lie where the service would look for them.
pub(super) struct LogOnDisk {
    pub(super) log: TransparencyLog,
    pub(super) checkpoint: Checkpoint,
}

impl LogOnDisk {
    /// Makes the tree of the log in the folder of `config` as often as there are rounds, each time from
    /// nothing; the last one stays, in that folder.
    pub(super) async fn measure(
        dir: &Path,
        config: &Config,
        seconds: f64,
    ) -> anyhow::Result<(Self, Vec<Measured>)> {
        let stored = open_stored_log(&config.data).await?;
        let span = Duration::try_from_secs_f64(seconds / 10.0)?;
        let mut rounds = Vec::new();
        for round in 1..ROUNDS {
            let data = dir.join(format!("tiles-{round}"));
            make_private_folder(&data)?;
            let config = Config { data, ..config.clone() };
            rounds.push(make((dir, span), &config, &stored).await?.1);
        }
        let (log, last) = make((dir, span), config, &stored).await?;
        rounds.push(last);
        let published = log.standing().published;
        let checkpoint = published.map(|made| made.checkpoint);
        let checkpoint = checkpoint.ok_or_else(|| anyhow::anyhow!("nothing was published"))?;
        let length = stored.events.newest().borrow().map_or(0, |newest| newest.0 + 1);
        anyhow::ensure!(checkpoint.size == length, "the log stands still");
        let figure =
            Measured::against("stored leaves made into published files", 1, "1/s", &rounds);
        Ok((Self { log, checkpoint }, vec![figure.at_least(FLOOR)]))
    }
}

/// Leaves a second, and how many came to the disk if fsyncs were all that it took.
async fn make(
    (dir, span): (&Path, Duration),
    config: &Config,
    stored: &StoredLog,
) -> anyhow::Result<(TransparencyLog, (f64, f64))> {
    let raw_file = dir.join("raw");
    let raw = move || raw_rate(&raw_file, span);
    let raw = tokio::task::spawn_blocking(raw).await??;
    let vault = make_vault(config).await?;
    let log = open_log(config, &stored.events, &*vault).await?;
    let began = Instant::now();
    log.catch_up().await?;
    let seconds = began.elapsed().as_secs_f64();
    let leaves = *log.published().borrow() as f64;
    Ok((log, (leaves / seconds, raw * LEAVES_PER_FSYNC)))
}
