//! What the read side needs from the world.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::{EventId, Owner};
use domain::journal::{Line, Position};
use tokio::sync::watch;

use crate::query::{Query, Row};
use crate::table::Changes;

/// A failure of a port, its source kept.
#[derive(Debug, thiserror::Error)]
#[error("{what} failed: {source}")]
pub struct PortError {
    /// Which role.
    pub what: &'static str,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Reads the log in position order.
#[async_trait]
pub trait EventReader: Send + Sync {
    /// At most `limit` lines from `from` on; fewer only at the end.
    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, PortError>;

    /// The newest durable position; changes wake whoever waits.
    fn newest(&self) -> watch::Receiver<Option<Position>>;
}

/// Opens sealed personal text. Called by [`crate::personal_text`] only, which asks for a permit.
#[async_trait]
pub trait Unseal: Send + Sync {
    /// The words, or `None` where the key was destroyed.
    async fn unseal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        sealed: &str,
    ) -> Result<Option<String>, PortError>;
}

/// What one model makes of a run of events: its rows and its place move together or not at all.
#[derive(Debug)]
pub struct ModelStep<'a> {
    /// The model's name.
    pub model: &'static str,
    /// Where it stood.
    pub from: Position,
    /// Where it stands afterwards: the first position it has not seen.
    pub to: Position,
    /// The rows.
    pub changes: &'a Changes,
}

/// Keeps the rows of read models. It holds nothing that is not in the log, so it may be thrown away.
#[async_trait]
pub trait ReadStore: Send + Sync {
    /// Where each model stands: the first position it has not seen. A model that is missing starts at 0.
    ///
    /// A store that found itself damaged starts anew here, and says so by answering nothing.
    async fn positions(&self) -> Result<BTreeMap<String, Position>, PortError>;

    /// Writes all steps and the models' places in one transaction; fails, changing nothing, if a model
    /// does not stand where its step begins.
    async fn write(&self, steps: &[ModelStep<'_>]) -> Result<(), PortError>;

    /// Answers all queries from one state of the store, rows in the order asked.
    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, PortError>;

    /// An empty store beside this one, to be filled and swapped in.
    async fn fresh(&self) -> Result<Box<dyn FreshStore>, PortError>;
}

/// A store that is being filled from the start of the log.
#[async_trait]
pub trait FreshStore: ReadStore {
    /// Takes the place of the store it was made by: whole, or not at all.
    async fn swap_in(self: Box<Self>) -> Result<(), PortError>;
}
