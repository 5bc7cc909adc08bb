//! Lists of names that were shown, to doctors and admins alike.

use std::collections::BTreeMap;

use super::event::{AdminNameListShown, DoctorNameListShown, NameList};
use crate::fact::Fact;
use crate::ids::{EventId, SessionId};
use crate::time::Moment;

/// Lists of names shown to one viewer: the newest event for each list and session.
pub type NameListsShown = BTreeMap<(NameList, SessionId), (Moment, EventId)>;

impl Fact {
    /// Which list of names was shown, and in which session, if it says so, whoever saw it.
    pub fn name_list_shown(&self) -> Option<(NameList, SessionId)> {
        let doctor = self.body::<DoctorNameListShown>().map(|shown| (shown.list, shown.session));
        let admin = || self.body::<AdminNameListShown>().map(|shown| (shown.list, shown.session));
        doctor.or_else(admin)
    }
}
