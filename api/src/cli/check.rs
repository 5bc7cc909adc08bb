//! `medlock check`: a receipt, a proof or a history bundle, checked by whoever holds it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use domain::journal::LINE_BYTES_MAX;
use domain::journal::note::{NOTE_BYTES_MAX, VerifierKey};
use domain::journal::witness_policy::WitnessPolicy;
use evidence::check::archive::unpack;
use evidence::check::folder::Check;
use evidence::check::{Verdict, text};
use evidence::ports::LogFiles;

use super::{CliError, CliResult, Output, print_json, progress, start_logging};
use crate::wiring::open_log_place;

/// A receipt is a line and a proof, and the proof's longest part is its checkpoint.
const TEXT_BYTES_MAX: u64 = (LINE_BYTES_MAX + NOTE_BYTES_MAX + 16 * 1_024) as u64;

/// Check what an organisation gave you: the receipt of an event, a .tlog-proof, or a history bundle.
///
/// Needs no installation. Whom to believe comes from a policy file or from keys that you did not get from
/// the organisation; a bundle is checked by its own keys if you have none, and the verdict says so. Exit
/// code 0: right; 1: not.
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
        Output::Table => tell(&verdict),
    }
    if verdict.right { Ok(()) } else { Err(CliError::Finding(verdict.verdict)) }
}

async fn judge(args: &CheckArgs) -> Result<Verdict, CliError> {
    let policy = policy(args).map_err(CliError::Usage)?;
    let log = args.log.as_deref().map(open_log_place).transpose().map_err(CliError::Usage)?;
    if args.what.is_dir() {
        return Ok(bundle(&args.what, policy, log.as_deref()).await);
    }
    match evidence_text(&args.what)? {
        Some(evidence) => {
            let no_keys = || {
                CliError::Usage(anyhow::anyhow!(
                    "a receipt carries no keys: say whom you believe, --witness-policy FILE or --key VKEY"
                ))
            };
            Ok(text(&evidence, &policy.ok_or_else(no_keys)?, log.as_deref()).await)
        }
        None => {
            let unusable = || format!("{} cannot be opened", args.what.display());
            let folder = unpack(&args.what).with_context(unusable)?;
            Ok(bundle(folder.path(), policy, log.as_deref()).await)
        }
    }
}

async fn bundle(
    folder: &Path,
    policy: Option<WitnessPolicy>,
    log: Option<&dyn LogFiles>,
) -> Verdict {
    let bar = progress(0, "looking through the log");
    let tick = |leaves| {
        bar.inc_length(leaves);
        bar.inc(leaves);
    };
    let verdict = Check { folder, policy, log, tick: &tick }.run().await;
    bar.finish_and_clear();
    verdict
}

fn policy(args: &CheckArgs) -> anyhow::Result<Option<WitnessPolicy>> {
    let keys = args.key.iter().cloned();
    let Some(path) = &args.witness_policy else {
        return Ok((!args.key.is_empty()).then(|| WitnessPolicy::of_logs(keys)));
    };
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    let policy = WitnessPolicy::parse(&text).with_context(|| format!("{}", path.display()))?;
    Ok(Some(if args.key.is_empty() { policy } else { policy.of_log(keys) }))
}

/// The text of a receipt or a proof; none if the file is neither.
fn evidence_text(path: &Path) -> anyhow::Result<Option<String>> {
    let unreadable = || format!("{} cannot be read", path.display());
    let file = File::open(path);
    let mut bytes = Vec::new();
    let read = file.and_then(|file| file.take(TEXT_BYTES_MAX).read_to_end(&mut bytes));
    read.with_context(unreadable)?;
    let text = bytes.starts_with(b"{") || bytes.starts_with(b"c2sp.org/tlog-proof");
    Ok(String::from_utf8(bytes).ok().filter(|_| text))
}

fn tell(verdict: &Verdict) {
    if verdict.right {
        println!("{}", verdict.verdict);
    }
    for what in &verdict.checked {
        println!("  checked: {what}");
    }
    for what in &verdict.not_checked {
        println!("  NOT checked: {what}");
    }
    for wrong in verdict.wrong.iter().skip(1) {
        println!("  also wrong: {wrong}");
    }
}
