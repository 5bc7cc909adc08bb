//! Who asks.

use domain::actor::Actor;
use domain::ids::EventId;

use crate::ports::event_store::Request;

/// Who wants something done, and how often they may say so.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// On whose behalf, where somebody acts for another.
    pub behalf: Option<Actor>,
    /// The event that is reacted to, where nobody asked.
    pub cause_event: Option<EventId>,
    /// The same request a second time is answered by what the first one did.
    pub request: Request,
}

impl Caller {
    /// Somebody who acts for themselves.
    pub const fn new(actor: Actor, request: Request) -> Self {
        Self { actor, behalf: None, cause_event: None, request }
    }
}
