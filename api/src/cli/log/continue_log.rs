//! `medlock log continue`: the log goes on from an older database, under another name.

use clap::Args;
use commands::audit::older_log::ContinueError;
use evidence::say;
use serde_json::json;

use crate::cli::{CliError, CliResult, DataArgs, Output, print_json};
use crate::wiring::{Continuation, ContinuationError, continue_log};

/// Go on from a database that is older than what was signed, under a new origin.
///
/// Only if the newest database is lost for good. What was signed and is not in this one is named as lost in
/// the new log's first event; nothing is ever signed under the older origin again. Refuses while the service
/// runs. If it was interrupted, give the same order again.
#[derive(Args)]
pub(crate) struct ContinueLogArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The new log's name: a schema-less URL without port that no log of this organisation ever had.
    #[arg(long, value_name = "NEW_ORIGIN")]
    origin: String,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &ContinueLogArgs) -> CliResult {
    let config = args.data.settings()?.under(&args.origin).map_err(CliError::Usage)?;
    let path = config.data.join("events.db");
    if !path.is_file() {
        return Err(anyhow::anyhow!("there is no event log {}", path.display()).into());
    }
    let done = continue_log(&config).await.map_err(refused)?;
    match args.output {
        Output::Json => print_json(&json!({
            "origin": config.origin,
            "again": done.again,
            "older_origin": done.continued.origin,
            "events": done.continued.size,
            "lost": done.continued.lost(),
            "aside": done.aside,
        }))?,
        Output::Table => print_continuation(&config.origin, &done),
    }
    Ok(())
}

fn print_continuation(origin: &str, done: &Continuation) {
    let continued = &done.continued;
    if done.again {
        say!("The log {origin} goes on from {} already.", continued.origin);
    } else {
        say!("The log {origin} goes on from {}.", continued.origin);
    }
    say!("  events taken along  {}", continued.size);
    match (continued.lost(), &continued.guard) {
        (0, _) => say!("  events lost         none that is known of"),
        (lost, _) => say!("  events lost         {lost} that were signed, and any after them"),
    }
    for path in &done.aside {
        say!("  put aside           {}", path.display());
    }
    say!(
        "Now set origin = \"{origin}\" in the settings, and start the service. It signs with new keys:\n\
         publish them, and give them to the log's witnesses. Machines must log in again. Keep what was\n\
         put aside: it is what can be shown of {}.",
        continued.origin
    );
}

/// What stands in the logs themselves is a finding; the rest is the world's fault.
fn refused(error: ContinuationError) -> CliError {
    match error {
        ContinuationError::Log(ContinueError::Execute(error)) => error.into(),
        ContinuationError::Log(
            no @ (ContinueError::NotWhole(_)
            | ContinueError::OtherHistory { .. }
            | ContinueError::NotItsOwn { .. }),
        ) => CliError::Finding(no.to_string()),
        ContinuationError::Log(error @ (ContinueError::Read(_) | ContinueError::Append(_))) => {
            CliError::Environment(error.into())
        }
        ContinuationError::World(error) => CliError::Environment(error),
    }
}
