//! Folding: what is true now is what the facts of a stream add up to.

use crate::actor::Actor;
use crate::fact::Fact;
use crate::ids::{EventId, StreamName};
use crate::journal::{Position, StreamVersion};
use crate::time::Moment;

/// A fact as it stands in the log.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Place in the whole log.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamName,
    /// Place in its stream.
    pub version: StreamVersion,
    /// The event's id.
    pub id: EventId,
    /// The time the decision used.
    pub time: Moment,
    /// Who did it.
    pub actor: Actor,
    /// On whose behalf, where somebody acted for another.
    pub behalf: Option<Actor>,
    /// The event it reacts to, of what happened by itself.
    pub cause_event: Option<EventId>,
    /// What happened.
    pub fact: Fact,
}

/// A state that a stream of facts adds up to.
///
/// `evolve` never fails and never reads anything but its arguments: a fact that is not this state's
/// business changes nothing.
pub trait Fold: Default + Clone + Send + Sync + 'static {
    /// Takes in the next fact.
    fn evolve(&mut self, recorded: &Recorded);
}
