//! The command line. Exit codes: 0 ok, 1 a finding, 2 usage, 3 the environment.

mod anchors;
mod args;
mod bars;
mod bench;
mod check;
mod demo;
mod ending;
mod explain;
mod export;
mod first_admin;
mod log;
mod names;
mod printing;
mod prove;
mod rebuild;
mod repair;
mod replay;
mod serve;
mod settings;
mod status;
mod stopping;
mod verify;
mod witness;
mod work_store;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub(crate) use self::args::{DataArgs, Output, ServeArgs, any_case};
use self::ending::exit_code;
pub(crate) use self::ending::{CliError, CliResult};
pub(crate) use self::printing::{print_json, progress, start_logging};
use crate::wiring;

/// A consent-driven medical record service: every action is a hash-linked event, and no page is shown
/// before the event that says so is durable.
#[derive(Parser)]
#[command(name = "medlock", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 ok, 1 a finding, 2 usage, 3 the environment.\n\
                        To look around: medlock demo")]
struct Cli {
    #[command(subcommand)]
    command: CliCommand,
}

#[derive(Subcommand)]
enum CliCommand {
    /// Run the service; makes its data folder and master key at the first start.
    #[command(after_help = SETTINGS)]
    Serve(ServeArgs),
    /// Print a new one-time link for the first admin, while the service does not run.
    #[command(after_help = SETTINGS)]
    FirstAdmin(DataArgs),
    /// Print every setting and where it came from.
    #[command(after_help = SETTINGS)]
    Config(settings::ConfigArgs),
    /// Measure this machine: prints figures beside what its disk could give in the same run.
    Bench(bench::BenchArgs),
    /// Serve a synthetic clinic with five weeks of history, to look around in.
    Demo(demo::DemoArgs),
    Status(status::StatusArgs),
    Verify(verify::VerifyArgs),
    Explain(explain::ExplainArgs),
    Replay(replay::ReplayArgs),
    Export(export::ExportArgs),
    Rebuild(rebuild::RebuildArgs),
    Repair(repair::RepairArgs),
    Anchors(anchors::AnchorsArgs),
    Witness(witness::WitnessArgs),
    Prove(prove::ProveArgs),
    Check(check::CheckArgs),
    Log(log::LogArgs),
    WorkStore(work_store::WorkStoreArgs),
}

const SETTINGS: &str = "Settings come from the file, then from the environment (MEDLOCK_IDENTITY__SESSION_HOURS=8),\n\
                        then from these options; the last one counts. MEDLOCK_LOG says what is logged.";

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = wiring::keep_memory_private() {
        return exit_code(Err(anyhow::Error::from(error).into()));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit_code(Err(anyhow::Error::from(error).into())),
    };
    exit_code(runtime.block_on(async move {
        match cli.command {
            CliCommand::Serve(args) => serve::run(&args).await,
            CliCommand::FirstAdmin(args) => first_admin::run(&args).await,
            CliCommand::Config(args) => settings::run(&args),
            CliCommand::Bench(args) => bench::run(&args).await,
            CliCommand::Demo(args) => demo::run(&args).await,
            CliCommand::Status(args) => status::run(&args).await,
            CliCommand::Verify(args) => verify::run(&args).await,
            CliCommand::Explain(args) => explain::run(&args).await,
            CliCommand::Replay(args) => replay::run(&args).await,
            CliCommand::Export(args) => export::run(&args).await,
            CliCommand::Anchors(args) => anchors::run(&args).await,
            CliCommand::Rebuild(args) => rebuild::run(&args).await,
            CliCommand::Repair(args) => repair::run(&args).await,
            CliCommand::Prove(args) => prove::run(&args).await,
            CliCommand::Check(args) => check::run(&args).await,
            CliCommand::Witness(args) => witness::run(&args).await,
            CliCommand::Log(args) => log::run(&args).await,
            CliCommand::WorkStore(args) => work_store::run(&args).await,
        }
    }))
}
