//! The only write loop: load, fold, decide, make the lines, append, retry on conflict.

mod caller;
pub mod clock_rule;
mod deciding;
mod error;
mod lines;

use std::sync::Arc;
use std::time::Duration;

use domain::access::policy::Durable;
use domain::audit::state::ClockCorrection;
use domain::fold::Fold;
use domain::ids::StreamName;
use domain::journal::line::{LineError, UnreadableEvent};
use domain::journal::{Line, Position, StreamVersion};
use domain::time::Moment;
use uuid::Uuid;

pub use self::caller::Caller;
use self::clock_rule::ClockRule;
use self::deciding::Trust;
pub use self::error::ExecuteError;
use self::lines::{LineMaker, MadeLine, Making};
use crate::decide::{Answer, Command, Decided, Refusal, Rejection, States};
use crate::folds::{FoldError, Folds, Placed, Slot, folder};
use crate::ports::event_store::{Append, AppendError, Appended, EventStore, Request};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::{Clock, Entropy};

/// Tries before a command that keeps losing races is told to come back.
const TRIES_MAX: usize = 16;

/// What was done.
#[derive(Debug, Clone)]
pub struct Outcome<D> {
    /// The answer.
    pub done: D,
    /// Where the newest fact that says so stands, for read-your-writes; none if nothing was added, because it
    /// was done before under another request.
    pub position: Option<Position>,
    /// Whether this is the answer of an earlier, equal request.
    pub again: bool,
}

impl<D: Answer> Outcome<D> {
    /// Read from what was recorded.
    fn of(recorded: &[Durable], again: bool) -> Result<Self, ExecuteError> {
        let done = recorded.iter().find_map(D::read).ok_or(ExecuteError::NoAnswer)?;
        let position = recorded.last().map(|durable| durable.recorded().position);
        Ok(Self { done, position, again })
    }
}

/// The write loop and what it needs.
pub struct Executor {
    store: Arc<dyn EventStore>,
    lines: LineMaker,
    clock: ClockRule,
    entropy: Arc<dyn Entropy>,
    folds: Folds,
}

impl Executor {
    /// `source` is the log's origin; `newest` the time of its newest event, for the clock rule.
    pub fn new(
        store: Arc<dyn EventStore>,
        vault: Arc<dyn KeyVault>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        source: String,
        newest: Moment,
    ) -> Self {
        let clock = ClockRule::new(clock, newest);
        let lines = LineMaker::new(vault, Arc::clone(&entropy), source);
        Self { store, lines, clock, entropy, folds: Folds::default() }
    }

    /// Carries out a command. What it answers is durable.
    pub async fn execute<C: Command>(
        &self,
        command: &C,
        caller: Caller,
    ) -> Result<Outcome<C::Done>, ExecuteError> {
        if let Some(outcome) = self.answered_before(caller.request).await? {
            return Ok(outcome);
        }
        let streams = command.streams();
        let written = streams.first().ok_or(ExecuteError::Defect("a command writes no stream"))?;
        let first = C::States::folders()[0];
        let slot = self.folds.slot(written, first);
        let _gate = slot.gate.lock().await;
        // The cache is believed once: the append checks every length it went by, and what appends nothing is
        // decided again on what the store says now.
        let trusts = [Trust::Cache].into_iter().chain([Trust::Store; TRIES_MAX]);
        for trust in trusts {
            match self.attempt(command, caller, &streams, trust).await? {
                Attempt::Done(outcome) => return Ok(outcome),
                Attempt::Refused(rejection) => return Err(rejection.into()),
                Attempt::Conflict => {}
            }
        }
        Err(ExecuteError::Contended)
    }

    /// The state of one stream as of the store's present length, for checks that append nothing.
    pub async fn state<S: Fold>(&self, stream: &StreamName) -> Result<Arc<S>, ExecuteError> {
        let states = self.states(std::slice::from_ref(stream)).await?;
        states.into_iter().next().ok_or(ExecuteError::Defect("a stream without a state"))
    }

    /// The same of several streams of one kind, whose lengths are asked at once.
    pub async fn states<S: Fold>(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Arc<S>>, ExecuteError> {
        let lengths = self.store.lengths(streams).await?;
        let mut states = Vec::with_capacity(streams.len());
        for (stream, length) in streams.iter().zip(lengths) {
            let slot = self.folds.slot(stream, folder::<S>());
            self.folds.catch_up(&*self.store, stream, &slot, length).await?;
            let state = slot.folded().state.downcast();
            states.push(state.map_err(|_| ExecuteError::Defect("a stream of another kind"))?);
        }
        Ok(states)
    }

    /// Lines of a stream, for the few who need more than its fold.
    pub async fn read(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, ExecuteError> {
        Ok(self.store.read(stream, from, limit).await?)
    }

    /// Lines of the whole log, for housekeeping.
    pub async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ExecuteError> {
        Ok(self.store.read_all(from, limit).await?)
    }

    /// Position of the newest event.
    pub fn newest(&self) -> Option<Position> {
        *self.store.newest().borrow()
    }

    /// The name of the log, which every line carries.
    pub fn origin(&self) -> &str {
        self.lines.source()
    }

    /// Now, as decisions see it.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Takes in a recorded correction: times up to where the clock ran ahead count no longer.
    pub fn correct_clock(&self, correction: &ClockCorrection) {
        self.clock.correct(correction);
    }

    /// How far the clock lies behind the log, where that is too far to write.
    pub fn clock_behind(&self) -> Option<Duration> {
        self.clock.behind()
    }

    /// How far a witness says the clock is off, either way; more than
    /// [`CLOCK_OFF_WITNESS_MAX`](clock_rule::CLOCK_OFF_WITNESS_MAX) refuses every append until a witness says
    /// otherwise.
    pub fn set_clock_doubt(&self, off: Option<Duration>) {
        self.clock.set_doubt(off);
    }

    /// How far a witness says the clock is off, where that is too far to write.
    pub fn clock_doubt(&self) -> Option<Duration> {
        self.clock.doubt()
    }

    /// The answer of an earlier, equal request, if there was one.
    pub async fn answered_before<D: Answer>(
        &self,
        request: Request,
    ) -> Result<Option<Outcome<D>>, ExecuteError> {
        let Request::Keyed { id, digest } = request else { return Ok(None) };
        let Some((appended, known)) = self.store.request(id).await? else { return Ok(None) };
        if known != digest {
            return Err(ExecuteError::RequestReused);
        }
        self.answer_again(appended).await.map(Some)
    }

    async fn answer_again<D: Answer>(
        &self,
        appended: Appended,
    ) -> Result<Outcome<D>, ExecuteError> {
        let count = usize::try_from(appended.lines).unwrap_or(usize::MAX);
        let lines = self.store.read_all(appended.first, count).await?;
        Outcome::of(&durable(&lines)?, true)
    }

    async fn attempt<C: Command>(
        &self,
        command: &C,
        caller: Caller,
        streams: &[StreamName],
        trust: Trust,
    ) -> Result<Attempt<C::Done>, ExecuteError> {
        let weighed = self.weigh(command, streams, trust).await?;
        let (lengths, now) = (weighed.lengths, weighed.now);
        let (facts, refused) = match weighed.decision {
            Ok(Decided::Record(fact, following)) => {
                (std::iter::once(fact).chain(following).collect(), None)
            }
            Err(Refusal { record, because }) if !record.is_empty() => (record, Some(because)),
            // What adds nothing is decided again on what the store says now: no append checks it.
            Ok(Decided::Already(_)) | Err(_) if trust == Trust::Cache => {
                return Ok(Attempt::Conflict);
            }
            Ok(Decided::Already(done)) => {
                return Ok(Attempt::Done(Outcome { done, position: None, again: false }));
            }
            Err(Refusal { because, .. }) => return Ok(Attempt::Refused(because)),
        };
        // A refusal is decided anew when the request comes again: what refused may be gone by then.
        let request = match refused {
            Some(_) => Request::Once(self.entropy.uuid(now)),
            None => caller.request,
        };
        let making = Making { caller, request, now, stream: &streams[0], owner: command.owner() };
        let (lines, made) = self.lines.make(&making, facts, lengths[0], weighed.head).await?;
        let append = Append {
            stream: streams[0].clone(),
            expected: lengths[0],
            lines,
            preconditions: streams.iter().cloned().zip(lengths).skip(1).collect(),
            request,
        };
        let written = (&weighed.slot, weighed.clock);
        self.append(append, (&making, made), written, refused).await
    }

    async fn append<D: Answer>(
        &self,
        append: Append,
        (making, made): (&Making<'_>, Vec<MadeLine>),
        (slot, clock): (&Arc<Slot>, Moment),
        refused: Option<Rejection>,
    ) -> Result<Attempt<D>, ExecuteError> {
        let appended = match self.store.append(append).await {
            Ok(appended) => appended,
            Err(AppendError::Conflict(_)) => return Ok(Attempt::Conflict),
            Err(AppendError::RequestReused) => return Err(ExecuteError::RequestReused),
            Err(AppendError::LineLength(bytes)) => return Err(LineError::TooLong(bytes).into()),
            Err(AppendError::DiskFull) => return Err(ExecuteError::DiskFull),
            Err(AppendError::Store(source)) => return Err(ExecuteError::Store(source)),
        };
        if appended.again {
            return self.answer_again(appended).await.map(Attempt::Done);
        }
        let positions = appended.first.0..;
        let placed = positions.zip(made).map(|(at, made)| made.placed(making, Position(at)));
        let placed: Vec<Placed> = placed.collect();
        self.clock.passed(clock);
        self.folds.take_in(making.stream, slot, &placed);
        Ok(match refused {
            Some(rejection) => Attempt::Refused(rejection),
            None => {
                let durable = placed.into_iter().map(|placed| Durable::vouch(placed.recorded));
                Attempt::Done(Outcome::of(&durable.collect::<Vec<_>>(), false)?)
            }
        })
    }
}

enum Attempt<D> {
    Done(Outcome<D>),
    Refused(Rejection),
    Conflict,
}

fn durable(lines: &[Line]) -> Result<Vec<Durable>, ExecuteError> {
    let vouch = |line: &Line| match line.recorded() {
        Ok(recorded) => Ok(Durable::vouch(recorded)),
        Err(source) => Err(unreadable(line, source)),
    };
    lines.iter().map(vouch).collect()
}

fn unreadable(line: &Line, source: UnreadableEvent) -> ExecuteError {
    let stream = line.stream.clone();
    let version = line.version;
    FoldError::Unreadable { stream, version, source }.into()
}

/// A fresh request id for a caller who gave no key.
pub fn once(entropy: &dyn Entropy, now: Moment) -> Request {
    let id: Uuid = entropy.uuid(now);
    Request::Once(id)
}
