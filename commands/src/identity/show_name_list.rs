//! A doctor or an admin reads a list of names: one event on their own stream for session, list and ten
//! minutes.

use domain::access::policy::{PersonalTextPermit, Rule};
use domain::actor::Actor;
use domain::identity::admins::{AdminAccount, Admins};
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::{AdminNameListShown, DoctorNameListShown, NameList};
use domain::identity::session::Session;
use domain::ids::{AdminId, DoctorId, SessionId, StreamName};
use domain::time::Moment;

use super::verify_doctor::StandingRejection;
use crate::access::refusal::rejection;
use crate::decide::{Command, Decided, Decision, Refusal};

/// A doctor's order.
#[derive(Debug, Clone)]
pub struct ShowDoctorNameList {
    /// Who reads.
    pub doctor: DoctorId,
    /// In which session.
    pub session: SessionId,
    /// Which list.
    pub list: NameList,
}

impl Command for ShowDoctorNameList {
    type States = (Doctor, Session);
    type Done = PersonalTextPermit;

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::doctor(self.doctor), StreamName::session(self.session)]
    }

    fn decide(&self, (doctor, session): (&Doctor, &Session), now: Moment) -> Decision<Self::Done> {
        let reader = Actor::Doctor(self.doctor);
        let refuse = |rule| Err(Refusal { record: vec![], because: rejection(rule) });
        if doctor.standing != Standing::Verified {
            return refuse(Rule::OnlyAVerifiedDoctor);
        }
        if !session.is_open_for(reader, now) {
            return refuse(Rule::OnlyAnOpenSession);
        }
        let (list, session) = (self.list, self.session);
        let known = PersonalTextPermit::of_earlier_names(
            &doctor.name_lists_shown,
            reader,
            session,
            list,
            now,
        );
        Ok(match known {
            Some(permit) => Decided::Already(permit),
            None => Decided::record(DoctorNameListShown { list, session }),
        })
    }
}

/// An admin's order.
#[derive(Debug, Clone)]
pub struct ShowAdminNameList {
    /// Who reads.
    pub admin: AdminId,
    /// In which session.
    pub session: SessionId,
    /// Which list.
    pub list: NameList,
}

impl Command for ShowAdminNameList {
    type States = (AdminAccount, Admins, Session);
    type Done = PersonalTextPermit;

    fn streams(&self) -> Vec<StreamName> {
        vec![
            StreamName::account(self.admin),
            StreamName::admins(),
            StreamName::session(self.session),
        ]
    }

    fn decide(
        &self,
        (account, admins, session): (&AdminAccount, &Admins, &Session),
        now: Moment,
    ) -> Decision<Self::Done> {
        let reader = Actor::Admin(self.admin);
        if !admins.admitted.contains(&self.admin) {
            return Err(StandingRejection::NotAnAdmin.into());
        }
        if !session.is_open_for(reader, now) {
            let because = rejection(Rule::OnlyAnOpenSession);
            return Err(Refusal { record: vec![], because });
        }
        let (list, session) = (self.list, self.session);
        let known = PersonalTextPermit::of_earlier_names(
            &account.name_lists_shown,
            reader,
            session,
            list,
            now,
        );
        Ok(match known {
            Some(permit) => Decided::Already(permit),
            None => Decided::record(AdminNameListShown { list, session }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Given, given};
    use domain::samples::{BO, CY, SESSION};
    use domain::time::minutes;

    const BO_READS: ShowDoctorNameList =
        ShowDoctorNameList { doctor: BO, session: SESSION, list: NameList::MyPatients };
    const CY_READS: ShowAdminNameList =
        ShowAdminNameList { admin: CY, session: SESSION, list: NameList::VerificationQueue };

    fn with_an_admin() -> Given {
        given().cy_admitted().session(Actor::Admin(CY))
    }

    #[test]
    fn a_list_of_names_is_an_event_on_the_readers_stream() {
        given().the_cast().when(&BO_READS).then_kinds(&["identity.doctor_name_list_shown.v1"]);
        with_an_admin().when(&CY_READS).then_kinds(&["identity.admin_name_list_shown.v1"]);
    }

    #[test]
    fn doing_it_twice_adds_nothing_for_ten_minutes() {
        let read = given().the_cast().twice::<ShowDoctorNameList>(Actor::Doctor(BO), &BO_READS);
        let read = read.later(minutes(9));
        read.when(&BO_READS).then_nothing();
        read.later(minutes(1)).when(&BO_READS).then_kinds(&["identity.doctor_name_list_shown.v1"]);
        with_an_admin().twice::<ShowAdminNameList>(Actor::Admin(CY), &CY_READS);
    }

    #[test]
    fn who_may_not_act_is_shown_nobody() {
        given().bo_registered().when(&BO_READS).refused("only_a_verified_doctor");
        given().the_cast().later(minutes(720)).when(&BO_READS).refused("only_an_open_session");
        given().session(Actor::Admin(CY)).when(&CY_READS).refused("not_an_admin");
    }
}
