//! `medlock verify`: what is stored, checked from its bytes.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use commands::ports::blob_store::BlobStore;
use domain::access::review::Review;
use domain::access::review::further::FurtherRule;
use domain::journal::note::VerifierKey;
use evidence::audit::kept::{KeptCheckpoint, remember, remembered};
use evidence::audit::outside::Outside;
use evidence::audit::report::AuditReport;
use evidence::audit::served::{self, ServedLog};
use evidence::audit::trust::Brought;
use evidence::audit::{Means, exported};
use evidence::export::format::LINES_FILE;
use evidence::review;
use evidence::review::access::Access;
use evidence::{say, terminal};
use serde::Serialize;

use super::bars::Bars;
use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::config::Config;
use crate::wiring::{
    AskedAnchors, AskedChain, LogUrl, ReceiptCheckers, is_damage, open_known_blobs,
    open_known_vault, open_stored_log, open_stored_tree, report_files, stored_house_keys,
    stream_keys, witness_policy,
};

/// Most bytes of a rule's file.
const RULE_BYTES_MAX: u64 = 64 * 1_024;

/// Check everything from its bytes: a database, an export, or a log at a URL.
///
/// Form, hash, chain, place, leaf and tag of every event; bundles and tiles; the root, made again, against
/// every checkpoint that is kept; signatures, cosignatures, what anchors hold. Reads only; the service may
/// run. Says what it did not check. Exit code 0: whole; 1: not, or with --policy an access without a permit;
/// 2: asked wrongly; 3: it could not look.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Check what `medlock export` wrote there instead, or the log at an address (https://host/log/).
    #[arg(value_name = "EXPORT_DIR_OR_URL", conflicts_with_all = ["data", "blobs"])]
    export: Option<PathBuf>,
    /// Whom you believe: a c2sp.org/tlog-policy file from somewhere else than what is checked.
    #[arg(long, value_name = "FILE")]
    witness_policy: Option<PathBuf>,
    /// A verifier key of the log, from somewhere else than what is checked; may be given again.
    #[arg(long, value_name = "VKEY")]
    key: Vec<VerifierKey>,
    /// Keep the checkpoint there, and the next time see that the log only grew.
    #[arg(long, value_name = "FILE")]
    remember: Option<PathBuf>,
    /// Folder that checkpoints were copied to [default: the setting anchors.folder].
    #[arg(long, value_name = "DIR")]
    anchor_folder: Option<PathBuf>,
    /// Node to ask for what was anchored on a chain [default: the setting evm_rpc_url].
    #[arg(long, value_name = "URL")]
    evm_rpc: Option<String>,
    /// The chain it must be on [default: the setting evm_chain_id].
    #[arg(long, value_name = "NUMBER", requires = "evm_rpc")]
    evm_chain_id: Option<u64>,
    /// The contract's address [default: the setting anchors.evm.contract].
    #[arg(long, value_name = "ADDRESS", requires = "evm_rpc")]
    evm_contract: Option<String>,
    /// The account that must have anchored; without it anybody's does.
    #[arg(long, value_name = "ADDRESS", requires = "evm_rpc")]
    evm_account: Option<String>,
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

/// The audit of the bytes, and the review of the accesses beside it.
#[derive(Serialize)]
struct Both<'a> {
    #[serde(flatten)]
    report: &'a AuditReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<&'a Access>,
}

pub(super) async fn run(args: &VerifyArgs) -> CliResult {
    start_logging(true);
    let rule = args.with.as_deref().map(further_rule).transpose().map_err(CliError::Usage)?;
    let report = looked_at(args).await.map_err(damage)?;
    // A log at an address shows no events: it says that there were none to judge. Accesses that cannot be
    // read do not hide what was found before.
    let judged = judged(args, rule).await.map_err(damage);
    let access = judged.as_ref().ok().and_then(Option::as_ref);
    match args.output {
        Output::Json => print_json(&Both { report: &report, access })?,
        Output::Table => {
            terminal::print(&report);
            access.iter().for_each(terminal::print);
        }
    }
    if report.could_not_look() {
        return Err(CliError::Environment(anyhow::anyhow!(report.verdict)));
    }
    if !report.whole && args.export.is_none() && args.output == Output::Table {
        say!(
            "What is whole of damaged events is saved by `medlock repair`, into a new folder; what is older\n\
             than what was signed is gone on from by `medlock log continue`."
        );
    }
    if !report.whole {
        return Err(CliError::Finding(report.verdict));
    }
    judged?.map_or(Ok(()), |access| ending(&access))
}

/// A log that cannot be read on because it is damaged is what was looked for.
fn damage(error: CliError) -> CliError {
    match error {
        CliError::Environment(error) if is_damage(&error) => CliError::Finding(error.to_string()),
        error @ (CliError::Environment(_) | CliError::Finding(_) | CliError::Usage(_)) => error,
    }
}

/// How the command ends by a review.
fn ending(access: &Access) -> CliResult {
    let verdict = access.verdict.clone();
    match access.permitted {
        Some(true) => Ok(()),
        Some(false) => Err(CliError::Finding(verdict)),
        None => Err(CliError::Environment(anyhow::anyhow!(verdict))),
    }
}

async fn looked_at(args: &VerifyArgs) -> Result<AuditReport, CliError> {
    let brought = Brought::read(args.witness_policy.as_deref(), &args.key);
    let brought = brought.map_err(CliError::Usage)?;
    let remembered = args.remember.as_deref().map(remembered).transpose()?.flatten();
    let (report, note) = match args.subject()? {
        Asked::Database => {
            let config = args.data.settings()?;
            let blobs = args.blobs.then(|| open_known_blobs(&config.data)).transpose()?;
            database(&config, blobs, (brought, remembered), &args.anchors()).await?
        }
        Asked::Export(folder) => {
            let checked = export(folder, (brought, remembered), &args.anchors()).await;
            checked.with_context(|| format!("{} could not be read", folder.display()))?
        }
        Asked::Url(url) => {
            let (report, note) = served(url, brought, remembered).await?;
            (report, Some(note))
        }
    };
    // What is not whole is not remembered: the older checkpoint is the evidence.
    if let (Some(file), Some(note), true) = (&args.remember, note, report.whole) {
        remember(file, &note)?;
    }
    Ok(report)
}

/// The review that was asked for, if one was.
async fn judged(args: &VerifyArgs, rule: Option<FurtherRule>) -> Result<Option<Access>, CliError> {
    if !args.policy {
        return Ok(None);
    }
    let review = Review::with(rule);
    let bars = &Bars::default();
    let access = match &args.export {
        Some(folder) => review::export(folder, review, bars).await?,
        None => {
            let stored = open_stored_log(&args.data.settings()?.data).await?;
            review::log(&stored.opened(), review, bars).await?
        }
    };
    Ok(Some(access))
}

/// Reads a further rule; what it does not know is an error, for a rule that is half understood shows nothing.
fn further_rule(path: &Path) -> anyhow::Result<FurtherRule> {
    let named = || format!("the rule {}", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(named)?;
    file.take(RULE_BYTES_MAX + 1).read_to_string(&mut text).with_context(named)?;
    anyhow::ensure!(text.len() as u64 <= RULE_BYTES_MAX, "{} is too long", named());
    let rule: FurtherRule = toml::from_str(&text).with_context(named)?;
    match rule.flaw() {
        Some(flaw) => Err(anyhow::anyhow!("{}: {flaw}", named())),
        None => Ok(rule),
    }
}

/// What is to be checked.
enum Asked<'a> {
    Database,
    Export(&'a Path),
    Url(&'a str),
}

impl VerifyArgs {
    fn subject(&self) -> Result<Asked<'_>, CliError> {
        let Some(place) = &self.export else { return Ok(Asked::Database) };
        if let Some(url) = place.to_str().filter(|text| is_url(text)) {
            if self.policy {
                let why =
                    "a log at an address shows no events: --policy needs the database or an export";
                return Err(CliError::Usage(anyhow::anyhow!(why)));
            }
            return Ok(Asked::Url(url));
        }
        if place.join("events.db").is_file() {
            let place = place.display();
            return Err(CliError::Usage(anyhow::anyhow!(
                "{place} is a data folder: medlock verify --data {place}"
            )));
        }
        if !place.join(LINES_FILE).is_file() {
            return Err(anyhow::anyhow!("there is no export in {}", place.display()).into());
        }
        Ok(Asked::Export(place))
    }

    fn anchors(&self) -> AskedAnchors {
        AskedAnchors {
            folder: self.anchor_folder.clone(),
            chain: AskedChain {
                rpc_url: self.evm_rpc.clone(),
                chain_id: self.evm_chain_id,
                contract: self.evm_contract.clone(),
                account: self.evm_account.clone(),
            },
        }
    }
}

/// Whether it is an address of the web, not a folder.
fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// What a check answers: its report, and the checkpoint to remember.
type Checked = (AuditReport, Option<Vec<u8>>);

/// Checkpoints are read before the events: what is signed meanwhile is no riddle.
async fn database(
    config: &Config,
    blobs: Option<Arc<dyn BlobStore>>,
    (brought, remembered): (Brought, Option<KeptCheckpoint>),
    anchors: &AskedAnchors,
) -> anyhow::Result<Checked> {
    let tree = open_stored_tree(config).await?;
    let stored = open_stored_log(&config.data).await?;
    let vault = open_known_vault(config).await.map_err(|error| format!("{error:#}"));
    let own = match &vault {
        Ok(vault) => {
            let own = stored_house_keys(config, &stored, &**vault).await;
            own.map(|keys| keys.log).map_err(|error| format!("{error:#}"))
        }
        Err(why) => Err(why.clone()),
    };
    let own_policy = witness_policy(config.transparency.witness_policy.as_deref())?;
    let trust = brought.trust(own, Some(own_policy), config.transparency.quorum_only);
    let checker = Arc::new(ReceiptCheckers::new(anchors, Some(&config.anchors), &trust.policy)?);
    let note = tree.published.clone();
    let outside = Some(Outside { tree, trust, checker, remembered });
    let reports = blobs.as_ref().map(report_files);
    let means =
        Means { keys: vault.as_ref().map(stream_keys).map_err(Clone::clone), reports, outside };
    Ok((evidence::audit::log(&stored.opened(), means, &Bars::default()).await?, note))
}

async fn export(
    folder: &Path,
    (brought, remembered): (Brought, Option<KeptCheckpoint>),
    anchors: &AskedAnchors,
) -> anyhow::Result<Checked> {
    let trust = exported::trust(folder, brought)?;
    let checker = &ReceiptCheckers::new(anchors, None, &trust.policy)?;
    let progress = &Bars::default();
    exported::check(folder, exported::With { trust, checker, remembered, progress }).await
}

async fn served(
    url: &str,
    brought: Brought,
    remembered: Option<KeptCheckpoint>,
) -> anyhow::Result<(AuditReport, Vec<u8>)> {
    let log = LogUrl::new(url)?;
    let keys = if brought.has_keys() { None } else { log.keys().await? };
    let log = ServedLog { url, files: log.files, keys };
    served::check(log, brought, remembered, &Bars::default()).await
}

/// Checks a folder by itself, as the command does when nothing else is named: for measurements.
pub(crate) async fn folder(config: &Config) -> anyhow::Result<Checked> {
    database(config, None, (Brought::default(), None), &AskedAnchors::default()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_folder() {
        assert!(is_url("https://clinic.example/log/") && is_url("http://127.0.0.1:1/log"));
        assert!(!is_url("/tmp/http") && !is_url("out"));
    }
}
