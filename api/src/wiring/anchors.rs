//! The anchors of an organisation: which there are, and how what they give comes into the log.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use commands::execute::Executor;
use commands::ports::event_store::EventStore;
use commands::ports::receipts::{AnchorReceipt, Receipts};
use commands::react::{ParkedReaction, Pass, Reaction};
use domain::audit::state::LogState;
use domain::ids::StreamName;
use domain::journal::witness_policy::WitnessPolicy;
use domain::time::minutes;
use infra::anchor::evm::{EvmAccount, EvmAnchor, EvmNode, Patience};
use infra::anchor::{FileAnchor, WitnessAnchor};
use infra::event_store::LogReader;
use transparency::anchoring::{AnchorPace, Anchoring};
use transparency::log::TransparencyLog;
use transparency::ports::{Anchor, AnchorRecords, LogPortError, Taken};

use super::envelope;
use super::reactions::Reactions;
use crate::config::{AnchorSettings, EvmSettings};

/// Gas that an anchoring may use. A first one takes half of it, a later one a quarter.
const GAS_MAX: u64 = 150_000;

/// The anchors of `log`, by the clock of the settings.
pub(super) fn anchoring(
    settings: &AnchorSettings,
    log: &Arc<TransparencyLog>,
    events: &Arc<dyn EventStore>,
    policy: &WitnessPolicy,
    records: impl AnchorRecords + 'static,
) -> anyhow::Result<Anchoring> {
    let source = Arc::new(LogReader(Arc::clone(events)));
    let pace = AnchorPace {
        every: minutes(settings.every_minutes),
        late_after: minutes(settings.late_minutes),
    };
    let anchors = named_anchors(settings, policy)?;
    Ok(Anchoring::new(Arc::clone(log), source, anchors, Arc::new(records), pace))
}

/// The anchors that the settings name.
fn named_anchors(
    settings: &AnchorSettings,
    policy: &WitnessPolicy,
) -> anyhow::Result<Vec<Arc<dyn Anchor>>> {
    let mut anchors: Vec<Arc<dyn Anchor>> = Vec::new();
    if let Some(folder) = &settings.folder {
        anchors.push(Arc::new(FileAnchor::new(folder)));
    }
    if !policy.witnesses.is_empty() {
        anchors.push(Arc::new(WitnessAnchor::new(policy.clone())));
    }
    let evm = &settings.evm;
    if let (Some(contract), Some(account)) = (&evm.contract, evm_account(evm)) {
        let evm = EvmAnchor::new(&evm_node(evm)?, &account, contract);
        let evm = evm.context("the settings anchors.evm do not fit")?;
        tracing::info!(account = evm.account(), contract, "checkpoints are anchored on a chain");
        anchors.push(Arc::new(evm));
    }
    Ok(anchors)
}

/// The node the settings name.
fn evm_node(settings: &EvmSettings) -> anyhow::Result<EvmNode> {
    let rpc_url = settings.rpc_url.clone().context("anchors.evm.rpc_url is not set")?;
    let chain_id = settings.chain_id.context("anchors.evm.chain_id is not set")?;
    Ok(EvmNode { rpc_url, chain_id, confirmations: 1, patience: Patience::default() })
}

fn evm_account(settings: &EvmSettings) -> Option<EvmAccount> {
    let private_key = settings.key.clone()?;
    Some(EvmAccount { private_key, max_fee_gwei: settings.gwei_max, gas_limit: GAS_MAX })
}

/// Deploys the anchor contract with the account of the settings; answers its address.
pub(crate) async fn deploy_contract(settings: &EvmSettings) -> anyhow::Result<String> {
    let account = evm_account(settings).context("anchors.evm.key is not set")?;
    let account = EvmAccount { gas_limit: DEPLOY_GAS_MAX, ..account };
    Ok(infra::anchor::evm::deploy(&evm_node(settings)?, &account).await?)
}

/// Gas that deploying may use.
const DEPLOY_GAS_MAX: u64 = 400_000;

/// Records what anchors give in the log's own stream.
pub(super) fn records(
    executor: &Arc<Executor>,
    log_stream: StreamName,
    reactions: &Reactions,
) -> impl AnchorRecords + use<> {
    RecordedByReaction {
        executor: Arc::clone(executor),
        log_stream,
        receipts: Arc::clone(&reactions.receipts),
        reaction: Arc::clone(&reactions.record_anchor),
    }
}

/// What the anchors gave becomes facts by a reaction of the write side.
struct RecordedByReaction {
    executor: Arc<Executor>,
    log_stream: StreamName,
    receipts: Arc<dyn Receipts>,
    reaction: Arc<dyn Reaction>,
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LogPortError {
    LogPortError { what: "records of anchors", source: source.into() }
}

#[async_trait]
impl AnchorRecords for RecordedByReaction {
    async fn anchored(&self) -> Result<Arc<LogState>, LogPortError> {
        self.executor.state(&self.log_stream).await.map_err(failed)
    }

    async fn keep(&self, taken: &Taken) -> Result<(), LogPortError> {
        let Taken { anchor, size, checkpoint, receipt, newest } = taken.clone();
        let cause = envelope(&newest).map_err(failed)?.id;
        let receipt = AnchorReceipt { anchor: anchor.to_owned(), size, checkpoint, receipt };
        self.receipts.keep(cause, newest.position, &receipt).await.map_err(failed)
    }

    async fn record(&self) -> Result<(), LogPortError> {
        if let Pass::Hindered(why) = self.reaction.pass(&self.executor).await {
            return Err(failed(format!("a receipt is kept and not recorded yet: {why}")));
        }
        match self.reaction.parked().first() {
            Some(ParkedReaction { reason, .. }) => {
                Err(failed(format!("a receipt cannot be recorded: {reason}")))
            }
            None => Ok(()),
        }
    }
}
