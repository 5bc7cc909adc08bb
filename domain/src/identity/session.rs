//! What a session's stream folds to.

use super::event::{Client, SessionFact};
use crate::actor::Actor;
use crate::fact::Fact;
use crate::fold::{Fold, Recorded};
use crate::time::Moment;

/// One session.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Whose, with what, until when; none before it opened.
    pub opened: Option<(Actor, Client, Moment)>,
    /// Whether it ended before its time.
    pub ended: bool,
}

impl Session {
    /// Whether `actor` holds this session open at `now`.
    pub fn is_open_for(&self, actor: Actor, now: Moment) -> bool {
        !self.ended
            && self.opened.is_some_and(|(account, _, until)| account == actor && now < until)
    }
}

impl Fold for Session {
    fn evolve(&mut self, recorded: &Recorded) {
        let Fact::Session(fact) = &recorded.fact else { return };
        match fact {
            SessionFact::Opened(opened) => {
                self.opened = Some((opened.account, opened.client, opened.until));
            }
            SessionFact::Ended(_) => self.ended = true,
        }
    }
}
