//! `medlock bench …`: what to measure and how to print it.

mod bed;
mod rows;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use comfy_table::Table;
use evidence::{complain, say};

use synthetic::bench::{Floor, FloorBound, Measured, TestBed, append, log, rebuild, verify, view};

use self::bed::Bed;
use super::{CliResult, Output, print_json};

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
        /// Patients of the clinic: each grants one consent a round.
        #[arg(long, default_value_t = 128)]
        patients: usize,
    },
}

pub(crate) async fn run(args: &BenchArgs) -> CliResult {
    if cfg!(debug_assertions) {
        complain!("this is a debug build: the figures say nothing; use cargo run --release");
    }
    let folder = match &args.data {
        Some(parent) => {
            std::fs::create_dir_all(parent).map_err(anyhow::Error::from)?;
            tempfile::tempdir_in(parent)
        }
        None => tempfile::tempdir(),
    };
    let folder = folder.map_err(anyhow::Error::from)?;
    let bed: Arc<dyn TestBed> = Arc::new(Bed::new()?);
    let figures = match &args.what {
        BenchKind::Append { callers, seconds } => {
            append::run(&bed, folder.path(), callers, *seconds).await?
        }
        BenchKind::Verify { events } => verify::run(&bed, folder.path(), *events).await?,
        BenchKind::Rebuild { events } => rebuild::run(&bed, folder.path(), *events).await?,
        BenchKind::Log { events, seconds } => {
            let sizes = log::LogBenchSizes { events: *events, seconds: *seconds };
            log::run(&bed, folder.path(), sizes).await?
        }
        BenchKind::View { upload_mib, events, patients } => {
            let sizes = view::ViewBenchSizes {
                upload_mib: *upload_mib,
                events: *events,
                patients: *patients,
            };
            view::run(&bed, folder.path(), sizes).await?
        }
    };
    match args.output {
        Output::Table => say!("{}", table(&figures)),
        Output::Json => print_json(&figures)?,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bed() -> Arc<dyn TestBed> {
        Arc::new(Bed::new().unwrap())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_figure_of_appends_has_what_it_is_held_against() {
        let dir = tempfile::tempdir().unwrap();
        let figures = append::run(&bed(), dir.path(), &[1, 4], 0.02).await.unwrap();
        let names: Vec<_> = figures.iter().map(|one| (one.name, one.callers)).collect();
        assert_eq!(names[..3], [("fdatasync", 1), ("plain_file", 1), ("append", 1)]);
        assert_eq!(names.len(), 9);
        assert!(figures.iter().all(|one| one.value > 0.0), "{figures:?}");
        let alone = figures.iter().find(|one| one.name == "append_per_single").unwrap();
        assert_eq!(alone.ratio, Some(1.0));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_log_that_is_made_is_whole_and_measured() {
        let dir = tempfile::tempdir().unwrap();
        let figures = verify::run(&bed(), dir.path(), 500).await.unwrap();
        assert_eq!(figures.len(), 3);
        assert!(figures.iter().all(|one| one.value > 0.0 && one.ratio.unwrap() > 0.0));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_are_made_and_measured() {
        let dir = tempfile::tempdir().unwrap();
        let figures = rebuild::run(&bed(), dir.path(), 500).await.unwrap();
        assert!(figures[0].value > 0.0 && figures[0].ratio.unwrap() > 0.0, "{figures:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_floor_is_held_against_a_figure() {
        let dir = tempfile::tempdir().unwrap();
        let sizes = log::LogBenchSizes { events: 600, seconds: 0.1 };
        let figures = log::run(&bed(), dir.path(), sizes).await.unwrap();
        assert!(figures.iter().all(|one| one.value > 0.0), "{figures:?}");
        let floors: Vec<_> = figures.iter().filter(|one| one.floor.is_some()).collect();
        assert_eq!(floors.len(), 7, "{floors:?}");
    }
}
