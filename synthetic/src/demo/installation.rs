//! Where the clinic is made up: an installation, handed in by whoever built it.

use async_trait::async_trait;
use commands::access::viewing::ViewingError;
use commands::application::Application;
use commands::identity::log_in::LogInError;
use domain::journal::{Line, Position};

/// A running installation, as far as the clinic has to do with one.
#[async_trait]
pub trait Installation: Send + Sync {
    /// Every flow, as REST calls them.
    fn application(&self) -> &Application;

    /// The code that a doctor is told who is not shown what they asked for.
    fn code_of_viewing(&self, error: ViewingError) -> String;

    /// The code that somebody is told who does not get in.
    fn code_of_log_in(&self, error: LogInError) -> String;

    /// At most `limit` lines of the log from `from` on.
    async fn lines(&self, from: Position, limit: usize) -> anyhow::Result<Vec<Line>>;
}
