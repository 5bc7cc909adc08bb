//! `medlock log …`: the log's own affairs, while the service stands still.

mod continue_log;
mod correct_clock;
mod rebuild;
mod rotate_key;

use std::sync::Arc;

use clap::{Args, Subcommand};
use commands::execute::ExecuteError;

use super::{CliError, CliResult, DataArgs};
use crate::wiring::{App, World};

/// Rotate the log's key, say that its clock is right again, go on from an older database, make the public
/// files anew.
#[derive(Args)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    what: LogCommand,
}

#[derive(Subcommand)]
enum LogCommand {
    RotateKey(rotate_key::RotateKeyArgs),
    CorrectClock(correct_clock::CorrectClockArgs),
    Continue(continue_log::ContinueLogArgs),
    Rebuild(rebuild::RebuildLogArgs),
}

pub(super) async fn run(args: &LogArgs) -> CliResult {
    super::start_logging(true);
    match &args.what {
        LogCommand::RotateKey(args) => rotate_key::run(args).await,
        LogCommand::CorrectClock(args) => correct_clock::run(args).await,
        LogCommand::Continue(args) => continue_log::run(args).await,
        LogCommand::Rebuild(args) => rebuild::run(args).await,
    }
}

/// Opens an installation that is there; refuses while the service runs, which holds the log's lock.
async fn open(args: &DataArgs) -> Result<Arc<App>, CliError> {
    let config = args.settings()?;
    let path = config.data.join("events.db");
    if !path.is_file() {
        return Err(anyhow::anyhow!("there is no event log {}", path.display()).into());
    }
    Ok(App::open(&config, World::real()?).await?)
}

/// A business "no" is what was found; the rest is the world's fault.
fn cli_error(error: ExecuteError) -> CliError {
    match error {
        ExecuteError::Rejected(no) => CliError::Finding(format!("{} {}", no.detail, no.next)),
        ExecuteError::RequestReused
        | ExecuteError::Contended
        | ExecuteError::ClockBehind(_)
        | ExecuteError::ClockOffWitness(_)
        | ExecuteError::DiskFull
        | ExecuteError::Line(_)
        | ExecuteError::Fold(_)
        | ExecuteError::Vault(_)
        | ExecuteError::Store(_)
        | ExecuteError::NoAnswer
        | ExecuteError::Defect(_) => CliError::Environment(error.into()),
    }
}
