//! The anchors of an organisation: which there are, and the job that uses them on a fixed clock.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use commands::ports::event_store::EventStore;
use commands::ports::receipts::AnchorReceipt;
use commands::react::{ParkedReaction, Pass};
use domain::journal::Position;
use domain::journal::witness_policy::WitnessPolicy;
use domain::time::Moment;
use infra::anchor::evm::{EvmAccount, EvmAnchor, EvmNode, Patience};
use infra::anchor::{FileAnchor, WitnessAnchor};
use infra::event_store::LogReader;
use serde_json::Value;
use transparency::anchoring::{AnchorAge, Anchoring, Taken, Untaken};
use transparency::log::TransparencyLog;
use transparency::ports::{Anchor, AnchorError};

use super::{App, envelope, line_at};
use crate::config::{AnchorSettings, EvmSettings};

/// How often it is looked whether an anchor is due: also how soon one that failed is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Gas that an anchoring may use. A first one takes half of it, a later one a quarter.
const GAS_MAX: u64 = 150_000;

/// The anchors that the settings name.
pub(super) fn anchoring(
    settings: &AnchorSettings,
    log: &Arc<TransparencyLog>,
    events: &Arc<dyn EventStore>,
    policy: &WitnessPolicy,
) -> anyhow::Result<Anchoring> {
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
    let reader = Arc::new(LogReader(Arc::clone(events)));
    Ok(Anchoring::new(Arc::clone(log), reader, anchors))
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

/// Says so, if what an anchor does not hold yet has been waiting for longer than `late`.
pub(crate) fn late(age: &AnchorAge, now: Moment, late: Duration) -> Option<String> {
    let waiting = now.since(age.waiting_since?);
    let minutes = waiting.as_secs() / 60;
    (waiting > late).then(|| format!("{} is {minutes} minutes behind", age.anchor))
}

/// Gas that deploying may use.
const DEPLOY_GAS_MAX: u64 = 400_000;

impl App {
    /// How often it is looked whether an anchor is due.
    pub(super) fn looks_at_anchors_every(&self) -> Duration {
        LOOK_EVERY.min(self.anchor_every)
    }

    /// Whether the settings name no anchor at all.
    pub(crate) fn anchored_nowhere(&self) -> bool {
        self.anchoring.names().is_empty()
    }

    /// Which anchors are too old, as a person would say it.
    pub(crate) async fn anchors_late(&self) -> Vec<String> {
        let ages = async {
            let log = self.own_log.state().await?;
            Ok::<_, anyhow::Error>(self.anchoring.ages(&log).await?)
        };
        let now = self.now();
        match ages.await {
            Ok(ages) => ages.iter().filter_map(|age| late(age, now, self.anchor_late)).collect(),
            Err(error) => vec![format!("their age could not be read: {error}")],
        }
    }

    /// Anchors the newest published checkpoint if the last one is old enough; answers its size.
    pub(super) async fn anchor_if_due(&self, name: &'static str) -> anyhow::Result<Option<u64>> {
        let log = self.own_log.state().await?;
        let now = self.now();
        let last = log.anchors.get(name).map(|anchored| anchored.time);
        // A record that is ahead of our clock was made by a clock that ran ahead: it says nothing.
        if last.is_some_and(|last| last <= now && now.since(last) < self.anchor_every) {
            return Ok(None);
        }
        self.anchor_now(name).await
    }

    /// Anchors the newest published checkpoint now, if it covers something that is not out of the
    /// organisation yet; answers its size. What the anchor gives is kept before anything else, and recorded
    /// before this answers; a process that is killed in between records it at the next start.
    pub async fn anchor_now(&self, name: &'static str) -> anyhow::Result<Option<u64>> {
        // An anchor may cost money: it is not asked again before its last answer is in the log.
        self.record_receipts().await?;
        let log = self.own_log.state().await?;
        let taken = match self.anchoring.take(name, &log).await {
            Ok(Some(taken)) => taken,
            Ok(None) => return Ok(None),
            Err(Untaken::Anchor(AnchorError::Later(why) | AnchorError::Refused(why))) => {
                anyhow::bail!(why)
            }
            Err(Untaken::Port(error)) => return Err(error.into()),
        };
        let Taken { anchor, request, receipt } = taken;
        let Value::Object(receipt) = receipt else { anyhow::bail!("the receipt is no object") };
        let size = request.size;
        let checkpoint = String::from_utf8(request.note)?;
        let newest = Position(size.saturating_sub(1));
        let newest = line_at(&*self.events, newest).await?;
        let cause = envelope(&newest)?.id;
        let receipt = AnchorReceipt { anchor: anchor.to_owned(), size, checkpoint, receipt };
        self.reactions.receipts.keep(cause, newest.position, &receipt).await?;
        self.record_receipts().await?;
        Ok(Some(size))
    }

    /// Records every receipt that is kept; an error if one could not be.
    async fn record_receipts(&self) -> anyhow::Result<()> {
        let reaction = &self.reactions.record_anchor;
        if let Pass::Hindered(why) = reaction.pass(&self.executor).await {
            anyhow::bail!("a receipt is kept and not recorded yet: {why}");
        }
        match reaction.parked().first() {
            Some(ParkedReaction { reason, .. }) => {
                anyhow::bail!("a receipt cannot be recorded: {reason}")
            }
            None => Ok(()),
        }
    }
}
