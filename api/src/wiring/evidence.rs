//! What an auditor holds a log against: its public files, the checkpoints kept of it, its keys, its anchors.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use commands::ports::key_vault::KeyVault;
use domain::audit::state::LogState;
use domain::ids::StreamName;
use domain::journal::StreamKey;
use domain::journal::witness_policy::WitnessPolicy;
use evidence::audit::kept::StoredTree;
use evidence::log_files::LogFolder;
use evidence::ports::{AnchoredTree, LogFiles, ReceiptAnswer, ReceiptChecker};
use evidence::published::{EvidenceError, OrganisationKeys};
use infra::anchor::{FileAnchor, WitnessAnchor};
use infra::checkpoint_store::{GuardFile, SqliteCheckpointStore};
use infra::clock::SystemClock;
use infra::tile_store::HttpTileStore;
use serde_json::Value;
use transparency::ports::{
    Anchor as _, AnchorError, AnchorRequest, CheckpointStore as _, Guard as _, TileStore,
};

use super::app::App;
use super::chain::{self, AskedChain, ChainChecker};
use super::evidence_ports::{log_files, stream_keys};
use super::log::{organisation_policy, public_files, signer};
use super::start::Start;
use super::stored::{StoredLog, log_as_stored};
use crate::config::{AnchorSettings, Config};

/// Opens the public files and reads every checkpoint that is kept; makes nothing.
///
/// They are read in the order opposite to that of writing, so that each covers the one before it also while
/// the service runs.
pub(crate) async fn open_stored_tree(config: &Config) -> anyhow::Result<StoredTree> {
    let tiles: Arc<dyn TileStore> = public_files(&config.data);
    let files = log_files(&tiles);
    let published = files.checkpoint().await?;
    let place = config.guard();
    let guard = GuardFile::new(&place).read().await?;
    let store = config.data.join("log.db");
    let signed = if store.is_file() {
        SqliteCheckpointStore::open_read_only(&store).await?.last().await?
    } else {
        None
    };
    Ok(StoredTree { files, published, guard: (place, guard), signed })
}

/// A log at a URL.
pub(crate) struct LogUrl {
    /// Its files.
    pub(crate) files: Arc<dyn LogFiles>,
    store: Arc<HttpTileStore>,
}

impl LogUrl {
    /// The log below a prefix; asks nothing yet.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let store = Arc::new(HttpTileStore::new(url)?);
        let tiles: Arc<dyn TileStore> = store.clone();
        Ok(Self { files: log_files(&tiles), store })
    }

    /// The keys it says are its own.
    pub(crate) async fn keys(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.store.keys().await?)
    }
}

/// Whom the organisation in `config` says to believe: its log's keys, as the log itself tells them, and its
/// policy.
pub(crate) async fn stored_house_keys(
    config: &Config,
    stored: &StoredLog,
    vault: &dyn KeyVault,
) -> anyhow::Result<OrganisationKeys> {
    let origin = Start::of(&*stored.events).await?.origin.context("the log is empty")?;
    house_keys(config, &origin, vault, &log_as_stored(stored).await?)
}

/// The same, where what the log says about itself is known.
pub(crate) fn house_keys(
    config: &Config,
    origin: &str,
    vault: &dyn KeyVault,
    log: &LogState,
) -> anyhow::Result<OrganisationKeys> {
    let log = signer(origin, vault, Arc::new(SystemClock), log)?.keys_ever();
    Ok(OrganisationKeys { log, ..organisation_policy(&config.transparency)? })
}

/// Where whoever checks looks for what was anchored; what is not said is taken from the settings.
#[derive(Default)]
pub(crate) struct AskedAnchors {
    /// Folder of copied checkpoints.
    pub(crate) folder: Option<PathBuf>,
    /// The chain.
    pub(crate) chain: AskedChain,
}

/// Asks the outside whether receipts hold: those of the anchors that can be asked.
#[derive(Default)]
pub(crate) struct ReceiptCheckers {
    file: Option<FileAnchor>,
    witness: Option<WitnessAnchor>,
    evm: Option<ChainChecker>,
}

impl ReceiptCheckers {
    /// Checkers for what was asked for, and else for what the settings name.
    pub(crate) fn new(
        asked: &AskedAnchors,
        settings: Option<&AnchorSettings>,
        policy: &WitnessPolicy,
    ) -> anyhow::Result<Self> {
        let folder = asked.folder.clone().or(settings.and_then(|settings| settings.folder.clone()));
        let witness = (!policy.witnesses.is_empty()).then(|| WitnessAnchor::new(policy.clone()));
        Ok(Self {
            file: folder.map(|folder| FileAnchor::new(&folder)),
            witness,
            evm: chain::checker(&asked.chain, settings.map(|settings| &settings.evm))?,
        })
    }

    /// Whether a receipt holds; none if there is nobody to ask.
    async fn asked(
        &self,
        anchor: &str,
        request: &AnchorRequest,
        receipt: &Value,
    ) -> Option<Result<(), AnchorError>> {
        match anchor {
            "file" => Some(self.file.as_ref()?.check(request, receipt).await),
            "witness" => Some(self.witness.as_ref()?.check(request, receipt).await),
            "evm" => Some(self.evm.as_ref()?.check(request, receipt).await),
            _ => None,
        }
    }
}

#[async_trait]
impl ReceiptChecker for ReceiptCheckers {
    async fn check(&self, anchor: &str, tree: &AnchoredTree, receipt: &Value) -> ReceiptAnswer {
        let AnchoredTree { origin, size, root, note } = tree.clone();
        let request = AnchorRequest { origin, size, root, note };
        match self.asked(anchor, &request, receipt).await {
            Some(Ok(())) => ReceiptAnswer::Holds,
            Some(Err(AnchorError::Refused(why))) => ReceiptAnswer::Refused(why),
            Some(Err(AnchorError::Later(why))) => ReceiptAnswer::NotAsked(why),
            None => ReceiptAnswer::NotAsked(ask(anchor).to_owned()),
        }
    }
}

fn ask(anchor: &str) -> &'static str {
    match anchor {
        "file" => "name the folder (--anchor-folder)",
        "witness" => "name the witnesses (--witness-policy)",
        "evm" => {
            "name a node, the chain and the contract (--evm-rpc, --evm-chain-id, --evm-contract)"
        }
        _ => "this anchor is not known here",
    }
}

/// The public files of somebody's log: at a URL, or in a folder.
pub(crate) fn open_log_place(place: &str) -> anyhow::Result<Arc<dyn LogFiles>> {
    if place.contains("://") {
        return Ok(LogUrl::new(place)?.files);
    }
    let folder = Path::new(place);
    anyhow::ensure!(folder.join("tile").is_dir(), "there are no files of a log in {place}");
    Ok(Arc::new(LogFolder::new(folder)))
}

impl App {
    /// The key of a stream's tags, if it has one that opens.
    pub(crate) async fn stream_key(
        &self,
        stream: &StreamName,
    ) -> Result<Option<StreamKey>, EvidenceError> {
        evidence::published::stream_key(&*stream_keys(&self.vault), stream).await
    }
}
