//! What the stream of an e-mail address folds to: the account it names, and how often guessing failed.

use std::time::Duration;

use super::event::LoginFact;
use crate::actor::Actor;
use crate::fold::{Fold, Recorded};
use crate::ids::SourceHash;
use crate::time::{Moment, minutes};

/// How long a failure counts, and how long a lock lasts.
pub const LOCK_WINDOW: Duration = minutes(15);
/// Failures from one source within the window that lock the address for that source.
pub const FAILURES_MAX: usize = 10;
/// Failures that cost nothing: people mistype.
const FREE_FAILURES: usize = 3;

/// An e-mail address as a way in.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// The account it names, once confirmed.
    pub account: Option<Actor>,
    failures: Vec<(SourceHash, Moment)>,
}

/// Whether an attempt may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAttempt {
    /// Go on.
    Allowed,
    /// Wait until then.
    SlowedUntil(Moment),
    /// Locked for this source until then.
    LockedUntil(Moment),
}

impl Login {
    /// Judges an attempt from `source`: free at first, then twice the wait each time, then locked.
    pub fn attempt(&self, source: SourceHash, now: Moment) -> NextAttempt {
        let mine = self
            .failures
            .iter()
            .filter(|(from, at)| *from == source && now.since(*at) < LOCK_WINDOW);
        let times: Vec<Moment> = mine.map(|(_, at)| *at).collect();
        let Some(last) = times.last() else { return NextAttempt::Allowed };
        if times.len() >= FAILURES_MAX {
            return NextAttempt::LockedUntil(last.plus(LOCK_WINDOW));
        }
        let beyond = times.len().saturating_sub(FREE_FAILURES);
        let wait = if beyond == 0 { 0 } else { 1_u64 << beyond.min(10) };
        let free_at = last.plus(Duration::from_secs(wait));
        if free_at > now { NextAttempt::SlowedUntil(free_at) } else { NextAttempt::Allowed }
    }
}

impl Fold for Login {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.login() else { return };
        match fact {
            LoginFact::Claimed(claimed) => self.account = Some(claimed.account),
            LoginFact::Failed(failed) => {
                self.failures.retain(|(_, at)| recorded.time.since(*at) < LOCK_WINDOW);
                self.failures.push((failed.source, recorded.time));
            }
        }
    }
}
