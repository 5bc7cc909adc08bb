//! `medlock verify`: what is stored, checked from its bytes.

mod access;
mod audit;
mod batch;
mod exported;
mod report;
mod tags;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use self::access::Both;
pub(crate) use self::access::permits;
pub(crate) use self::audit::{Means, log};
use self::report::Report;
use super::export::LINES_FILE;
use super::{DataArgs, Ending, Output, Trouble, print_json, start_logging};
use crate::wiring::{open_known_blobs, open_known_vault, open_stored_log};

/// Check every stored event from its bytes, of the database or of an export.
///
/// Form, hash, chain of its stream, filed place, leaf, and that the tail was not cut. Reads only; the service
/// may run. Says what it did not check. Exit code 0: whole; 1: not; 2: asked wrongly; 3: it could not look.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Check what `medlock export` wrote there instead.
    #[arg(value_name = "EXPORT_DIR", conflicts_with_all = ["data", "blobs"])]
    export: Option<PathBuf>,
    /// Read every report's encrypted file as well and hold it against the hash in its event.
    #[arg(long)]
    blobs: bool,
    /// Judge every access as well: whether it had a permit in force at its place in the log.
    #[arg(long)]
    policy: bool,
    /// Say which past viewings a further rule would have refused (docs/what-if.md).
    #[arg(long, value_name = "RULE_FILE", requires = "policy")]
    with: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &VerifyArgs) -> Ending {
    start_logging(true);
    let report = match &args.export {
        Some(folder) => export(folder).await?,
        None => database(args).await?,
    };
    let access = access::asked(args).await?;
    match args.output {
        Output::Json => print_json(&Both { report: &report, access: access.as_ref() })?,
        Output::Table => {
            print!("{report}");
            access.iter().for_each(|access| print!("{access}"));
        }
    }
    if !report.whole {
        return Err(Trouble::Finding(report.verdict));
    }
    access.map_or(Ok(()), |access| access.ending())
}

async fn database(args: &VerifyArgs) -> Result<Report, Trouble> {
    let config = args.data.settings()?;
    let stored = open_stored_log(&config.data).await?;
    let means = Means {
        vault: open_known_vault(&config).await.map_err(|error| format!("{error:#}")),
        blobs: args.blobs.then(|| open_known_blobs(&config.data)).transpose()?,
    };
    Ok(log(&stored, means).await?)
}

async fn export(folder: &Path) -> Result<Report, Trouble> {
    if folder.join("events.db").is_file() {
        let folder = folder.display();
        return Err(Trouble::Usage(anyhow::anyhow!(
            "{folder} is a data folder: medlock verify --data {folder}"
        )));
    }
    let lines = folder.join(LINES_FILE);
    if !lines.is_file() {
        return Err(anyhow::anyhow!("there is no export in {}", folder.display()).into());
    }
    let checked = exported::check(folder).await;
    Ok(checked.with_context(|| format!("{} could not be read", folder.display()))?)
}
