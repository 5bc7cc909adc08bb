//! `medlock-check`: an export, a history bundle, a receipt or a proof, checked by a program that can do
//! nothing else. It opens no socket and no database. Exit codes: 0 right, 1 a finding, 2 usage, 3 the
//! environment.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use async_trait::async_trait;
use clap::{Parser, ValueEnum};
use domain::journal::note::VerifierKey;
use evidence::audit::exported;
use evidence::audit::kept::{remember, remembered};
use evidence::audit::report::AuditReport;
use evidence::audit::trust::Brought;
use evidence::check::Verdict;
use evidence::check::given::{Against, CheckError, check, policy};
use evidence::export::format::LINES_FILE;
use evidence::log_files::LogFolder;
use evidence::ports::{AnchoredTree, LogFiles, Progress, ReceiptAnswer, ReceiptChecker};
use evidence::terminal::{self, OneLine};
use evidence::{complain, say};
use serde::Serialize;

/// Check what an organisation gave you: an export, a history bundle, the receipt of an event, a .tlog-proof.
///
/// Does what `medlock verify DIR` and `medlock check FILE` do, and says the same; asks no network, and says
/// what it did not check. Whom to believe comes from a policy file or from keys that you did not get from the
/// organisation; without them an export or a bundle is checked by its own, and the verdict says so.
#[derive(Parser)]
#[command(name = "medlock-check", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 right, 1 a finding, 2 usage, 3 the environment.")]
struct CheckerArgs {
    /// The file, or the folder of an export or a bundle.
    #[arg(value_name = "FILE_OR_DIR")]
    what: PathBuf,
    /// A folder that holds a copy of the log's public files. With them a history is searched for lines that
    /// were withheld; an export brings its own.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    /// Whom you believe: a c2sp.org/tlog-policy file.
    #[arg(long, value_name = "FILE")]
    witness_policy: Option<PathBuf>,
    /// The log's verifier key; may be given more than once. Instead of the policy's logs.
    #[arg(long, value_name = "VKEY")]
    key: Vec<VerifierKey>,
    /// Keep an export's checkpoint there, and the next time see that the log only grew.
    #[arg(long, value_name = "FILE")]
    remember: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: PrintedAs,
}

/// How to print.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PrintedAs {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Why it did not end well.
enum Ending {
    Finding(String),
    Usage(anyhow::Error),
    Environment(anyhow::Error),
}

impl From<anyhow::Error> for Ending {
    fn from(error: anyhow::Error) -> Self {
        Self::Environment(error)
    }
}

impl From<CheckError> for Ending {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::NoKeys | CheckError::WholeLog(_) => Self::Usage(error.into()),
            CheckError::Unreadable(error) => Self::Environment(error),
        }
    }
}

fn main() -> ExitCode {
    let args = CheckerArgs::parse();
    let ending = match tokio::runtime::Builder::new_multi_thread().build() {
        Ok(runtime) => runtime.block_on(run(&args)),
        Err(error) => Err(anyhow::Error::from(error).into()),
    };
    let (word, text, code) = match ending {
        Ok(()) if terminal::something_was_lost() => {
            ("error", "what was to be printed could not be written".to_owned(), 3)
        }
        Ok(()) => return ExitCode::SUCCESS,
        Err(Ending::Finding(text)) => ("found", text, 1),
        Err(Ending::Usage(error)) => ("error", format!("{error:#}"), 2),
        Err(Ending::Environment(error)) => ("error", format!("{error:#}"), 3),
    };
    complain!("{word}: {}", OneLine(text));
    ExitCode::from(code)
}

async fn run(args: &CheckerArgs) -> Result<(), Ending> {
    if is_export(&args.what) {
        let report = export(args).await?;
        print(args, &report)?;
        return match report {
            AuditReport { whole: true, .. } => Ok(()),
            report if report.could_not_look() => Err(anyhow::anyhow!(report.verdict).into()),
            report => Err(Ending::Finding(report.verdict)),
        };
    }
    let verdict = given(args).await?;
    print(args, &verdict)?;
    match verdict {
        Verdict { right: true, .. } => Ok(()),
        verdict if verdict.could_not_look() => Err(anyhow::anyhow!(verdict.verdict).into()),
        verdict => Err(Ending::Finding(verdict.verdict)),
    }
}

/// Whether a folder is an export: its lines are proved by the whole tree, those of a bundle one by one.
fn is_export(what: &Path) -> bool {
    what.join(LINES_FILE).is_file() && !what.join("proofs").is_dir()
}

async fn export(args: &CheckerArgs) -> Result<AuditReport, Ending> {
    if args.log.is_some() {
        let why = "an export brings the log's files: --log is for a bundle, a receipt or a proof";
        return Err(Ending::Usage(anyhow::anyhow!(why)));
    }
    let brought = Brought::read(args.witness_policy.as_deref(), &args.key);
    let remembered = args.remember.as_deref().map(remembered).transpose()?.flatten();
    let trust = exported::trust(&args.what, brought.map_err(Ending::Usage)?)?;
    let with = exported::With { trust, checker: &NobodyAsked, remembered, progress: &Unwatched };
    let (report, note) = exported::check(&args.what, with).await?;
    // What is not whole is not remembered: the older checkpoint is the evidence.
    if let (Some(file), Some(note), true) = (&args.remember, note, report.whole) {
        remember(file, &note)?;
    }
    Ok(report)
}

async fn given(args: &CheckerArgs) -> Result<Verdict, Ending> {
    if args.remember.is_some() {
        let why = "only an export's checkpoint is remembered: --remember";
        return Err(Ending::Usage(anyhow::anyhow!(why)));
    }
    let policy = policy(args.witness_policy.as_deref(), &args.key).map_err(Ending::Usage)?;
    let log = args.log.as_deref().map(log_folder).transpose()?;
    let log = log.as_ref().map(|log| log as &dyn LogFiles);
    Ok(check(&args.what, Against { policy, log, progress: &Unwatched }).await?)
}

fn log_folder(folder: &Path) -> Result<LogFolder, Ending> {
    if folder.join("tile").is_dir() {
        return Ok(LogFolder::new(folder));
    }
    let place = folder.display();
    Err(Ending::Usage(anyhow::anyhow!(
        "there are no files of a log in {place}: this program asks no network, copy them to a folder"
    )))
}

fn print<T: Serialize + std::fmt::Display>(args: &CheckerArgs, said: &T) -> anyhow::Result<()> {
    match args.output {
        PrintedAs::Json => say!("{}", terminal::json(said)?),
        PrintedAs::Table => terminal::print(said),
    }
    Ok(())
}

/// Asks nobody outside, and says so.
struct NobodyAsked;

#[async_trait]
impl ReceiptChecker for NobodyAsked {
    async fn check(&self, _: &str, _: &AnchoredTree, _: &serde_json::Value) -> ReceiptAnswer {
        let why = "this program asks nobody outside (medlock verify does)";
        ReceiptAnswer::NotAsked(why.to_owned())
    }
}

/// Shows no bar.
struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: u64, _: &'static str) {}

    fn advance(&self, _: u64) {}

    fn end(&self) {}
}
