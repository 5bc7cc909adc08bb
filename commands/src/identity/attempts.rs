//! Attempts to log in: one at a time from each source, so that each is judged by what became of those before
//! it; and strangers who wait where many have failed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{LoginHash, SourceHash};
use domain::time::{Moment, minutes};
use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

use super::note_failed_login::LoginRejection;
use crate::decide::Rejection;

/// An attempt to log in: at which address, from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LogInAttempt {
    pub(super) address: LoginHash,
    pub(super) source: SourceHash,
}

/// Attempts at one address from one source that may wait for those before them.
const WAITING_MAX: usize = 64;
/// When whoever finds too many waiting may come again.
const COME_AGAIN: Duration = Duration::from_secs(1);
/// Strangers that are remembered; beyond, whoever comes new is judged without having waited. Nobody is shut
/// out, and how many passwords are hashed at once is bounded anyway.
const STRANGERS_MAX: usize = 100_000;
/// How long a stranger who has waited is remembered.
const REMEMBERED: Duration = minutes(60);

/// Whose turn it is. In memory: nothing here outlives the process, nor need it, for every failure is in the
/// log and a stranger waits once more.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<Desk>>);

#[derive(Default)]
struct Desk {
    lines: HashMap<LogInAttempt, WaitingLine>,
    strangers: HashMap<LogInAttempt, Moment>,
}

/// Who waits at one address from one source.
#[derive(Default)]
struct WaitingLine {
    gate: Arc<Gate<()>>,
    length: usize,
}

/// An attempt whose turn it is; the next one's comes when this is dropped.
pub(super) struct Turn {
    // Let go of before the place in the line is.
    _held: OwnedMutexGuard<()>,
    place: PlaceInLine,
}

struct PlaceInLine {
    turns: Turns,
    attempt: LogInAttempt,
}

impl Turns {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until every attempt before this one, at this address from this source, was judged and
    /// its failure recorded.
    pub(super) async fn take(&self, attempt: LogInAttempt) -> Result<Turn, Rejection> {
        let gate = {
            let mut desk = self.desk();
            let line = desk.lines.entry(attempt).or_default();
            if line.length >= WAITING_MAX {
                return Err(LoginRejection::SlowDown.rejection().after(COME_AGAIN));
            }
            line.length += 1;
            Arc::clone(&line.gate)
        };
        let place = PlaceInLine { turns: self.clone(), attempt };
        Ok(Turn { _held: gate.lock_owned().await, place })
    }
}

impl Turn {
    /// How many attempts at the address are not judged yet, from everywhere else.
    pub(super) fn unjudged_elsewhere(&self) -> usize {
        let desk = self.place.turns.desk();
        let elsewhere = desk.lines.iter().filter(|(other, _)| {
            other.address == self.place.attempt.address && other.source != self.place.attempt.source
        });
        elsewhere.map(|(_, line)| line.length).sum()
    }

    /// Passes a stranger who came before and has waited since; says to all others how long to wait. Whoever
    /// fails waits anew.
    pub(super) fn stranger(&self, wait: Duration, now: Moment) -> Result<(), Rejection> {
        let mut desk = self.place.turns.desk();
        let attempt = self.place.attempt;
        if let Some(until) = desk.strangers.get(&attempt).copied() {
            if until > now {
                return Err(LoginRejection::Crowded.rejection().after(until.since(now)));
            }
            desk.strangers.remove(&attempt);
            if now.since(until) < REMEMBERED {
                return Ok(());
            }
        }
        if desk.strangers.len() >= STRANGERS_MAX {
            desk.strangers.retain(|_, until| now.since(*until) < REMEMBERED);
            if desk.strangers.len() >= STRANGERS_MAX {
                return Ok(());
            }
        }
        desk.strangers.insert(attempt, now.plus(wait));
        Err(LoginRejection::Crowded.rejection().after(wait))
    }
}

impl Drop for PlaceInLine {
    fn drop(&mut self) {
        let mut desk = self.turns.desk();
        if let Some(line) = desk.lines.get_mut(&self.attempt) {
            line.length -= 1;
            if line.length == 0 {
                desk.lines.remove(&self.attempt);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::samples::noon;

    use super::*;

    const HERE: LogInAttempt =
        LogInAttempt { address: LoginHash([3; 32]), source: SourceHash([1; 16]) };
    const ELSEWHERE: LogInAttempt = LogInAttempt { source: SourceHash([2; 16]), ..HERE };

    #[tokio::test]
    async fn one_at_a_time_from_a_source_and_nothing_is_left_behind() {
        let turns = Turns::default();
        let first = turns.take(HERE).await.unwrap();
        let mut second = Box::pin(turns.take(HERE));
        assert!(futures::poll!(&mut second).is_pending());
        let elsewhere = turns.take(ELSEWHERE).await.unwrap();
        assert_eq!((first.unjudged_elsewhere(), elsewhere.unjudged_elsewhere()), (1, 2));
        drop(first);
        drop(second.await.unwrap());
        drop(turns.take(HERE));
        assert_eq!(elsewhere.unjudged_elsewhere(), 0);
        drop(elsewhere);
        assert!(turns.desk().lines.is_empty());
    }

    #[tokio::test]
    async fn a_line_has_an_end() {
        let turns = Turns::default();
        let _first = turns.take(HERE).await.unwrap();
        let mut waiting: Vec<_> = (1..WAITING_MAX).map(|_| Box::pin(turns.take(HERE))).collect();
        for one in &mut waiting {
            assert!(futures::poll!(one).is_pending());
        }
        assert_eq!(turns.take(HERE).await.err().map(|no| no.code), Some("login_slowed"));
        drop(waiting);
        assert!(futures::poll!(Box::pin(turns.take(HERE))).is_pending());
    }

    #[tokio::test]
    async fn a_stranger_waits_once_for_each_attempt_and_is_told_how_long() {
        let turns = Turns::default();
        let wait = Duration::from_secs(30);
        let turn = turns.take(HERE).await.unwrap();
        let half = noon().plus(wait / 2);
        let left = |no: Rejection| (no.code, no.retry_after);
        let asked = turn.stranger(wait, noon()).unwrap_err();
        assert_eq!(left(asked), ("login_crowded", Some(wait)));
        let asked = turn.stranger(wait, half).unwrap_err();
        assert_eq!(left(asked), ("login_crowded", Some(wait / 2)), "asking again costs nothing");
        let then = noon().plus(wait);
        assert!(turn.stranger(wait, then).is_ok());
        assert!(turn.stranger(wait, then).is_err(), "and once only");
    }
}
