//! Anchoring: the newest published checkpoint leaves the organisation on a fixed clock, never per event.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::audit::event::LogAnchored;
use domain::audit::state::{Anchored, LogState};
use domain::journal::{Line, Position};
use domain::time::Moment;
use serde_json::Value;

use crate::log::{StampedCheckpoint, TransparencyLog};
use crate::ports::{
    Anchor, AnchorError, AnchorRecords, AnchorRequest, LogPortError, LogSource, Taken,
};

/// Lines looked at in one go for one that is worth anchoring.
const LINES: usize = 256;
/// How often it is looked whether an anchor is due: also how soon one that failed is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// By which clock checkpoints leave the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorPace {
    /// How long after its last record an anchor is due again.
    pub every: Duration,
    /// For how long something worth anchoring may wait before somebody should look.
    pub late_after: Duration,
}

/// The anchors of an organisation.
pub struct Anchoring {
    log: Arc<TransparencyLog>,
    source: Arc<dyn LogSource>,
    anchors: Vec<Arc<dyn Anchor>>,
    records: Arc<dyn AnchorRecords>,
    pace: AnchorPace,
}

/// Why an anchor took nothing, or what it took is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// The anchor said so.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The log could not be read, or a receipt not be kept or recorded.
    #[error(transparent)]
    Port(#[from] LogPortError),
}

/// How one anchor does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AnchorAge {
    anchor: &'static str,
    /// When the oldest event was written that it does not cover yet, if there is one worth anchoring.
    waiting_since: Option<Moment>,
}

impl AnchorPace {
    /// Whether an anchor is due whose last record was made at `last`. One that is ahead of our clock was
    /// made by a clock that ran ahead: it says nothing.
    fn is_due(&self, last: Option<Moment>, now: Moment) -> bool {
        !last.is_some_and(|last| last <= now && now.since(last) < self.every)
    }

    /// How often it is looked whether an anchor is due.
    fn look_every(&self) -> Duration {
        LOOK_EVERY.min(self.every)
    }

    /// Says so, if what an anchor does not hold yet has been waiting for too long.
    fn late(&self, age: &AnchorAge, now: Moment) -> Option<String> {
        let waiting = now.since(age.waiting_since?);
        let minutes = waiting.as_secs() / 60;
        (waiting > self.late_after).then(|| format!("{} is {minutes} minutes behind", age.anchor))
    }
}

impl Anchoring {
    /// Anchors what `log` publishes of `source` with each of `anchors`, and lets `records` have what they
    /// give.
    pub fn new(
        log: Arc<TransparencyLog>,
        source: Arc<dyn LogSource>,
        anchors: Vec<Arc<dyn Anchor>>,
        records: Arc<dyn AnchorRecords>,
        pace: AnchorPace,
    ) -> Self {
        Self { log, source, anchors, records, pace }
    }

    /// The names of the anchors; none if nothing of the log leaves the organisation.
    pub fn names(&self) -> Vec<&'static str> {
        self.anchors.iter().map(|anchor| anchor.name()).collect()
    }

    /// How often [`Anchoring::take_if_due`] is to be called.
    pub fn look_every(&self) -> Duration {
        self.pace.look_every()
    }

    /// What each anchor holds, by its name.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn held(&self) -> Result<BTreeMap<String, Anchored>, LogPortError> {
        Ok(self.records.anchored().await?.anchors.clone())
    }

    /// Which anchors are too old, as a person would say it.
    pub async fn late(&self, now: Moment) -> Vec<String> {
        match self.ages().await {
            Ok(ages) => ages.iter().filter_map(|age| self.pace.late(age, now)).collect(),
            Err(error) => vec![format!("their age could not be read: {error}")],
        }
    }

    /// Anchors the newest published checkpoint if the last one is old enough; answers its size.
    pub async fn take_if_due(&self, name: &str, now: Moment) -> Result<Option<u64>, Untaken> {
        let anchored = self.records.anchored().await?;
        let last = anchored.anchors.get(name).map(|known| known.time);
        if self.pace.is_due(last, now) { self.take_now(name).await } else { Ok(None) }
    }

    /// Anchors the newest published checkpoint now, if it covers something that is not out of the
    /// organisation yet; answers its size. What the anchor gives is kept before anything else, and recorded
    /// before this answers; a process that is killed in between records it at the next start.
    pub async fn take_now(&self, name: &str) -> Result<Option<u64>, Untaken> {
        // An anchor may cost money: it is not asked again before its last answer is in the log.
        self.records.record().await?;
        let anchored = self.records.anchored().await?;
        let Some(taken) = self.take(name, &anchored).await? else { return Ok(None) };
        self.records.keep(&taken).await?;
        self.records.record().await?;
        Ok(Some(taken.size))
    }

    /// Asks one anchor to take the newest published checkpoint, if it covers something that `anchored` says
    /// is not out of the organisation yet.
    async fn take(&self, name: &str, anchored: &LogState) -> Result<Option<Taken>, Untaken> {
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
        let Value::Object(receipt) = anchor.anchor(&request).await? else {
            return Err(AnchorError::Refused("the receipt is no object".to_owned()).into());
        };
        let checkpoint = String::from_utf8(request.note)
            .map_err(|error| LogPortError { what: "transparency log", source: error.into() })?;
        let newest = self.line(size.saturating_sub(1)).await?;
        Ok(Some(Taken { anchor: anchor.name(), size, checkpoint, receipt, newest }))
    }

    /// How every anchor does.
    async fn ages(&self) -> Result<Vec<AnchorAge>, LogPortError> {
        let anchored = self.records.anchored().await?;
        let length = self.source.newest().borrow().map_or(0, |newest| newest.0 + 1);
        let mut ages = Vec::new();
        for anchor in &self.anchors {
            let anchor = anchor.name();
            let covered = anchored.anchors.get(anchor).map_or(0, |known| known.size);
            let waiting = self.first_worth(covered, length).await?;
            let waiting_since = waiting.and_then(|line| Some(line.recorded().ok()?.time));
            ages.push(AnchorAge { anchor, waiting_since });
        }
        Ok(ages)
    }

    async fn line(&self, position: u64) -> Result<Line, LogPortError> {
        let mut lines = self.source.lines(Position(position), 1).await?;
        let missing = || format!("the event at position {position} cannot be read").into();
        lines.pop().ok_or_else(|| LogPortError { what: "event store", source: missing() })
    }

    /// The first event of a range that is more than a record of an anchor: those alone are never anchored
    /// again, or anchoring would go on for ever.
    async fn first_worth(&self, from: u64, to: u64) -> Result<Option<Line>, LogPortError> {
        let mut next = from;
        while next < to {
            let wanted = usize::try_from(to - next).unwrap_or(LINES).min(LINES);
            let lines = self.source.lines(Position(next), wanted).await?;
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

#[cfg(test)]
mod tests {
    use domain::time::minutes;

    use super::*;

    const HOURLY: AnchorPace = AnchorPace { every: minutes(60), late_after: minutes(180) };

    fn at(minute: u64) -> Moment {
        Moment::default().plus(minutes(minute))
    }

    #[test]
    fn an_anchor_is_due_at_first_and_then_an_interval_after_its_last_record() {
        let due = |last: Option<u64>, now| HOURLY.is_due(last.map(at), at(now));
        assert!(due(None, 0));
        assert!(!due(Some(10), 10));
        assert!(!due(Some(10), 69));
        assert!(due(Some(10), 70));
    }

    #[test]
    fn a_record_ahead_of_our_clock_keeps_nobody_from_anchoring() {
        assert!(HOURLY.is_due(Some(at(11)), at(10)));
    }

    #[test]
    fn what_waits_for_longer_than_it_may_is_late_and_nothing_waits_where_all_is_covered() {
        let late = |since: Option<u64>, now| {
            HOURLY.late(&AnchorAge { anchor: "file", waiting_since: since.map(at) }, at(now))
        };
        assert_eq!(late(None, 10_000), None);
        assert_eq!(late(Some(5), 185), None);
        assert_eq!(late(Some(5), 186), Some("file is 181 minutes behind".to_owned()));
    }

    #[test]
    fn a_short_interval_is_looked_at_as_often_as_it_ends() {
        assert_eq!(HOURLY.look_every(), minutes(1));
        let hasty = AnchorPace { every: Duration::from_secs(5), ..HOURLY };
        assert_eq!(hasty.look_every(), Duration::from_secs(5));
    }
}
