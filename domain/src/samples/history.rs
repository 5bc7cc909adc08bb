//! Sample facts in the order of a log.

use std::time::Duration;

use uuid::Uuid;

use super::noon;
use crate::actor::Actor;
use crate::fact::Fact;
use crate::fold::Recorded;
use crate::ids::{EventId, StreamName};
use crate::journal::{Position, StreamVersion};
use crate::time::Moment;

/// A fact as the first line of a log, recorded at noon.
pub fn recorded(stream: StreamName, actor: Actor, fact: impl Into<Fact>) -> Recorded {
    Recorded {
        position: Position(0),
        stream,
        version: StreamVersion(0),
        id: EventId::new(Uuid::nil()),
        time: noon(),
        actor,
        behalf: None,
        cause_event: None,
        fact: fact.into(),
    }
}

/// A log that begins empty at noon and takes in whatever is said to have happened: nothing is decided here.
#[derive(Debug, Clone)]
pub struct History {
    /// The time that the next fact is recorded with.
    pub now: Moment,
    /// What happened, oldest first; a fact's index is its position.
    pub facts: Vec<Recorded>,
}

impl Default for History {
    fn default() -> Self {
        Self { now: noon(), facts: Vec::new() }
    }
}

impl History {
    /// Takes in a fact at the next place of the log and of its stream.
    pub fn record(&mut self, stream: &StreamName, actor: Actor, fact: impl Into<Fact>) {
        let position = self.facts.len() as u64;
        let version = (0..).zip(self.of(stream)).last().map_or(0, |(last, _)| last + 1);
        self.facts.push(Recorded {
            position: Position(position),
            version: StreamVersion(version),
            id: EventId::new(Uuid::from_u128(0xe00 + u128::from(position))),
            time: self.now,
            ..recorded(stream.clone(), actor, fact)
        });
    }

    /// The facts of one stream.
    pub fn of<'a>(&'a self, stream: &'a StreamName) -> impl Iterator<Item = &'a Recorded> {
        self.facts.iter().filter(move |fact| fact.stream == *stream)
    }

    /// Time passes.
    pub fn pass(&mut self, span: Duration) {
        self.now = self.now.plus(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ANA, BO, consent_granted, consent_revoked, doctor_verified};
    use crate::time::minutes;

    #[test]
    fn a_fact_takes_the_next_place_in_the_log_and_in_its_stream() {
        let ana = StreamName::patient(ANA);
        let bo = StreamName::doctor(BO);
        let mut history = History::default();
        history.record(&ana, Actor::Patient(ANA), consent_granted());
        history.record(&bo, Actor::Patient(ANA), doctor_verified());
        history.pass(minutes(1));
        history.record(&ana, Actor::Patient(ANA), consent_revoked());
        let places: Vec<_> = history.facts.iter().map(|f| (f.position.0, f.version.0)).collect();
        assert_eq!(places, [(0, 0), (1, 0), (2, 1)]);
        let times: Vec<_> = history.of(&ana).map(|fact| fact.time).collect();
        assert_eq!(times, [noon(), noon().plus(minutes(1))]);
    }

    #[test]
    fn the_samples_happen_at_noon_of_a_monday() {
        assert_eq!(noon().to_string(), "2026-11-23T12:00:00.000000Z");
    }
}
