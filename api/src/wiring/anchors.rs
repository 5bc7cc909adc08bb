//! The anchors of an organisation: which there are, and how what they give comes into the log.

use std::sync::Arc;

use async_trait::async_trait;
use commands::execute::Executor;
use commands::ports::event_store::EventStore;
use commands::ports::receipts::{AnchorReceipt, Receipts};
use commands::react::{ParkedReaction, Pass, Reaction};
use domain::audit::state::LogState;
use domain::ids::StreamName;
use domain::journal::witness_policy::WitnessPolicy;
use domain::time::minutes;
use infra::anchor::{FileAnchor, WitnessAnchor};
use infra::event_store::LogReader;
use transparency::anchoring::{AnchorPace, Anchoring};
use transparency::log::TransparencyLog;
use transparency::ports::{Anchor, AnchorRecords, LogPortError, Taken};

use super::chain;
use super::reactions::Reactions;
use super::start::envelope;
use crate::config::AnchorSettings;

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
    anchors.extend(chain::anchor(&settings.evm)?);
    Ok(anchors)
}

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
