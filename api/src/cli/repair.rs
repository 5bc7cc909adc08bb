//! `medlock repair`: what is whole of a damaged event log, saved into a new folder.

use std::path::PathBuf;

use clap::Args;
use domain::journal::Position;
use evidence::salvage::SalvageReport;
use evidence::say;

use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::wiring::{RepairedLog, repair_log};

/// Most ranges and streams that are printed; `repair.json` has all.
const PRINTED_MAX: usize = 20;

/// Save every event that is whole out of a damaged event log, and name what is missing.
///
/// Reads events.db and its write-ahead log from their bytes, those behind the damage too, and changes nothing
/// there. What has no gap becomes a log in a new folder; what stands behind a gap, files beside it. Refuses
/// while the service runs. Exit code 0: nothing is missing; 1: something is.
#[derive(Args)]
pub(crate) struct RepairArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Folder to write to; must be empty or not there.
    #[arg(long, value_name = "NEWDIR")]
    into: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &RepairArgs) -> CliResult {
    start_logging(true);
    let config = args.data.settings()?;
    let there = std::fs::read_dir(&args.into).is_ok_and(|mut entries| entries.next().is_some());
    if there {
        let into = args.into.display();
        return Err(CliError::Usage(anyhow::anyhow!("{into} is not empty")));
    }
    let repaired = repair_log(&config, &args.into).await?;
    match args.output {
        Output::Json => print_json(&repaired)?,
        Output::Table => tell(args, &repaired),
    }
    match repaired.found.events - repaired.found.whole {
        0 => Ok(()),
        missing => Err(CliError::Finding(format!("{missing} events are lost or damaged"))),
    }
}

fn tell(args: &RepairArgs, repaired: &RepairedLog) {
    let SalvageReport { events, whole, prefix, unplaced, mended, missing, streams } =
        &repaired.found;
    say!("{whole} of {events} events are whole.");
    say!("  signed              {} of them were, as far as it is known", repaired.signed);
    say!("  proven in place     the first {} by the public files", repaired.public);
    if !mended.is_empty() {
        say!("  mended              {} by turning one bit back", mended.len());
    }
    if *unplaced > 0 {
        say!("  not proven in place {unplaced}: what came before them is missing");
    }
    for range in missing.iter().take(PRINTED_MAX) {
        say!("  missing             {}", positions(range.from, range.to));
    }
    for gap in streams.iter().take(PRINTED_MAX) {
        say!("  missing of          {}, versions {} to {}", gap.stream, gap.from, gap.to);
    }
    if missing.len().max(streams.len()) > PRINTED_MAX {
        say!("  …                   see repair.json");
    }
    if let Some(log) = &repaired.log {
        say!("  saved               {prefix} events without a gap in {}", log.display());
    }
    if let Some(behind) = &repaired.behind {
        say!("  saved               {} behind a gap in {}", whole - prefix, behind.display());
    }
    say!("{}", way_on(args, repaired));
}

fn positions(from: Position, to: Position) -> String {
    if from == to { format!("position {from}") } else { format!("positions {from} to {to}") }
}

/// What to do now, in words.
fn way_on(args: &RepairArgs, repaired: &RepairedLog) -> String {
    let data = args.data.data.as_deref().unwrap_or(std::path::Path::new("data")).display();
    let into = args.into.display();
    let SalvageReport { events, whole, prefix, .. } = repaired.found;
    let in_place = format!(
        "put {data}/events.db, {data}/events.db-wal and {data}/events.db-hint aside and copy\n\
         {into}/events.db and {into}/events.db-hint in their place"
    );
    let first = "Restore the newest backup instead, if there is one that holds more. Otherwise";
    match (whole == events, prefix) {
        (true, _) => format!(
            "Nothing is missing. {in_place};\n\
             start the service, and run `medlock verify`. Look at the disk before you trust it again."
        ),
        (false, 0) => format!(
            "The first event is lost: no log can be gone on from. Restore the newest backup, and keep {into}\n\
             beside it as evidence of what came after."
        ),
        (false, held) => format!(
            "{first} {in_place};\n\
             the {held} events without a gap can be gone on from under a new origin, with\n\
             `medlock log continue`: nobody can be told that a log with a hole is the same one. The service\n\
             does not start before. Keep {into}: what is saved there behind the gap is evidence, and those\n\
             whose events are missing have a right to know."
        ),
    }
}
