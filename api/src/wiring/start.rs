//! What a start reads of the log before anything else is opened.

use anyhow::Context as _;
use commands::ports::event_store::EventStore;
use domain::ids::StreamName;
use domain::journal::{Envelope, Line, Position};
use domain::time::Moment;

/// What the two ends of the log say about it.
pub(super) struct Start {
    /// Time of the newest event.
    pub(super) newest: Moment,
    /// The log's origin: its first event's, for older lines come along when a log is continued.
    pub(super) origin: Option<String>,
    /// The stream in which the log speaks of itself.
    pub(super) log_stream: StreamName,
}

impl Start {
    /// Reads both.
    pub(super) async fn of(events: &dyn EventStore) -> anyhow::Result<Self> {
        let newest = *events.newest().borrow();
        let Some(newest) = newest else {
            let log_stream = StreamName::log(0);
            return Ok(Self { newest: Moment::default(), origin: None, log_stream });
        };
        let (first, last) = (line_at(events, Position(0)).await?, line_at(events, newest).await?);
        let (first, last) = (envelope(&first)?, envelope(&last)?);
        // Whatever else it is, known or not: no continuation.
        let log_stream = first.continued().map_or(StreamName::log(0), |_| first.stream.clone());
        Ok(Self { newest: last.time, origin: Some(first.source.to_owned()), log_stream })
    }
}

/// The line at a position.
pub(super) async fn line_at(events: &dyn EventStore, position: Position) -> anyhow::Result<Line> {
    let mut lines = events.read_all(position, 1).await?;
    lines.pop().with_context(|| format!("the event at position {position} cannot be read"))
}

/// What is clear of a line of our own.
pub(super) fn envelope(line: &Line) -> anyhow::Result<Envelope<'_>> {
    Envelope::read(&line.bytes).with_context(|| {
        let position = line.position;
        format!("the event at position {position} is not a valid line; run `medlock verify`")
    })
}
