//! What a session's stream folds to.

use super::event::{SessionFact, SessionOpened};
use crate::actor::Actor;
use crate::fold::{Fold, Recorded};
use crate::time::Moment;

/// One session.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// As opened; none before.
    pub opened: Option<SessionOpened>,
    /// Whether it ended before its time.
    pub ended: bool,
}

impl Session {
    /// Whether `actor` holds this session open at `now`.
    pub fn is_open_for(&self, actor: Actor, now: Moment) -> bool {
        let opened = self.opened.as_ref();
        !self.ended && opened.is_some_and(|open| open.account == actor && now < open.until)
    }
}

impl Fold for Session {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.session() else { return };
        match fact {
            SessionFact::Opened(opened) => self.opened = Some(opened.clone()),
            SessionFact::Ended(_) => self.ended = true,
        }
    }
}
