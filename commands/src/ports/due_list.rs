//! What is due: things whose time has come, each with the event that is the reason for it.

use async_trait::async_trait;
use domain::ids::EventId;
use domain::journal::Position;
use domain::time::Moment;

use super::credentials::WorkError;

/// One thing that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<T> {
    /// Its place in the list: no two have the same, and a list runs by it.
    pub place: u64,
    /// The event that made it due one day.
    pub cause: EventId,
    /// Where that event stands.
    pub position: Position,
    /// What is due.
    pub what: T,
}

/// A list of what is due, kept by somebody else: by a read model, or in the work store.
///
/// It is a hint. It may be late and it may be wrong; the command that is made of an entry decides again on
/// the streams. What it must not do is to lose an entry for good before it was settled.
#[async_trait]
pub trait DueList<T>: Send + Sync {
    /// At most `limit` entries that are due at `now`, from `place` on, by place; fewer only at the end.
    /// Nothing at all while the list is being filled: it would name what is long settled.
    async fn due(
        &self,
        now: Moment,
        place: u64,
        limit: usize,
    ) -> Result<Option<Vec<Due<T>>>, WorkError>;

    /// The entry was taken care of: its events are durable, or there was nothing to do. A list that hears of
    /// events by itself has nothing to do here.
    async fn settle(&self, due: &Due<T>) -> Result<(), WorkError>;
}
