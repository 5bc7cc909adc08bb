//! A doctor reads clinical text in a list: one event for viewer, session, kind and ten minutes.

use domain::access::event::{ClinicalList, ClinicalListShown};
use domain::access::policy::{PersonalTextPermit, Rule, v2};
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::identity::doctor::Doctor;
use domain::identity::session::Session;
use domain::ids::{DoctorId, PatientId, SessionId, StreamName};
use domain::time::Moment;

use super::refusal::{record_streams, rejection};
use crate::decide::{Command, Decided, Decision, Refusal};

/// A doctor opens a list that shows clinical text of one patient.
#[derive(Debug, Clone)]
pub struct ShowClinicalList {
    /// Whose record.
    pub patient: PatientId,
    /// Who reads.
    pub doctor: DoctorId,
    /// The reader's session: one event counts for it and its list for ten minutes.
    pub session: SessionId,
    /// What kind of list.
    pub list: ClinicalList,
}

impl Command for ShowClinicalList {
    type States = (Chart, Doctor, Session);
    type Done = PersonalTextPermit;

    fn streams(&self) -> Vec<StreamName> {
        record_streams(self.patient, self.doctor, self.session)
    }

    fn decide(
        &self,
        (chart, doctor, session): (&Chart, &Doctor, &Session),
        now: Moment,
    ) -> Decision<Self::Done> {
        let refuse = |rule| Err(Refusal { record: vec![], because: rejection(rule) });
        let link = v2::may_list(chart, doctor, Reader::doctor(self.doctor), now);
        if link == Err(Rule::OnlyAVerifiedDoctor) {
            return refuse(Rule::OnlyAVerifiedDoctor);
        }
        if !session.is_open_for(Actor::Doctor(self.doctor), now) {
            return refuse(Rule::OnlyAnOpenSession);
        }
        let ground = match link {
            Ok(ground) => ground,
            Err(rule) => return refuse(rule),
        };
        let viewer = Actor::Doctor(self.doctor);
        let session = self.session;
        if let Some(permit) =
            PersonalTextPermit::of_earlier_words(chart, viewer, session, self.list, now)
        {
            return Ok(Decided::Already(permit));
        }
        Ok(Decided::record(ClinicalListShown { viewer, session, list: self.list, ground }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::issue_view_token::tests::granted;
    use crate::spec::given;
    use domain::samples::{ANA, BO, SESSION};
    use domain::time::minutes;

    const READ: ShowClinicalList = ShowClinicalList {
        patient: ANA,
        doctor: BO,
        session: SESSION,
        list: ClinicalList::ReportTitles,
    };

    #[test]
    fn a_list_of_titles_is_an_event() {
        granted(|_| {}).when(&READ).then_kinds(&["access.clinical_list_shown.v1"]);
    }

    #[test]
    fn doing_it_twice_adds_nothing_for_ten_minutes() {
        let read = granted(|_| {}).twice::<ShowClinicalList>(Actor::Doctor(BO), &READ);
        let read = read.later(minutes(9));
        read.when(&READ).then_nothing();
        read.later(minutes(1)).when(&READ).then_kinds(&["access.clinical_list_shown.v1"]);
    }

    #[test]
    fn without_a_link_there_is_no_such_record() {
        given().the_cast().when(&READ).refused("not_found");
        granted(|_| {}).bo_suspended().when(&READ).refused("only_a_verified_doctor");
    }
}
