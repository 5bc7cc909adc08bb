//! The command line. Exit codes: 0 ok, 1 a finding, 2 usage, 3 the environment.

mod anchors;
mod bars;
pub mod bench;
mod check;
pub mod demo;
mod explain;
mod export;
mod first_admin;
mod log;
mod prove;
mod rebuild;
mod replay;
mod serve;
mod settings;
mod status;
mod verify;
mod witness;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Config, Flags};

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
    Config(ServeArgs),
    /// Measure this machine: prints figures beside what its disk could give in the same run.
    Bench(bench::command::BenchArgs),
    /// Serve a synthetic clinic with five weeks of history, to look around in.
    Demo(demo::DemoArgs),
    Status(status::StatusArgs),
    Verify(verify::VerifyArgs),
    Explain(explain::ExplainArgs),
    Replay(replay::ReplayArgs),
    Export(export::ExportArgs),
    Rebuild(rebuild::RebuildArgs),
    Anchors(anchors::AnchorsArgs),
    Witness(witness::WitnessArgs),
    Prove(prove::ProveArgs),
    Check(check::CheckArgs),
    Log(log::LogArgs),
}

const SETTINGS: &str = "Settings come from the file, then from the environment (MEDLOCK_IDENTITY__SESSION_HOURS=8),\n\
                        then from these options; the last one counts. MEDLOCK_LOG says what is logged.";

/// Where things are.
#[derive(Args, Clone, Default)]
pub(crate) struct DataArgs {
    /// Folder of everything that is kept [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Settings file [default: medlock.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Where things are, and where to listen.
#[derive(Args, Clone, Default)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Where to listen [default: 127.0.0.1:8480].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

/// How to print.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl DataArgs {
    pub(crate) fn settings(&self) -> Result<Config, CliError> {
        self.settings_at(None)
    }

    fn settings_at(&self, listen: Option<SocketAddr>) -> Result<Config, CliError> {
        let flags = Flags { data: self.data.clone(), listen };
        Config::load(self.config.as_deref(), &flags).map_err(CliError::Usage)
    }
}

impl ServeArgs {
    pub(crate) fn settings(&self) -> Result<Config, CliError> {
        self.data.settings_at(self.listen)
    }
}

/// Why a command did not end well.
pub(crate) enum CliError {
    /// It looked, and what it found is not right.
    Finding(String),
    /// It was asked for something that makes no sense.
    Usage(anyhow::Error),
    /// The world is not as it must be.
    Environment(anyhow::Error),
}

impl From<anyhow::Error> for CliError {
    fn from(error: anyhow::Error) -> Self {
        Self::Environment(error)
    }
}

/// How a command ends.
pub(crate) type CliResult = Result<(), CliError>;

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit_code(Err(anyhow::Error::from(error).into())),
    };
    exit_code(runtime.block_on(async move {
        match cli.command {
            CliCommand::Serve(args) => serve::run(&args).await,
            CliCommand::FirstAdmin(args) => first_admin::run(&args).await,
            CliCommand::Config(args) => settings::run(&args),
            CliCommand::Bench(args) => bench::command::run(&args).await,
            CliCommand::Demo(args) => demo::run(&args).await,
            CliCommand::Status(args) => status::run(&args).await,
            CliCommand::Verify(args) => verify::run(&args).await,
            CliCommand::Explain(args) => explain::run(&args).await,
            CliCommand::Replay(args) => replay::run(&args).await,
            CliCommand::Export(args) => export::run(&args).await,
            CliCommand::Anchors(args) => anchors::run(&args).await,
            CliCommand::Rebuild(args) => rebuild::run(&args).await,
            CliCommand::Prove(args) => prove::run(&args).await,
            CliCommand::Check(args) => check::run(&args).await,
            CliCommand::Witness(args) => witness::run(&args).await,
            CliCommand::Log(args) => log::run(&args).await,
        }
    }))
}

fn exit_code(ending: CliResult) -> ExitCode {
    let (word, text, code) = match ending {
        Ok(()) => return ExitCode::SUCCESS,
        Err(CliError::Finding(text)) => ("found", text, 1),
        Err(CliError::Usage(error)) => ("error", in_one_line(&error), 2),
        Err(CliError::Environment(error)) => ("error", in_one_line(&error), 3),
    };
    eprintln!("{word}: {text}");
    ExitCode::from(code)
}

/// A bar on stderr that shows itself only to a person.
pub(crate) fn progress(length: u64, what: &'static str) -> indicatif::ProgressBar {
    let form = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
    let bar = indicatif::ProgressBar::new(length).with_message(what);
    match indicatif::ProgressStyle::with_template(form) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// The error and its causes, but for those that were told already: many errors repeat their cause.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.ends_with(&cause) {
            continue;
        }
        let between = if text.is_empty() { "" } else { ": " };
        text = format!("{text}{between}{}", cause.replace('\n', ""));
    }
    text
}

/// Log lines go to stderr; `MEDLOCK_LOG` says which.
pub(crate) fn start_logging(quiet: bool) {
    use tracing_subscriber::EnvFilter;
    // The server's own lines about its threads tell nobody anything.
    let default = if quiet { "warn" } else { "info,actix_server=warn" };
    let filter = EnvFilter::builder().with_env_var("MEDLOCK_LOG").try_from_env();
    let filter = filter.unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Colours are for people: in a file they are noise.
    let builder = builder.with_ansi(std::io::stderr().is_terminal()).with_target(false);
    // Somebody else's subscriber stays: tests install one.
    let _ = builder.try_init();
}
