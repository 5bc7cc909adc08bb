//! `medlock verify`: what is stored, checked from its bytes.

mod access;
mod audit;
mod batch;
mod bundle_files;
mod exported;
mod files;
mod held;
mod lines_file;
mod outside;
mod report;
mod tags;
mod tree;
mod trust;
mod url;
mod whole_tree;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use commands::ports::blob_store::BlobStore;
use domain::journal::note::VerifierKey;

use self::access::Both;
pub(crate) use self::access::permits;
pub(crate) use self::audit::{Means, log};
use self::exported::With;
use self::held::KeptCheckpoint;
use self::outside::Outside;
use self::report::AuditReport;
use self::trust::Brought;
use super::export::LINES_FILE;
use super::{CliError, CliResult, DataArgs, Output, print_json, start_logging};
use crate::config::Config;
use crate::wiring::{
    AskedAnchors, ReceiptCheckers, open_known_blobs, open_known_vault, open_stored_log,
    open_stored_tree, remember, stored_house_keys, witness_policy,
};

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

pub(super) async fn run(args: &VerifyArgs) -> CliResult {
    start_logging(true);
    let report = looked_at(args).await?;
    // A log at an address shows no events: it says that there were none to judge.
    let access = access::asked(args).await?;
    match args.output {
        Output::Json => print_json(&Both { report: &report, access: access.as_ref() })?,
        Output::Table => {
            print!("{report}");
            access.iter().for_each(|access| print!("{access}"));
        }
    }
    if !report.whole {
        return Err(CliError::Finding(report.verdict));
    }
    access.map_or(Ok(()), |access| access.ending())
}

async fn looked_at(args: &VerifyArgs) -> Result<AuditReport, CliError> {
    let brought = Brought::read(args.witness_policy.as_deref(), &args.key)?;
    let remembered = args.remember.as_deref().map(remembered).transpose()?.flatten();
    let (report, note) = match args.subject()? {
        Asked::Database => {
            let config = args.data.settings()?;
            let blobs = args.blobs.then(|| open_known_blobs(&config.data)).transpose()?;
            let with = With { brought, anchors: args.anchors(), remembered };
            database(&config, blobs, with).await?
        }
        Asked::Export(folder) => {
            let with = With { brought, anchors: args.anchors(), remembered };
            let checked = exported::check(folder, with).await;
            checked.with_context(|| format!("{} could not be read", folder.display()))?
        }
        Asked::Url(url) => {
            let (report, note) = url::check(url, brought, remembered).await?;
            (report, Some(note))
        }
    };
    // What is not whole is not remembered: the older checkpoint is the evidence.
    if let (Some(file), Some(note), true) = (&args.remember, note, report.whole) {
        let kept = remember(file, &note).await;
        kept.with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(report)
}

/// What a file remembers of the log; none if there is none yet.
fn remembered(file: &Path) -> Result<Option<KeptCheckpoint>, CliError> {
    let name = format!("the remembered checkpoint {}", file.display());
    match std::fs::read(file) {
        Ok(note) => Ok(Some(KeptCheckpoint { name, note, published: false })),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow::Error::from(error).context(name).into()),
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
        if let Some(url) = place.to_str().filter(|text| url::is_url(text)) {
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
            evm_rpc_url: self.evm_rpc.clone(),
            evm_chain_id: self.evm_chain_id,
            evm_contract: self.evm_contract.clone(),
            evm_account: self.evm_account.clone(),
        }
    }
}

/// Checkpoints are read before the events: what is signed meanwhile is no riddle.
async fn database(
    config: &Config,
    blobs: Option<Arc<dyn BlobStore>>,
    With { brought, anchors, remembered }: With,
) -> anyhow::Result<(AuditReport, Option<Vec<u8>>)> {
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
    let checkers = ReceiptCheckers::new(&anchors, Some(&config.anchors), &trust.policy)?;
    let note = tree.published.clone();
    let outside = Outside { tree, trust, checkers, remembered };
    let means = Means { vault, blobs, outside: Some(outside) };
    Ok((log(&stored, means).await?, note))
}

/// Checks a folder by itself, as the command does when nothing else is named: for measurements.
pub(crate) async fn folder(config: &Config) -> anyhow::Result<(AuditReport, Option<Vec<u8>>)> {
    let brought = Brought::default();
    let anchors = AskedAnchors::default();
    database(config, None, With { brought, anchors, remembered: None }).await
}
