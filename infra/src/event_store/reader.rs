//! The log as those see it who only read: read models, and the transparency log over it.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::event_store::EventStore;
use domain::journal::{Leaf, Line, Position};
use projections::ports::{EventReader, PortError};
use tokio::sync::watch;
use transparency::ports::{LogPortError, LogSource};

/// Lets read models and the transparency log read any event store, and do nothing else with it.
pub struct LogReader(pub Arc<dyn EventStore>);

/// The role that failed, as both sides call it.
const EVENT_STORE: &str = "event store";

#[async_trait]
impl EventReader for LogReader {
    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, PortError> {
        let lines = self.0.read_all(from, limit).await;
        lines.map_err(|error| PortError { what: EVENT_STORE, source: Box::new(error) })
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.0.newest()
    }
}

#[async_trait]
impl LogSource for LogReader {
    async fn lines(&self, from: Position, limit: usize) -> Result<Vec<Line>, LogPortError> {
        let lines = self.0.read_all(from, limit).await;
        lines.map_err(|error| LogPortError { what: EVENT_STORE, source: Box::new(error) })
    }

    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, LogPortError> {
        let leaves = self.0.leaves(from, limit).await;
        leaves.map_err(|error| LogPortError { what: EVENT_STORE, source: Box::new(error) })
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.0.newest()
    }
}
