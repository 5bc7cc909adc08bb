//! The log as the read side sees it.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::event_store::EventStore;
use domain::journal::{Leaf, Line, Position};
use projections::ports::{EventReader, PortError};
use tokio::sync::watch;

/// Lets read models read any event store, and do nothing else with it.
pub struct LogReader(pub Arc<dyn EventStore>);

#[async_trait]
impl EventReader for LogReader {
    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, PortError> {
        let lines = self.0.read_all(from, limit).await;
        lines.map_err(|error| PortError { what: "event store", source: Box::new(error) })
    }

    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, PortError> {
        let leaves = self.0.leaves(from, limit).await;
        leaves.map_err(|error| PortError { what: "event store", source: Box::new(error) })
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.0.newest()
    }
}
