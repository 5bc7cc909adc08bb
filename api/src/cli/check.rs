//! `medlock check`: a receipt, a proof or a history bundle, checked by whoever holds it.

use std::path::PathBuf;

use clap::Args;
use domain::journal::note::VerifierKey;
use evidence::check::Verdict;
use evidence::check::given::{Against, CheckError, check, policy};
use evidence::terminal;

use super::bars::Bars;
use super::{CliError, CliResult, Output, print_json, start_logging};
use crate::wiring::open_log_place;

/// Check what an organisation gave you: the receipt of an event, a .tlog-proof, or a history bundle.
///
/// Needs no installation. Whom to believe comes from a policy file or from keys that you did not get from
/// the organisation; a bundle is checked by its own keys if you have none, and the verdict says so. Exit
/// code 0: right; 1: not; 3: it could not be read.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// The file, or the bundle's folder.
    #[arg(value_name = "FILE_OR_DIR")]
    what: PathBuf,
    /// The log's public files: https://medlock.example.org/log/, or a folder that holds a copy. With them a
    /// history is searched for lines that were withheld.
    #[arg(long, value_name = "URL_OR_DIR")]
    log: Option<String>,
    /// Whom you believe: a c2sp.org/tlog-policy file.
    #[arg(long, value_name = "FILE")]
    witness_policy: Option<PathBuf>,
    /// The log's verifier key; may be given more than once. Instead of the policy's logs.
    #[arg(long, value_name = "VKEY")]
    key: Vec<VerifierKey>,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

pub(super) async fn run(args: &CheckArgs) -> CliResult {
    start_logging(true);
    let verdict = judge(args).await?;
    match args.output {
        Output::Json => print_json(&verdict)?,
        Output::Table => terminal::print(&verdict),
    }
    match verdict {
        Verdict { right: true, .. } => Ok(()),
        verdict if verdict.could_not_look() => Err(anyhow::anyhow!(verdict.verdict).into()),
        verdict => Err(CliError::Finding(verdict.verdict)),
    }
}

async fn judge(args: &CheckArgs) -> Result<Verdict, CliError> {
    let policy = policy(args.witness_policy.as_deref(), &args.key).map_err(CliError::Usage)?;
    let log = args.log.as_deref().map(open_log_place).transpose().map_err(CliError::Usage)?;
    let progress = &Bars::default();
    Ok(check(&args.what, Against { policy, log: log.as_deref(), progress }).await?)
}

impl From<CheckError> for CliError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::NoKeys | CheckError::WholeLog(_) => Self::Usage(error.into()),
            CheckError::Unreadable(error) => Self::Environment(error),
        }
    }
}
