//! What the log's own stream adds up to: where it goes on from, its keys, its anchors, its clock.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::event::{LogContinued, LogFact, LogKeyRotated};
use crate::fold::{Fold, Recorded};
use crate::time::Moment;

/// The log, as it speaks of itself.
#[derive(Debug, Clone, Default)]
pub struct LogState {
    /// The older log this one goes on from.
    pub continued: Option<LogContinued>,
    /// Every new key since the first, in order.
    pub rotations: Vec<LogKeyRotated>,
    /// What was anchored, by the anchor's name.
    pub anchors: BTreeMap<String, Anchored>,
    /// The newest correction of the clock.
    pub clock: Option<ClockCorrection>,
}

/// What one anchor holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchored {
    /// How many events the newest checkpoint there covers.
    pub size: u64,
    /// When it was recorded.
    pub time: Moment,
    /// That checkpoint, as signed.
    pub checkpoint: String,
    /// What the anchor gave for this size: a witness after the other, a block after a lost one.
    pub receipts: Vec<Map<String, Value>>,
    /// How many receipts it ever gave.
    pub count: u64,
}

/// A clock that ran ahead and was set right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockCorrection {
    /// Times up to here are no evidence.
    pub ahead: Moment,
    /// What the corrected clock said.
    pub clock: Moment,
}

impl ClockCorrection {
    /// What a newest event of this time says about the clock: that it has passed it, unless it was ahead.
    pub fn evidence(&self, newest: Moment) -> Moment {
        if newest <= self.ahead { self.clock } else { newest }
    }
}

impl LogState {
    /// Which key is the newest; the first is 1.
    pub fn generation(&self) -> u32 {
        self.rotations.last().map_or(1, |rotated| rotated.generation)
    }

    /// Every key that signs at `now`, the newest first.
    pub fn signing(&self, now: Moment) -> Vec<u32> {
        let newest = self.generation();
        let before = self.rotations.iter().rev().filter(|rotated| now < rotated.until);
        let before = before.map(|rotated| rotated.generation.saturating_sub(1));
        std::iter::once(newest).chain(before).collect()
    }

    /// Until when the key of a generation signs; the newest has no end.
    pub fn signs_until(&self, generation: u32) -> Option<Moment> {
        let replaced = self.rotations.iter().find(|new| new.generation == generation + 1);
        replaced.map(|new| new.until)
    }

    /// Until when the key before the newest goes on signing, if it does at `now`.
    pub fn overlap(&self, now: Moment) -> Option<Moment> {
        self.rotations.last().map(|rotated| rotated.until).filter(|until| now < *until)
    }

    fn anchored(&mut self, fact: &super::event::LogAnchored, time: Moment) {
        let known = self.anchors.entry(fact.anchor.clone()).or_default();
        known.count += 1;
        if fact.size > known.size {
            known.receipts.clear();
        }
        if fact.size >= known.size {
            (known.size, known.time) = (fact.size, time);
            known.checkpoint.clone_from(&fact.checkpoint);
            known.receipts.push(fact.receipt.clone());
        }
    }
}

impl Fold for LogState {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.log() else { return };
        match fact {
            LogFact::Anchored(anchored) => self.anchored(anchored, recorded.time),
            LogFact::KeyRotated(rotated) => self.rotations.push(rotated.clone()),
            LogFact::ClockCorrected(corrected) => {
                let (ahead, clock) = (corrected.ahead, corrected.clock);
                self.clock = Some(ClockCorrection { ahead, clock });
            }
            LogFact::Continued(continued) => self.continued = Some(continued.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::audit::event::LogAnchored;
    use crate::ids::StreamName;
    use crate::samples;
    use crate::time::minutes;

    fn at(minute: u64) -> Moment {
        Moment::default().plus(minutes(minute))
    }

    /// A log to which these happened, a minute apart.
    fn log(facts: impl IntoIterator<Item = LogFact>) -> LogState {
        let mut log = LogState::default();
        for (fact, n) in facts.into_iter().zip(0..) {
            let fact = samples::recorded(StreamName::log(0), Actor::System, fact);
            log.evolve(&Recorded { time: at(n), ..fact });
        }
        log
    }

    fn rotated(generation: u32, until: u64) -> LogFact {
        let until = at(until);
        LogFact::KeyRotated(LogKeyRotated { generation, until, ..samples::log_key_rotated() })
    }

    fn anchored(size: u64, number: u64) -> LogFact {
        let receipt = [("number".to_owned(), number.into())].into_iter().collect();
        let checkpoint = format!("of {size}");
        let anchored = LogAnchored { size, checkpoint, receipt, ..samples::log_anchored() };
        LogFact::Anchored(anchored)
    }

    #[test]
    fn two_keys_sign_until_the_older_ones_time_is_over() {
        assert_eq!(log([]).signing(at(0)), [1]);
        let log = log([rotated(2, 10), rotated(3, 20)]);
        assert_eq!(log.generation(), 3);
        assert_eq!(log.signing(at(19)), [3, 2]);
        assert_eq!(log.signing(at(20)), [3]);
        assert_eq!(log.overlap(at(19)), Some(at(20)));
        assert_eq!(log.overlap(at(20)), None);
    }

    #[test]
    fn an_anchor_is_known_by_its_newest_checkpoint_and_every_receipt_for_it() {
        let log = log([anchored(3, 0), anchored(7, 1), anchored(7, 2), anchored(3, 3)]);
        let file = &log.anchors["file"];
        assert_eq!((file.size, file.count, file.time), (7, 4, at(2)));
        assert_eq!(file.checkpoint, "of 7");
        let numbers: Vec<_> = file.receipts.iter().map(|receipt| &receipt["number"]).collect();
        assert_eq!(numbers, [1, 2]);
    }
}
