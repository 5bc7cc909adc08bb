//! `medlock rebuild`: every read model anew, from the log alone.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use clap::Args;
use domain::journal::{Line, Position};
use evidence::say;
use indicatif::ProgressBar;
use projections::ReadModels;
use projections::ports::{EventReader, PortError};
use serde::Serialize;
use tokio::sync::watch;

use super::{CliError, CliResult, DataArgs, Output, print_json, progress, start_logging};
use crate::wiring::QuietLog;

/// Make every read model anew from the start of the log.
///
/// They are made beside the present ones and swapped in whole. Sends nothing. Refuses while the service runs.
#[derive(Args)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    data: DataArgs,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

/// What was done.
#[derive(Serialize)]
struct Rebuilt {
    events: u64,
    rows: u64,
    milliseconds: u64,
}

/// A reader that shows how far it is.
struct Watched {
    reader: Arc<dyn EventReader>,
    bar: ProgressBar,
}

#[async_trait]
impl EventReader for Watched {
    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, PortError> {
        self.bar.set_position(from.0);
        self.reader.read_all(from, limit).await
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.reader.newest()
    }
}

pub(super) async fn run(args: &RebuildArgs) -> CliResult {
    start_logging(true);
    let config = args.data.settings()?;
    let log = QuietLog::open(&config.data).await?;
    let events = log.reader.newest().borrow().map_or(0, |newest| newest.0 + 1);
    let bar = progress(events, "rebuilding");
    let reader = Arc::new(Watched { reader: Arc::clone(&log.reader), bar: bar.clone() });
    let models = ReadModels::open(reader, Arc::clone(&log.rows));
    let began = Instant::now();
    let rows = models.rebuild().await.map_err(anyhow::Error::from)?;
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    bar.finish_and_clear();
    log.close().await;
    let rebuilt = Rebuilt { events, rows, milliseconds };
    match args.output {
        Output::Json => print_json(&rebuilt)?,
        Output::Table => say!("{rows} rows written from {events} events in {milliseconds} ms."),
    }
    let health = models.health();
    let parked = health.models.iter().filter_map(|model| Some((model, model.parked.as_ref()?)));
    let parked = parked.map(|(model, parked)| {
        format!("{} stopped at position {}: {}", model.name, parked.position, parked.reason)
    });
    let parked: Vec<String> = parked.collect();
    if parked.is_empty() { Ok(()) } else { Err(CliError::Finding(parked.join("; "))) }
}
