//! What a decision goes by: the states of the streams it reads, how long these are, and the time.

use std::sync::Arc;

use domain::ids::{EventHash, StreamName};
use domain::time::Moment;

use super::Executor;
use super::error::ExecuteError;
use crate::decide::{Command, Decision, States};
use crate::folds::{Folded, Slot};
use crate::ports::event_store::Length;

/// What an attempt goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The cached states, where there are any.
    Cache,
    /// The store's present lengths.
    Store,
}

/// A stream that was read.
struct Seen<'a> {
    stream: &'a StreamName,
    slot: Arc<Slot>,
}

/// A decision, and what it went by.
pub(super) struct Weighed<D> {
    pub(super) decision: Decision<D>,
    /// How long each stream was, in the command's order.
    pub(super) lengths: Vec<Length>,
    /// The cached state of the stream that is written.
    pub(super) slot: Arc<Slot>,
    /// Hash of that stream's newest event.
    pub(super) head: EventHash,
    /// What the clock said.
    pub(super) clock: Moment,
    /// The decision's time.
    pub(super) now: Moment,
}

impl Executor {
    /// Whether a command would be carried out now. Judged on what the store says; nothing is appended, not
    /// even what would remember a refusal.
    pub async fn would<C: Command>(&self, command: &C) -> Result<(), ExecuteError> {
        let weighed = self.weigh(command, &command.streams(), Trust::Store).await?;
        match weighed.decision {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.because.into()),
        }
    }

    /// Decides. The states are let go before this answers, or the append's facts would be taken in by
    /// copies of them.
    pub(super) async fn weigh<C: Command>(
        &self,
        command: &C,
        streams: &[StreamName],
        trust: Trust,
    ) -> Result<Weighed<C::Done>, ExecuteError> {
        let seen = self.load::<C>(streams, trust).await?;
        let folded: Vec<Folded> = seen.iter().map(|seen| seen.slot.folded()).collect();
        let clock = self.clock.believed(command.sets_the_clock_right())?;
        let now = folded.iter().map(|folded| folded.newest).fold(clock, Moment::max);
        let decision = decide(command, &folded, now)?;
        let lengths = folded.iter().map(|folded| folded.length).collect();
        let head = folded[0].head;
        let slot = Arc::clone(&seen[0].slot);
        Ok(Weighed { decision, lengths, slot, head, clock, now })
    }

    async fn load<'a, C: Command>(
        &self,
        streams: &'a [StreamName],
        trust: Trust,
    ) -> Result<Vec<Seen<'a>>, ExecuteError> {
        let slots = streams.iter().zip(C::States::folders());
        let seen =
            slots.map(|(stream, folder)| Seen { stream, slot: self.folds.slot(stream, folder) });
        let seen: Vec<Seen<'_>> = seen.collect();
        let all_known = seen.iter().all(|seen| seen.slot.folded().length > Length(0));
        if trust == Trust::Cache && all_known {
            return Ok(seen);
        }
        let lengths = self.store.lengths(streams).await?;
        for (seen, length) in seen.iter().zip(lengths) {
            self.folds.catch_up(&*self.store, seen.stream, &seen.slot, length).await?;
        }
        Ok(seen)
    }
}

fn decide<C: Command>(
    command: &C,
    folded: &[Folded],
    now: Moment,
) -> Result<Decision<C::Done>, ExecuteError> {
    let states: Vec<_> = folded.iter().map(|folded| Arc::clone(&folded.state)).collect();
    let refs = C::States::refs(&states).ok_or(ExecuteError::Defect("a stream of another kind"))?;
    Ok(command.decide(refs, now))
}
