//! `medlock bench …`: what to measure and how to print it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use comfy_table::Table;

use super::{Floor, FloorBound, Measured, append, log, rebuild, verify, view};
use crate::cli::{CliResult, Output};

/// What the benches take.
#[derive(Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    what: BenchKind,
    /// Where to make the throw-away folders: the disk that is measured [default: the system's].
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// How to print the figures.
    #[arg(long, value_enum, default_value = "table", global = true)]
    output: Output,
}

#[derive(Subcommand)]
enum BenchKind {
    /// Durable appends, beside the raw disk and a plain file that commits in groups.
    Append {
        /// Callers at once.
        #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
        callers: Vec<usize>,
        /// Seconds a measurement.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
    },
    /// The code of `medlock verify`, beside the bare digests of the same lines.
    Verify {
        /// Events of the log that is checked.
        #[arg(long, default_value_t = 1_000_000)]
        events: u64,
    },
    /// Read models from zero, beside writing as many rows without them.
    Rebuild {
        /// Events of the log they are made from.
        #[arg(long, default_value_t = 200_000)]
        events: u64,
    },
    /// The transparency log: hashing, tiles, checkpoints, proofs, serving, verifying.
    Log {
        /// Events of the log that is made into tiles, and verified.
        #[arg(long, default_value_t = 1_000_000)]
        events: u64,
        /// Seconds a round in which events are committed, or tiles served.
        #[arg(long, default_value_t = 10.0)]
        seconds: f64,
    },
    /// Decisions, HTTP grants and redeems, first page, upload, memory, start.
    View {
        /// Size of the large upload, MiB.
        #[arg(long, default_value_t = 2_048)]
        upload_mib: u64,
        /// Events of the log that a service starts on.
        #[arg(long, default_value_t = 1_000_000)]
        events: u64,
    },
}

pub(crate) async fn run(args: &BenchArgs) -> CliResult {
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build: the figures say nothing; use cargo run --release");
    }
    let folder = match &args.data {
        Some(parent) => {
            std::fs::create_dir_all(parent).map_err(anyhow::Error::from)?;
            tempfile::tempdir_in(parent)
        }
        None => tempfile::tempdir(),
    };
    let folder = folder.map_err(anyhow::Error::from)?;
    let figures = match &args.what {
        BenchKind::Append { callers, seconds } => {
            append::run(folder.path(), callers, *seconds).await?
        }
        BenchKind::Verify { events } => verify::run(folder.path(), *events).await?,
        BenchKind::Rebuild { events } => rebuild::run(folder.path(), *events).await?,
        BenchKind::Log { events, seconds } => {
            let sizes = log::LogBenchSizes { events: *events, seconds: *seconds };
            log::run(folder.path(), sizes).await?
        }
        BenchKind::View { upload_mib, events } => {
            let sizes = view::ViewBenchSizes { upload_mib: *upload_mib, events: *events };
            view::run(folder.path(), sizes).await?
        }
    };
    match args.output {
        Output::Table => println!("{}", table(&figures)),
        Output::Json => {
            println!("{}", serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?);
        }
    }
    Ok(())
}

fn table(figures: &[Measured]) -> Table {
    let mut table = Table::new();
    table.set_header(["what", "callers", "value", "unit", "baseline", "ratio", "floor"]);
    let short =
        |figure: f64| if figure < 100.0 { format!("{figure:.2}") } else { format!("{figure:.0}") };
    for figure in figures {
        table.add_row([
            figure.name.to_owned(),
            figure.callers.to_string(),
            short(figure.value),
            figure.unit.to_owned(),
            figure.baseline.map(short).unwrap_or_default(),
            figure.ratio.map(short).unwrap_or_default(),
            figure.floor.map(|floor| in_text(floor, short)).unwrap_or_default(),
        ]);
    }
    table
}

fn in_text(Floor { bound, met }: Floor, short: impl Fn(f64) -> String) -> String {
    let bound = match bound {
        FloorBound::AtLeast(least) => format!("≥ {}", short(least)),
        FloorBound::AtMost(most) => format!("≤ {}", short(most)),
    };
    format!("{bound}: {}", if met { "met" } else { "MISSED" })
}
