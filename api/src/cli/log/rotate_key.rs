//! `medlock log rotate-key`: the log gets its next signing key.

use std::time::Duration;

use clap::Args;
use evidence::say;
use serde_json::json;

use super::opening::open;
use crate::cli::{CliResult, DataArgs, Output, print_json};

/// Give the log its next signing key; the one before it signs as well for a while.
///
/// Refuses while the service runs, and while the rotation before is not over. Prints the new key, to publish.
#[derive(Args)]
pub(crate) struct RotateKeyArgs {
    #[command(flatten)]
    data: DataArgs,
    /// For how many hours both keys sign; 0 if the key before it is no longer only yours.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    overlap_hours: u32,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &RotateKeyArgs) -> CliResult {
    let app = open(&args.data).await?;
    let overlap = Duration::from_secs(u64::from(args.overlap_hours) * 3_600);
    let rotated = app.own_log.rotate_key(overlap, None).await;
    let origin = app.own_log.origin().to_owned();
    app.close().await;
    let rotated = rotated?;
    let (generation, key, until) = (rotated.generation, rotated.key, rotated.until);
    match args.output {
        Output::Json => print_json(&json!({
            "origin": origin, "generation": generation, "key": key, "until": until,
        }))?,
        Output::Table => say!(
            "The log {origin} has its key {generation}:\n\n  {key}\n\n\
             Publish this line wherever you published the key before it, and give it to the log's\n\
             witnesses and to everyone who checks the log: from their own copy, not from this organisation,\n\
             they know the key. Both keys sign until {until}; then only the new one does."
        ),
    }
    Ok(())
}
