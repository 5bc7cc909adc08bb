//! What reactions keep, for tests: same words, no disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::WorkError;
use commands::ports::cursors::Cursors;
use commands::ports::due_list::{Due, DueList};
use commands::ports::receipts::{AnchorReceipt, Receipts};
use domain::ids::EventId;
use domain::journal::Position;
use domain::time::Moment;

/// Cursors and receipts in two maps.
#[derive(Default)]
pub struct MemoryReactions {
    kept: Mutex<ReactionsKept>,
}

#[derive(Default)]
struct ReactionsKept {
    cursors: BTreeMap<String, Position>,
    receipts: BTreeMap<u64, Due<AnchorReceipt>>,
    numbers: u64,
}

impl MemoryReactions {
    fn kept(&self) -> MutexGuard<'_, ReactionsKept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cursors for MemoryReactions {
    async fn cursor(&self, reaction: &str) -> Result<Option<Position>, WorkError> {
        Ok(self.kept().cursors.get(reaction).copied())
    }

    async fn keep_cursor(&self, reaction: &str, next: Position) -> Result<(), WorkError> {
        self.kept().cursors.insert(reaction.to_owned(), next);
        Ok(())
    }
}

#[async_trait]
impl DueList<AnchorReceipt> for MemoryReactions {
    async fn due(
        &self,
        _now: Moment,
        place: u64,
        limit: usize,
    ) -> Result<Option<Vec<Due<AnchorReceipt>>>, WorkError> {
        let kept = self.kept();
        Ok(Some(kept.receipts.range(place..).take(limit).map(|(_, due)| due.clone()).collect()))
    }

    async fn settle(&self, due: &Due<AnchorReceipt>) -> Result<(), WorkError> {
        self.kept().receipts.remove(&due.place);
        Ok(())
    }
}

#[async_trait]
impl Receipts for MemoryReactions {
    async fn keep(
        &self,
        cause: EventId,
        position: Position,
        receipt: &AnchorReceipt,
    ) -> Result<(), WorkError> {
        let mut kept = self.kept();
        if kept.receipts.values().any(|due| due.what == *receipt) {
            return Ok(());
        }
        kept.numbers += 1;
        let place = kept.numbers;
        kept.receipts.insert(place, Due { place, cause, position, what: receipt.clone() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::conformance::reactions::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryReactions::default())));
}
