//! The only read loop: reads the log in order, hands each event to every model, and saves the rows and
//! the models' places in one transaction.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::journal::{Line, LineError, Position};
use tokio::sync::watch;

use crate::MODELS;
use crate::ports::{EventReader, FreshStore, ModelStep, PortError, ReadStore};
use crate::read_model::{LoggedEvent, ReadModel, Refused};
use crate::table::Changes;

/// How many events are taken in one transaction.
const BATCH: usize = 512;

/// The read models, kept up with the log.
pub struct ReadModels {
    reader: Arc<dyn EventReader>,
    store: Arc<dyn ReadStore>,
    /// Held while a batch is taken in, and while a rebuilt store is swapped in. Empty until the store
    /// was asked, and after any failure: only the store knows what was committed.
    cursors: tokio::sync::Mutex<Option<Vec<Cursor>>>,
    /// The first position that not every going model has seen.
    seen: watch::Sender<Position>,
    health: Mutex<ModelsHealth>,
}

/// How the read side does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelsHealth {
    /// Each model.
    pub models: Vec<ModelHealth>,
    /// Why nothing moves at all, if so: the log or the store cannot be read or written.
    pub stalled: Option<String>,
}

impl ModelsHealth {
    /// Which models stopped, where and why, if any did.
    pub fn parked(&self) -> Option<String> {
        let parked = |model: &ModelHealth| {
            let parked = model.parked.as_ref()?;
            Some(format!("{} stopped at {}: {}", model.name, parked.position, parked.reason))
        };
        let parked: Vec<String> = self.models.iter().filter_map(parked).collect();
        (!parked.is_empty()).then(|| parked.join("; "))
    }
}

/// How one model does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelHealth {
    /// As `/readyz` and the rebuild name the model.
    pub name: &'static str,
    /// The first position it has not seen.
    pub next: Position,
    /// Where and why it stopped, if it did.
    pub parked: Option<ParkedModel>,
}

/// A model that stopped at an event it cannot read. It goes on when a version that can read it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedModel {
    /// The event.
    pub position: Position,
    /// What is wrong with it, in words that hold nothing of what stands in it.
    pub reason: String,
}

#[derive(Clone)]
struct Cursor {
    model: &'static dyn ReadModel,
    next: Position,
    parked: Option<ParkedModel>,
}

impl ReadModels {
    /// Every model, over `reader` and `store`. Nothing is read before [`ReadModels::catch_up`].
    pub fn open(reader: Arc<dyn EventReader>, store: Arc<dyn ReadStore>) -> Self {
        Self {
            reader,
            store,
            cursors: tokio::sync::Mutex::new(None),
            seen: watch::Sender::new(Position(0)),
            health: Mutex::default(),
        }
    }

    /// Takes in everything that is in the log now: one pass of a job that comes round with every event. A
    /// failure of the log or the store is shown by [`ReadModels::health`]; the next pass tries again.
    pub async fn catch_up(&self) -> Result<(), PortError> {
        while self.take_batch().await? {}
        Ok(())
    }

    /// Waits until every model that has not stopped has seen `position`; `false` if that takes longer
    /// than `timeout`.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> bool {
        let mut seen = self.seen.subscribe();
        let arrived = seen.wait_for(|next| *next > position);
        matches!(tokio::time::timeout(timeout, arrived).await, Ok(Ok(_)))
    }

    /// The first position that not every going model has seen; changes wake whoever waits.
    pub fn seen(&self) -> watch::Receiver<Position> {
        self.seen.subscribe()
    }

    /// How the models do.
    pub fn health(&self) -> ModelsHealth {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The store the models are asked through.
    pub fn store(&self) -> &dyn ReadStore {
        &*self.store
    }

    /// Makes every model anew from the start of the log, beside the ones in use, and swaps them in.
    /// Answers how many rows were written. Sends nothing: a model can only write rows.
    pub async fn rebuild(&self) -> Result<u64, PortError> {
        let fresh = self.store.fresh().await?;
        let mut cursors = at_start();
        let mut rows = fill(&*self.reader, &*fresh, &mut cursors).await?;
        // The last stretch is taken while the loop stands still, so that the places agree at the swap.
        let mut live = self.cursors.lock().await;
        rows += fill(&*self.reader, &*fresh, &mut cursors).await?;
        *live = None;
        FreshStore::swap_in(fresh).await?;
        self.show(&cursors);
        *live = Some(cursors);
        Ok(rows)
    }

    /// Takes in one batch; `false` if there was nothing to take.
    async fn take_batch(&self) -> Result<bool, PortError> {
        let mut held = self.cursors.lock().await;
        let taken = self.take_batch_held(&mut held).await;
        match &taken {
            Ok(_) => self.show(held.as_deref().unwrap_or_default()),
            Err(error) => {
                *held = None;
                self.stall(error);
            }
        }
        taken
    }

    async fn take_batch_held(&self, held: &mut Option<Vec<Cursor>>) -> Result<bool, PortError> {
        let mut cursors = match held.take() {
            Some(cursors) => cursors,
            None => resume(&*self.store).await?,
        };
        let rows = take(&*self.reader, &*self.store, &mut cursors).await?;
        *held = Some(cursors);
        Ok(rows.is_some())
    }

    fn show(&self, cursors: &[Cursor]) {
        let models = cursors.iter().map(|cursor| ModelHealth {
            name: cursor.model.name(),
            next: cursor.next,
            parked: cursor.parked.clone(),
        });
        let health = ModelsHealth { models: models.collect(), stalled: None };
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
        let going = cursors.iter().filter(|cursor| cursor.parked.is_none());
        if let Some(next) = going.map(|cursor| cursor.next).min() {
            self.seen.send_if_modified(|seen| std::mem::replace(seen, next) != next);
        }
    }

    fn stall(&self, error: &PortError) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = error.to_string();
        if health.stalled.as_ref() != Some(&reason) {
            tracing::error!(%error, "read models stand still");
            health.stalled = Some(reason);
        }
    }
}

impl std::fmt::Debug for ReadModels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadModels").field("health", &self.health()).finish_non_exhaustive()
    }
}

fn at_start() -> Vec<Cursor> {
    let start = |model| Cursor { model, next: Position(0), parked: None };
    MODELS.iter().copied().map(start).collect()
}

async fn resume(store: &dyn ReadStore) -> Result<Vec<Cursor>, PortError> {
    let positions = store.positions().await?;
    let mut cursors = at_start();
    for cursor in &mut cursors {
        cursor.next = positions.get(cursor.model.name()).copied().unwrap_or_default();
    }
    Ok(cursors)
}

/// Takes in what there is. Answers the number of rows written.
async fn fill(
    reader: &dyn EventReader,
    store: &dyn FreshStore,
    cursors: &mut [Cursor],
) -> Result<u64, PortError> {
    let mut rows = 0;
    while let Some(more) = take(reader, store, cursors).await? {
        rows += more as u64;
    }
    Ok(rows)
}

/// Takes in one batch for the models that are furthest behind; the others skip what they have seen.
/// Answers the number of rows written, or nothing if there was nothing to take.
async fn take<S: ReadStore + ?Sized>(
    reader: &dyn EventReader,
    store: &S,
    cursors: &mut [Cursor],
) -> Result<Option<usize>, PortError> {
    let going = cursors.iter().filter(|cursor| cursor.parked.is_none());
    let Some(from) = going.map(|cursor| cursor.next).min() else { return Ok(None) };
    let lines = reader.read_all(from, BATCH).await?;
    if lines.is_empty() {
        return Ok(None);
    }
    let events: Vec<(Position, Result<LoggedEvent, LineError>)> =
        lines.iter().map(|line: &Line| (line.position, LoggedEvent::read(line))).collect();
    let taken: Vec<(Cursor, Changes)> = cursors.iter().map(|c| take_events(c, &events)).collect();
    let steps: Vec<ModelStep<'_>> = cursors
        .iter()
        .zip(&taken)
        .filter(|(before, (after, _))| before.next != after.next)
        .map(|(before, (after, changes))| ModelStep {
            model: before.model.name(),
            from: before.next,
            to: after.next,
            changes,
        })
        .collect();
    store.write(&steps).await?;
    let rows = steps.iter().map(|step| step.changes.len()).sum();
    for (cursor, (after, _)) in cursors.iter_mut().zip(taken) {
        *cursor = after;
    }
    Ok(Some(rows))
}

/// What one model makes of a batch: where it then stands, and its rows.
fn take_events(
    before: &Cursor,
    events: &[(Position, Result<LoggedEvent, LineError>)],
) -> (Cursor, Changes) {
    let mut cursor = before.clone();
    let mut changes = Changes::default();
    for (position, seen) in events {
        if cursor.parked.is_some() {
            break;
        }
        if *position < cursor.next {
            continue;
        }
        let taken = match seen {
            Ok(seen) => seen.give(cursor.model, &mut changes),
            Err(_) => Err(Refused("the line cannot be read")),
        };
        match taken {
            Ok(()) => cursor.next = Position(position.0 + 1),
            Err(Refused(reason)) => {
                let model = cursor.model.name();
                tracing::error!(model, %position, reason, "read model parked");
                cursor.next = *position;
                cursor.parked =
                    Some(ParkedModel { position: *position, reason: reason.to_owned() });
            }
        }
    }
    (cursor, changes)
}
