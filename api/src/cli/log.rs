//! `medlock log …`: the log's own affairs, while the service stands still.

mod continue_log;
mod correct_clock;
mod opening;
mod rebuild;
mod rotate_key;

use clap::{Args, Subcommand};

use super::CliResult;

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
