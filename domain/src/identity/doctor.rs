//! What a doctor's stream folds to: may this doctor act, and what lists of names were they shown.

use std::collections::BTreeMap;

use super::event::{DoctorFact, NameList};
use crate::fact::Fact;
use crate::fold::{Fold, Recorded};
use crate::ids::{EventId, SessionId};
use crate::time::Moment;

/// A doctor's standing with the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nobody by this id.
    #[default]
    Unknown,
    /// Registered, not yet verified.
    Pending,
    /// Verified: may act.
    Verified,
    /// Turned down.
    Rejected,
    /// Verified once, stopped now.
    Suspended,
}

/// A doctor's account.
#[derive(Debug, Clone, Default)]
pub struct Doctor {
    /// May they act?
    pub standing: Standing,
    /// The names they were shown, by list and session, and the event that says so.
    pub name_lists_shown: NameListsShown,
}

/// Lists of names shown to one viewer: the newest event for each list and session.
pub type NameListsShown = BTreeMap<(NameList, SessionId), (Moment, EventId)>;

impl Fold for Doctor {
    fn evolve(&mut self, recorded: &Recorded) {
        let Fact::Doctor(fact) = &recorded.fact else { return };
        match fact {
            DoctorFact::Registered(_) => self.standing = Standing::Pending,
            DoctorFact::Verified(_) | DoctorFact::Reinstated(_) => {
                self.standing = Standing::Verified
            }
            DoctorFact::Rejected(_) => self.standing = Standing::Rejected,
            DoctorFact::Suspended(_) => self.standing = Standing::Suspended,
            DoctorFact::NameListShown(shown) => {
                let key = (shown.list, shown.session);
                self.name_lists_shown.insert(key, (recorded.time, recorded.id));
            }
        }
    }
}
