//! What the stream of an e-mail address folds to: the account it names, and how often guessing failed.

use std::collections::VecDeque;
use std::time::Duration;

use super::event::{Factor, LoginFact};
use crate::actor::Actor;
use crate::fold::{Fold, Recorded};
use crate::ids::SourceHash;
use crate::time::{Moment, minutes};

/// How long a failure counts, and how long a lock lasts.
pub const LOCK_WINDOW: Duration = minutes(15);
/// Failures from one source within the window that lock the address for that source.
pub const FAILURES_MAX: usize = 10;
/// Failures from anywhere within the window from which on strangers have to wait before each attempt.
pub const FAILURES_ANYWHERE_MAX: usize = 30;
/// How long a stranger waits then, before the first attempt; twice as long after each failure of theirs.
const STRANGER_WAIT: Duration = Duration::from_secs(30);
/// Failures that cost nothing: people mistype.
const FREE_FAILURES: usize = 3;

/// An e-mail address as a way in.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// The account it names, once confirmed.
    pub account: Option<Actor>,
    /// In the order of their times.
    failures: VecDeque<Failure>,
}

#[derive(Debug, Clone, Copy)]
struct Failure {
    source: SourceHash,
    factor: Factor,
    at: Moment,
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
    /// Judges an attempt at `factor` from `source`: free at first, then twice the wait each time,
    /// then locked. The factors are counted apart: a wrong password does not lock whoever knew the
    /// right one out of the code that it earned.
    pub fn attempt(&self, source: SourceHash, factor: Factor, now: Moment) -> NextAttempt {
        let times: Vec<Moment> = self.own(source, factor, now).collect();
        let Some(last) = times.last() else { return NextAttempt::Allowed };
        if times.len() >= FAILURES_MAX {
            return NextAttempt::LockedUntil(last.plus(LOCK_WINDOW));
        }
        let beyond = times.len().saturating_sub(FREE_FAILURES);
        let wait = if beyond == 0 { 0 } else { 1_u64 << beyond.min(10) };
        let free_at = last.plus(Duration::from_secs(wait));
        if free_at > now { NextAttempt::SlowedUntil(free_at) } else { NextAttempt::Allowed }
    }

    /// How long a stranger at `source` waits before an attempt at `factor`, with so many attempts from
    /// elsewhere that are not judged yet; none if they need not. The wait has an end whatever others do:
    /// nobody who knows the password is shut out.
    pub fn stranger_waits(
        &self,
        (source, factor): (SourceHash, Factor),
        unjudged: usize,
        now: Moment,
    ) -> Option<Duration> {
        let counts = |failure: &&Failure| failure.factor == factor && failure.counts(now);
        let anywhere = self.failures.iter().filter(counts).count();
        if anywhere + unjudged < FAILURES_ANYWHERE_MAX {
            return None;
        }
        let own = u32::try_from(self.own(source, factor, now).count()).unwrap_or(u32::MAX);
        let wait = STRANGER_WAIT.saturating_mul(2_u32.saturating_pow(own));
        Some(wait.min(LOCK_WINDOW))
    }

    fn own(
        &self,
        source: SourceHash,
        factor: Factor,
        now: Moment,
    ) -> impl Iterator<Item = Moment> + '_ {
        let mine = move |failure: &&Failure| {
            failure.source == source && failure.factor == factor && failure.counts(now)
        };
        self.failures.iter().filter(mine).map(|failure| failure.at)
    }
}

impl Failure {
    fn counts(&self, now: Moment) -> bool {
        now.since(self.at) < LOCK_WINDOW
    }
}

impl Fold for Login {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.login() else { return };
        match fact {
            LoginFact::Claimed(claimed) => self.account = Some(claimed.account),
            LoginFact::Failed(failed) => {
                let at = recorded.time;
                while self.failures.front().is_some_and(|oldest| !oldest.counts(at)) {
                    self.failures.pop_front();
                }
                let (source, factor) = (failed.source, failed.factor);
                self.failures.push_back(Failure { source, factor, at });
            }
        }
    }
}
