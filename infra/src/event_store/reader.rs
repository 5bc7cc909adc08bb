//! The log as the read side sees it.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::event_store::EventStore;
use domain::journal::{Line, Position};
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

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.0.newest()
    }
}
