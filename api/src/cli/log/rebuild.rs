//! `medlock log rebuild`: tiles, bundles and the checkpoint, made anew from the stored leaves.

use clap::Args;
use evidence::say;
use serde_json::json;

use crate::cli::{CliResult, DataArgs, Output, print_json};
use crate::wiring::rebuild_public_files;

/// Make the public files of the log anew from the stored leaves, up to the last signed checkpoint.
///
/// Refuses while the service runs, and where the leaves do not give the root that was signed: then it is
/// not the files that are damaged.
#[derive(Args)]
pub(crate) struct RebuildLogArgs {
    #[command(flatten)]
    data: DataArgs,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &RebuildLogArgs) -> CliResult {
    let config = args.data.settings()?;
    let leaves = rebuild_public_files(&config).await?;
    match args.output {
        Output::Json => print_json(&json!({ "leaves": leaves }))?,
        Output::Table => say!("The public files hold {leaves} events again, as signed."),
    }
    Ok(())
}
