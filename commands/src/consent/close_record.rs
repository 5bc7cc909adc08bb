//! A patient closes the whole record, by one switch. Nothing of it is read by anybody else from then on; what
//! they bring themselves is still taken.

use domain::access::policy::Rule;
use domain::chart::Chart;
use domain::consent::event::RecordClosed;
use domain::ids::{PatientId, StreamName};
use domain::time::Moment;

use super::shut_viewings::ends_of_what_is_shut;
use crate::decide::{Command, Decided, Decision};

/// A patient closes their record, or says anew whether an emergency passes.
#[derive(Debug, Clone)]
pub struct CloseRecord {
    /// Whose record.
    pub patient: PatientId,
    /// Whether an emergency still passes.
    pub emergency_passes: bool,
}

impl Command for CloseRecord {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), now: Moment) -> Decision<Self::Done> {
        let emergency_passes = self.emergency_passes;
        if chart.bars.closed().is_some_and(|bar| bar.emergency_passes == emergency_passes) {
            return Ok(Decided::Already(()));
        }
        let ends = ends_of_what_is_shut(chart, now, Rule::RecordClosed, |_, _| true);
        Ok(Decided::record_with(RecordClosed { emergency_passes }, ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::end_viewing::EndViewing;
    use crate::access::issue_view_token::tests::{ASK, granted};
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use crate::access::show_clinical_list::ShowClinicalList;
    use crate::access::show_page::ShowPage;
    use crate::consent::open_record::OpenRecord;
    use crate::spec::given;
    use domain::access::event::{ClinicalList, ViewRefused};
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, REPORT, SESSION, VIEWING};

    const CLOSE: CloseRecord = CloseRecord { patient: ANA, emergency_passes: true };
    const OPEN: OpenRecord = OpenRecord { patient: ANA };

    #[test]
    fn a_patient_closes_the_record() {
        given().the_cast().when(&CLOSE).then(&[samples::record_closed().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing_but_what_is_new_of_emergencies() {
        let closed = given().the_cast().twice::<CloseRecord>(Actor::Patient(ANA), &CLOSE);
        let to_all = CloseRecord { emergency_passes: false, ..CLOSE };
        closed.when(&to_all).then_kinds(&["consent.record_closed.v1"]);
    }

    #[test]
    fn what_is_open_ends_with_it_and_is_as_if_it_had_never_been() {
        let viewing = issued().done(Actor::Doctor(BO), &REDEEM);
        let ended = samples::viewing_stopped(Rule::RecordClosed);
        viewing.when(&CLOSE).then(&[samples::record_closed().into(), ended.into()]);
        let closed = viewing.done(Actor::Patient(ANA), &CLOSE);
        let page = ShowPage {
            patient: ANA,
            doctor: BO,
            session: SESSION,
            viewing: VIEWING,
            page: 1,
            region: None,
        };
        assert_eq!(closed.when(&page).refused("no_such_viewing"), []);
        let end = EndViewing { patient: ANA, doctor: BO, viewing: VIEWING };
        closed.when(&end).refused("no_such_viewing");
        // Opened again, what ended stays ended.
        closed.done(Actor::Patient(ANA), &OPEN).when(&page).refused("viewing_ended");
    }

    #[test]
    fn a_token_that_was_not_used_is_of_no_use_any_more() {
        let closed = issued().done(Actor::Patient(ANA), &CLOSE);
        assert_eq!(closed.when(&REDEEM).refused("no_such_token"), []);
        closed.done(Actor::Patient(ANA), &OPEN).when(&REDEEM).refused("no_such_token");
    }

    #[test]
    fn a_consent_opens_nothing_of_it_and_its_patient_hears_by_which_rule() {
        let closed = granted(|_| {}).done(Actor::Patient(ANA), &CLOSE);
        let rule = Rule::RecordClosed;
        let policy = domain::access::policy::CURRENT;
        let refused = ViewRefused { rule, policy, ..samples::view_refused() };
        assert_eq!(closed.when(&ASK).refused("not_found"), [refused.into()]);
        let list = ClinicalList::ReportTitles;
        let read = ShowClinicalList { patient: ANA, doctor: BO, session: SESSION, list };
        closed.when(&read).refused("not_found");
        assert_eq!(ASK.report, REPORT);
        let opened = closed.done(Actor::Patient(ANA), &OPEN);
        opened.when(&ASK).then_kinds(&["access.view_token_issued.v1"]);
    }
}
