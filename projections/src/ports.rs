//! What the read side needs from the world.

use async_trait::async_trait;
use domain::ids::{EventId, Owner};
use domain::journal::{Line, Position};
use tokio::sync::watch;

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

/// Opens sealed words. Called by [`crate::words`] only, which asks for a permit.
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
