//! A page that was recorded as shown was not to be seen, or not whole: said before it is handed out.

use std::collections::BTreeSet;

use domain::access::event::PageNotDrawn;
use domain::access::page_loss::PageLoss;
use domain::chart::Chart;
use domain::ids::{DoctorId, EventId, PatientId, StreamName, ViewingId};
use domain::time::Moment;

use super::show_page::ShowPageRejection;
use crate::decide::{Command, Decided, Decision};

/// Records what was not to be seen of a page. It asks no rule: nothing is shown by it, and what was not seen
/// is said of a viewing that is over, too.
#[derive(Debug, Clone)]
pub struct NotePageNotDrawn {
    /// Whose record.
    pub patient: PatientId,
    /// Who looked.
    pub doctor: DoctorId,
    /// In which viewing.
    pub viewing: ViewingId,
    /// Page number, from 1.
    pub page: u32,
    /// The event that says the page was shown.
    pub shown: EventId,
    /// What was not to be seen; nothing is recorded of nothing.
    pub missing: BTreeSet<PageLoss>,
}

impl Command for NotePageNotDrawn {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        let viewing = chart.access.viewing_of(self.doctor, self.viewing);
        let viewing = viewing.ok_or(ShowPageRejection::NoSuchViewing)?;
        if self.missing.is_empty() || viewing.not_drawn.contains_key(&self.shown) {
            return Ok(Decided::Already(()));
        }
        let Self { doctor, viewing: id, page, shown, ref missing, .. } = *self;
        let (report, missing) = (viewing.opened.report, missing.clone());
        Ok(Decided::record(PageNotDrawn { viewing: id, report, doctor, page, shown, missing }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::end_viewing::EndViewing;
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use crate::spec::Given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, EVE, PAGE_EVENT, VIEWING};

    fn note() -> NotePageNotDrawn {
        let missing = samples::page_not_drawn().missing;
        let (patient, doctor, viewing) = (ANA, BO, VIEWING);
        NotePageNotDrawn { patient, doctor, viewing, page: 1, shown: PAGE_EVENT, missing }
    }

    fn viewing() -> Given {
        issued().done(Actor::Doctor(BO), &REDEEM)
    }

    #[test]
    fn what_was_missing_on_a_page_is_recorded() {
        viewing().when(&note()).then(&[samples::page_not_drawn().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        viewing().twice::<NotePageNotDrawn>(Actor::Doctor(BO), &note());
    }

    #[test]
    fn nothing_missing_is_nothing_to_record() {
        viewing().when(&NotePageNotDrawn { missing: BTreeSet::new(), ..note() }).then_nothing();
    }

    #[test]
    fn it_is_said_of_a_viewing_that_ended_meanwhile() {
        let end = EndViewing { patient: ANA, doctor: BO, viewing: VIEWING };
        let ended = viewing().done(Actor::Doctor(BO), &end);
        ended.when(&note()).then_kinds(&["access.page_not_drawn.v1"]);
    }

    #[test]
    fn of_somebody_elses_viewing_nothing_can_be_said() {
        viewing().when(&NotePageNotDrawn { doctor: EVE, ..note() }).refused("no_such_viewing");
        issued().when(&note()).refused("no_such_viewing");
    }
}
