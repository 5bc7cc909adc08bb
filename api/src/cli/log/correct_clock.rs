//! `medlock log correct-clock`: the way on after the clock ran ahead.

use clap::Args;
use evidence::say;
use serde_json::json;

use super::opening::open;
use crate::cli::{CliResult, DataArgs, Output, print_json};

/// Say that the clock is right now, although the log holds later times because it ran ahead.
///
/// Set the clock first: from here on, times up to the latest in the log are no evidence against it. Refuses
/// while the service runs, and where the clock is not behind the log.
#[derive(Args)]
pub(crate) struct CorrectClockArgs {
    #[command(flatten)]
    data: DataArgs,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &CorrectClockArgs) -> CliResult {
    let app = open(&args.data).await?;
    let corrected = app.own_log.correct_clock().await;
    app.close().await;
    match (corrected?, args.output) {
        (None, Output::Json) => print_json(&json!({ "corrected": false }))?,
        (None, Output::Table) => say!("This was said before; nothing is written again."),
        (Some(correction), Output::Json) => print_json(&json!({
            "corrected": true, "ahead": correction.ahead, "clock": correction.clock,
        }))?,
        (Some(correction), Output::Table) => say!(
            "The clock is taken to be right at {}; times in the log up to {} count no longer.\n\
             The service may start. What was written meanwhile keeps its times, and a record that has\n\
             such a time goes on from there: sessions and consents that end before are over for it.\n\
             Tell whoever checks the log: they will find this correction in it.",
            correction.clock,
            correction.ahead
        ),
    }
    Ok(())
}
