//! Folded streams, cached. The cache is a convenience: an append's expected length makes a stale entry a
//! retry, never a wrong answer.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::fold::{Fold, Recorded};
use domain::ids::{EventHash, StreamName};
use domain::journal::line::UnreadableEvent;
use domain::journal::{self, Line, StreamVersion};
use domain::time::Moment;
use moka::sync::Cache;

use crate::decide::AnyState;
use crate::ports::event_store::{EventStore, Length, ReadError};

/// How many events' worth of folded streams are kept.
const CACHED_EVENTS_MAX: u64 = 2_000_000;
/// Lines read at once while a stream is folded.
const READ_LINES: usize = 1_024;

/// Why a stream could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A stored event cannot be understood; nothing is decided on half a stream.
    #[error("{stream} version {version} cannot be read: {source}")]
    Unreadable {
        /// The stream.
        stream: StreamName,
        /// The event.
        version: StreamVersion,
        /// Why.
        source: UnreadableEvent,
    },
}

/// Makes and grows a state whose type only the command knows.
pub trait ErasedFold: Send + Sync {
    /// The state of an empty stream.
    fn start(&self) -> AnyState;
    /// Takes in the next fact, in place unless somebody else still looks at the state.
    fn evolve(&self, state: &mut AnyState, recorded: &Recorded);
}

struct ErasedFoldOf<S>(PhantomData<fn() -> S>);

impl<S: Fold> ErasedFold for ErasedFoldOf<S> {
    fn start(&self) -> AnyState {
        Arc::new(S::default())
    }

    fn evolve(&self, state: &mut AnyState, recorded: &Recorded) {
        if let Some(state) = Arc::get_mut(state).and_then(|any| any.downcast_mut::<S>()) {
            state.evolve(recorded);
            return;
        }
        if let Some(shared) = state.downcast_ref::<S>() {
            let mut own = shared.clone();
            own.evolve(recorded);
            *state = Arc::new(own);
        }
    }
}

/// The folder of a state.
pub fn folder<S: Fold>() -> &'static dyn ErasedFold {
    &ErasedFoldOf::<S>(PhantomData)
}

/// A stream's state and the place it is true at.
#[derive(Clone)]
pub struct Folded {
    /// What its facts add up to, at this length.
    pub state: AnyState,
    /// Events folded.
    pub length: Length,
    /// Hash of the newest of them.
    pub head: EventHash,
    /// Its time.
    pub newest: Moment,
}

/// An event at its place, and the hash of its line.
pub struct Placed {
    /// The event.
    pub recorded: Recorded,
    /// The line's hash.
    pub hash: EventHash,
}

/// One cached stream.
pub struct Slot {
    folder: &'static dyn ErasedFold,
    folded: Mutex<Folded>,
    /// Held by the command that is writing the stream, so that commands of one process queue up instead
    /// of failing one another's appends.
    pub gate: tokio::sync::Mutex<()>,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Folded> {
        self.folded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as it stands. Drop it before the next `take_in`, or the state is copied.
    pub fn folded(&self) -> Folded {
        self.lock().clone()
    }

    /// Takes in an event, if it is the next one.
    fn take_in(&self, placed: &Placed) {
        let Placed { recorded, hash } = placed;
        let mut folded = self.lock();
        if folded.length.0 == recorded.version.0 {
            let mut state = std::mem::replace(&mut folded.state, Arc::new(()));
            self.folder.evolve(&mut state, recorded);
            folded.state = state;
            folded.length = Length(recorded.version.0 + 1);
            folded.head = *hash;
            folded.newest = folded.newest.max(recorded.time);
        }
    }
}

/// The cache.
pub struct Folds {
    slots: Cache<StreamName, Arc<Slot>>,
}

impl Default for Folds {
    fn default() -> Self {
        let weigh = |_: &StreamName, slot: &Arc<Slot>| slot.lock().length.0.saturating_add(4);
        let slots = Cache::builder().max_capacity(CACHED_EVENTS_MAX).weigher(weigh).build();
        Self { slots }
    }
}

impl Folds {
    /// The stream's slot, empty if it was not cached.
    pub fn slot(&self, stream: &StreamName, folder: &'static dyn ErasedFold) -> Arc<Slot> {
        self.slots.get_with_by_ref(stream, || {
            let state = folder.start();
            let length = Length(0);
            let head = EventHash::ZERO;
            let newest = Moment::default();
            let folded = Mutex::new(Folded { state, length, head, newest });
            Arc::new(Slot { folder, folded, gate: tokio::sync::Mutex::new(()) })
        })
    }

    /// Reads what the slot has not seen, up to `length` at least.
    pub async fn catch_up(
        &self,
        store: &dyn EventStore,
        stream: &StreamName,
        slot: &Arc<Slot>,
        length: Length,
    ) -> Result<(), FoldError> {
        let at = slot.lock().length;
        if at >= length {
            return Ok(());
        }
        let read = async |from: u32| store.read(stream, StreamVersion(from), READ_LINES).await;
        let mut lines = read(at.0).await?;
        while let Some(last) = lines.last() {
            let next = last.version.0 + 1;
            let more = lines.len() == READ_LINES && next < length.0;
            // The store reads on while these lines are folded.
            let ahead = async { if more { read(next).await } else { Ok(Vec::new()) } };
            let fold = async { self.take_in_lines(stream, slot, &lines) };
            let (ahead, folded) = futures::join!(ahead, fold);
            folded?;
            lines = ahead?;
        }
        Ok(())
    }

    fn take_in_lines(
        &self,
        stream: &StreamName,
        slot: &Arc<Slot>,
        lines: &[Line],
    ) -> Result<(), FoldError> {
        for line in lines {
            let recorded = line.recorded().map_err(|source| {
                let stream = stream.clone();
                let version = line.version;
                FoldError::Unreadable { stream, version, source }
            })?;
            slot.take_in(&Placed { recorded, hash: journal::hash(&line.bytes) });
        }
        self.weigh(stream, slot);
        Ok(())
    }

    /// Takes in events that are durable.
    pub fn take_in(&self, stream: &StreamName, slot: &Arc<Slot>, placed: &[Placed]) {
        for placed in placed {
            slot.take_in(placed);
        }
        self.weigh(stream, slot);
    }

    /// Inserting it again tells the cache its new weight.
    fn weigh(&self, stream: &StreamName, slot: &Arc<Slot>) {
        self.slots.insert(stream.clone(), Arc::clone(slot));
    }
}
