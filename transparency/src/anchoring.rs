//! Anchoring: the newest published checkpoint leaves the organisation on a fixed clock, never per event.

use std::sync::Arc;

use domain::audit::event::LogAnchored;
use domain::audit::state::LogState;
use domain::journal::{Line, Position};
use domain::time::Moment;
use serde_json::Value;

use crate::log::{StampedCheckpoint, TransparencyLog};
use crate::ports::{Anchor, AnchorError, AnchorRequest, LogPortError, LogSource};

/// Lines looked at in one go for one that is worth anchoring.
const LINES: usize = 256;

/// The anchors of an organisation.
pub struct Anchoring {
    log: Arc<TransparencyLog>,
    reader: Arc<dyn LogSource>,
    anchors: Vec<Arc<dyn Anchor>>,
}

/// A checkpoint that an anchor has taken, to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Which anchor.
    pub anchor: &'static str,
    /// What it took.
    pub request: AnchorRequest,
    /// What it gave for it: an object.
    pub receipt: Value,
}

/// Why an anchor took nothing.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// The anchor said so.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The log could not be read.
    #[error(transparent)]
    Port(#[from] LogPortError),
}

/// How one anchor does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorAge {
    /// Which.
    pub anchor: &'static str,
    /// How many events its newest checkpoint covers, and when that was recorded.
    pub newest: Option<(u64, Moment)>,
    /// When the oldest event it does not cover yet was written, if there is one worth anchoring.
    pub waiting_since: Option<Moment>,
}

impl Anchoring {
    /// Anchors what `log` publishes with each of `anchors`.
    pub fn new(
        log: Arc<TransparencyLog>,
        reader: Arc<dyn LogSource>,
        anchors: Vec<Arc<dyn Anchor>>,
    ) -> Self {
        Self { log, reader, anchors }
    }

    /// The names of the anchors.
    pub fn names(&self) -> Vec<&'static str> {
        self.anchors.iter().map(|anchor| anchor.name()).collect()
    }

    /// Asks one anchor to take the newest published checkpoint, if it covers something that `anchored` says
    /// is not out of the organisation yet.
    pub async fn take(&self, name: &str, anchored: &LogState) -> Result<Option<Taken>, Untaken> {
        let Some(anchor) = self.anchors.iter().find(|anchor| anchor.name() == name) else {
            return Ok(None);
        };
        let Some(StampedCheckpoint { checkpoint, note, .. }) = self.log.standing().published else {
            return Ok(None);
        };
        let covered = anchored.anchors.get(name).map_or(0, |known| known.size);
        if self.first_worth(covered, checkpoint.size).await?.is_none() {
            return Ok(None);
        }
        let (origin, size, root) = (checkpoint.origin, checkpoint.size, checkpoint.root);
        let request = AnchorRequest { origin, size, root, note };
        let receipt = anchor.anchor(&request).await?;
        Ok(Some(Taken { anchor: anchor.name(), request, receipt }))
    }

    /// How every anchor does.
    pub async fn ages(&self, anchored: &LogState) -> Result<Vec<AnchorAge>, LogPortError> {
        let length = self.reader.newest().borrow().map_or(0, |newest| newest.0 + 1);
        let mut ages = Vec::new();
        for anchor in &self.anchors {
            let anchor = anchor.name();
            let known = anchored.anchors.get(anchor);
            let covered = known.map_or(0, |known| known.size);
            let waiting = self.first_worth(covered, length).await?;
            let waiting_since = waiting.and_then(|line| Some(line.recorded().ok()?.time));
            let newest = known.map(|known| (known.size, known.time));
            ages.push(AnchorAge { anchor, newest, waiting_since });
        }
        Ok(ages)
    }

    /// The first event of a range that is more than a record of an anchor: those alone are never anchored
    /// again, or anchoring would go on for ever.
    async fn first_worth(&self, from: u64, to: u64) -> Result<Option<Line>, LogPortError> {
        let mut next = from;
        while next < to {
            let wanted = usize::try_from(to - next).unwrap_or(LINES).min(LINES);
            let lines = self.reader.lines(Position(next), wanted).await?;
            if lines.is_empty() {
                return Ok(None);
            }
            next += lines.len() as u64;
            if let Some(line) = lines.into_iter().find(is_worth_anchoring) {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }
}

fn is_worth_anchoring(line: &Line) -> bool {
    !line.recorded().is_ok_and(|recorded| recorded.fact.body::<LogAnchored>().is_some())
}
