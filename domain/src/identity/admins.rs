//! Who is an admin, how the first one comes in, and what an admin was shown.

use std::collections::BTreeSet;

use super::event::{AdminFact, AdminsFact};
use super::name_lists::NameListsShown;
use crate::fold::{Fold, Recorded};
use crate::ids::{AdminId, TokenHash};
use crate::time::Moment;

/// What the stream `admins` folds to.
#[derive(Debug, Clone, Default)]
pub struct Admins {
    /// The newest one-time link: hash of its token and when it dies. None once an admin exists.
    pub link: Option<(TokenHash, Moment)>,
    /// Everybody who was let in; accounts alone are not admins.
    pub admitted: BTreeSet<AdminId>,
}

impl Fold for Admins {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.admins() else { return };
        match fact {
            AdminsFact::LinkIssued(issued) => self.link = Some((issued.token_hash, issued.until)),
            AdminsFact::Admitted(admitted) => {
                self.link = None;
                self.admitted.insert(admitted.admin);
            }
        }
    }
}

/// What an admin's own stream folds to.
#[derive(Debug, Clone, Default)]
pub struct AdminAccount {
    /// Whether the account was made.
    pub registered: bool,
    /// The names they were shown.
    pub name_lists_shown: NameListsShown,
}

impl Fold for AdminAccount {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.admin() else { return };
        match fact {
            AdminFact::Registered(_) => self.registered = true,
            AdminFact::NameListShown(shown) => {
                let key = (shown.list, shown.session);
                self.name_lists_shown.insert(key, (recorded.time, recorded.id));
            }
        }
    }
}
