//! `medlock work-store`: the way on when passwords, codes and sessions are lost for good.

use clap::{Args, Subcommand};
use evidence::say;
use serde_json::json;

use super::{CliResult, DataArgs, Output, print_json, start_logging};
use crate::wiring::begin_work_store;

/// Go on without the work store, if it is lost.
#[derive(Args)]
pub(crate) struct WorkStoreArgs {
    #[command(subcommand)]
    what: WorkStoreCommand,
}

#[derive(Subcommand)]
enum WorkStoreCommand {
    Begin(BeginArgs),
}

/// Make an empty work store where it is missing or damaged and no backup of it is left.
///
/// Passwords, open sessions and codes under way are lost with it: nobody who has an account can log in with
/// what they had. Nothing of the log, the reports and their keys is touched. Refuses while the service runs,
/// and where the work store is whole; a damaged one is kept under another name.
#[derive(Args)]
pub(crate) struct BeginArgs {
    #[command(flatten)]
    data: DataArgs,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &WorkStoreArgs) -> CliResult {
    start_logging(true);
    let WorkStoreCommand::Begin(args) = &args.what;
    let begun = begin_work_store(&args.data.settings()?).await?;
    match args.output {
        Output::Json => print_json(&json!({ "path": begun.path, "aside": begun.aside }))?,
        Output::Table => {
            say!("Made an empty work store {}.", begun.path.display());
            if let Some(aside) = begun.aside {
                say!("What was left of the old one is kept as {}.", aside.display());
            }
            say!(
                "The passwords that were in it are lost; start the service to go on without them."
            );
        }
    }
    Ok(())
}
