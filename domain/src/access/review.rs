//! The review of every access from the events alone: in the log's order, each is judged by the decision it
//! was made by, on what stood before it.

pub mod explain;
pub mod further;
#[cfg(test)]
mod histories;
mod judge;
mod known;
pub mod mark;
mod reason;

use std::collections::BTreeMap;

use serde::Serialize;

use self::further::{FurtherRule, WhatIf};
use self::judge::{Judged, Judgement, judge};
pub use self::known::ReviewedLog;
use self::mark::{Flaw, LISTED_MAX, Mark};
use super::event::{AccessFact, RecordViewed};
use crate::fold::Recorded;
use crate::ids::StreamName;
use crate::journal::{Position, StreamVersion};

/// An access that had no permit in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnpermittedAccess {
    /// The access.
    #[serde(flatten)]
    pub access: Mark,
    /// The stream it stands on.
    pub stream: String,
    /// Its place there.
    pub version: StreamVersion,
    /// By what it had no permit.
    pub rule: Flaw,
    /// The same as a sentence.
    pub what: &'static str,
    /// The events this rests on.
    pub because: Vec<Mark>,
}

impl std::fmt::Display for UnpermittedAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { access, stream, version, rule, what, because } = self;
        write!(f, "position {}, {stream} version {version}: {}", access.position, access.kind)?;
        write!(f, " without a permit by {}: {what}", rule.name())?;
        because.iter().try_for_each(|mark| write!(f, " See {mark}."))
    }
}

/// Accesses of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Had a permit in force.
    pub permitted: u64,
    /// Had none.
    pub without: u64,
}

/// Refusals, held against what the policy says of them today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Refused by the same rule.
    pub agreed: u64,
    /// Refused, by another rule than the event names.
    pub by_another_rule: u64,
    /// The policy would have said yes.
    pub should_have_been_yes: u64,
    /// Refused for a session, which the event does not name.
    pub not_judged: u64,
}

/// The review of a log from its start.
#[derive(Debug, Default)]
pub struct Review {
    known: ReviewedLog,
    what_if: Option<WhatIf>,
    /// How many accesses had a permit, by type.
    pub accesses: BTreeMap<&'static str, Count>,
    /// On what ground those stood that had a permit.
    pub grounds: BTreeMap<&'static str, u64>,
    /// What was refused.
    pub refusals: Refusals,
    /// The first accesses that had no permit.
    pub findings: Vec<UnpermittedAccess>,
    /// Events taken in.
    pub events: u64,
    /// Events of unknown types among them.
    pub unknown: u64,
}

impl Review {
    /// The review of a log, and of what had been refused if a further rule had held.
    pub fn with(rule: Option<FurtherRule>) -> Self {
        Self { what_if: rule.map(WhatIf::new), ..Self::default() }
    }

    /// Judges the next event on what stood before it, and takes it in.
    pub fn take(&mut self, recorded: &Recorded) {
        self.events += 1;
        if let Some(fact) = recorded.fact.access() {
            match judge(&self.known, recorded, fact) {
                Judgement::Access(judged) => self.count(recorded, judged),
                Judgement::Refusal(then, now) => self.refusals.count(now == Err(then), now.is_ok()),
                Judgement::RefusalOfSession => self.refusals.not_judged += 1,
                Judgement::Silent => {}
            }
        }
        if let Some(what_if) = &mut self.what_if {
            what_if.take(&self.known, recorded);
        }
        self.known.take(recorded);
    }

    /// Takes in an event of a type this program does not know.
    pub fn take_unknown(&mut self, stream: &StreamName, position: Position) {
        self.events += 1;
        self.unknown += 1;
        self.known.take_unknown(stream, position);
    }

    /// Accesses without a permit, listed or not.
    pub fn without_permit(&self) -> u64 {
        self.accesses.values().map(|count| count.without).sum()
    }

    /// Accesses judged.
    pub fn judged(&self) -> u64 {
        self.accesses.values().map(|count| count.permitted + count.without).sum()
    }

    /// What the further rule would have changed.
    pub const fn what_if(&self) -> Option<&WhatIf> {
        self.what_if.as_ref()
    }

    fn count(&mut self, recorded: &Recorded, judged: Judged) {
        let count = self.accesses.entry(recorded.fact.kind()).or_default();
        let Err((rule, because)) = judged else {
            count.permitted += 1;
            if let Some(ground) = recorded.fact.access().and_then(AccessFact::ground) {
                *self.grounds.entry(ground.kind()).or_default() += 1;
            }
            return;
        };
        count.without += 1;
        let viewed = recorded.fact.body::<RecordViewed>();
        if let (Some(viewed), Some(patient)) = (viewed, recorded.stream.patient_id()) {
            self.known.record_mut(patient).unpermitted.insert(viewed.viewing);
        }
        if self.findings.len() < LISTED_MAX {
            let access = Mark::of(recorded);
            let stream = recorded.stream.to_string();
            let version = recorded.version;
            let what = rule.in_words();
            self.findings.push(UnpermittedAccess { access, stream, version, rule, what, because });
        }
    }
}

impl Refusals {
    fn count(&mut self, agreed: bool, yes: bool) {
        match (agreed, yes) {
            (true, _) => self.agreed += 1,
            (false, true) => self.should_have_been_yes += 1,
            (false, false) => self.by_another_rule += 1,
        }
    }
}
