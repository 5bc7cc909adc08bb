//! How far each reaction has come in the log. Work state: kept, and never rebuilt.

use async_trait::async_trait;
use domain::journal::Position;

use super::credentials::WorkError;

/// A place in the log for each reaction, by its name.
#[async_trait]
pub trait Cursors: Send + Sync {
    /// The first position that the reaction has not taken care of; none if it never stood anywhere.
    async fn cursor(&self, reaction: &str) -> Result<Option<Position>, WorkError>;

    /// Keeps it durably. A reaction that is killed before this begins at the place before, again.
    async fn keep_cursor(&self, reaction: &str, next: Position) -> Result<(), WorkError>;
}
