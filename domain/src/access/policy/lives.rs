//! The rules about the lives of tokens and viewings: asked alike when a token is used, when a page is shown
//! and when both are reviewed.

use super::Rule;
use super::v1::Question;
use super::v2;
use crate::access::event::{RecordViewed, ViewingEnd};
use crate::access::state::{Token, Viewing};
use crate::actor::Actor;
use crate::chart::Chart;
use crate::consent::grantee::Reader;
use crate::identity::doctor::Doctor;
use crate::identity::session::Session;
use crate::ids::{DoctorId, SessionId};
use crate::time::Moment;

/// Why a token opens nothing, whatever the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFlaw {
    /// It was issued to another doctor, or in another session.
    OfAnother,
    /// It was used before.
    Used,
    /// It died unused.
    Expired,
}

impl Token {
    /// Whether this doctor, in this session, may use it now.
    pub fn may_be_used(
        &self,
        doctor: DoctorId,
        session: SessionId,
        now: Moment,
    ) -> Result<(), TokenFlaw> {
        if self.issued.doctor != doctor || self.issued.session != session {
            return Err(TokenFlaw::OfAnother);
        }
        if self.redeemed {
            return Err(TokenFlaw::Used);
        }
        if now >= self.issued.until {
            return Err(TokenFlaw::Expired);
        }
        Ok(())
    }
}

impl Viewing {
    /// Whether it may go on: its own life first, then what the patient keeps shut, then the session, then
    /// the rest of the policy. A page names no version: where nothing is kept shut, all answer alike, and
    /// only who knows version 2 keeps anything shut.
    pub fn may_go_on(
        &self,
        (chart, doctor, session): (&Chart, &Doctor, &Session),
        now: Moment,
    ) -> Result<(), Rule> {
        match self.ended {
            Some(ViewingEnd::Closed | ViewingEnd::RuleFailed) => return Err(Rule::ViewingEnded),
            Some(ViewingEnd::Expired) => return Err(Rule::ViewingExpired),
            None if now >= self.opened.until => return Err(Rule::ViewingExpired),
            None => {}
        }
        v2::nothing_shuts(chart, self.reader(), self.opened.report)?;
        if !session.is_open_for(Actor::Doctor(self.opened.doctor), now) {
            return Err(Rule::OnlyAnOpenSession);
        }
        v2::may_continue(chart, doctor, self.question(now), self.opened.ground)
    }

    /// Who looks: for a practice where it was opened for one.
    pub const fn reader(&self) -> Reader {
        self.opened.ground.reader(self.opened.doctor)
    }

    /// What its reader asks at every page.
    pub const fn question(&self, now: Moment) -> Question {
        let RecordViewed { report, purpose, .. } = self.opened;
        Question { reader: self.reader(), report, purpose, now }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::v1;
    use super::*;
    use crate::consent::scope::Purpose;
    use crate::fold::Fold as _;
    use crate::identity::doctor::Standing;
    use crate::ids::StreamName;
    use crate::samples::{self, ANA, BO, EVE, OTHER_SESSION, REPORT, SESSION, noon};

    const A_MOMENT: Duration = Duration::from_micros(1);

    #[test]
    fn a_token_is_of_use_once_to_its_doctor_in_its_session_before_it_dies() {
        let issued = samples::view_token_issued();
        let until = issued.until;
        let token = Token { issued, redeemed: false };
        let last = noon().plus(v1::TOKEN_LIFE.checked_sub(A_MOMENT).unwrap());
        assert_eq!(token.may_be_used(BO, SESSION, last), Ok(()));
        assert_eq!(token.may_be_used(BO, SESSION, until), Err(TokenFlaw::Expired));
        assert_eq!(token.may_be_used(EVE, SESSION, noon()), Err(TokenFlaw::OfAnother));
        assert_eq!(token.may_be_used(BO, OTHER_SESSION, noon()), Err(TokenFlaw::OfAnother));
        let used = Token { redeemed: true, ..token };
        assert_eq!(used.may_be_used(BO, SESSION, noon()), Err(TokenFlaw::Used));
        assert_eq!(used.may_be_used(BO, SESSION, until), Err(TokenFlaw::Used));
        assert_eq!(used.may_be_used(EVE, SESSION, noon()), Err(TokenFlaw::OfAnother));
    }

    fn chart() -> Chart {
        let (stream, ana) = (StreamName::patient(ANA), Actor::Patient(ANA));
        let mut chart = Chart::default();
        chart.evolve(&samples::recorded(stream.clone(), ana, samples::report_uploaded()));
        chart.evolve(&samples::recorded(stream, ana, samples::consent_granted()));
        chart
    }

    fn session() -> Session {
        let mut session = Session::default();
        let stream = StreamName::session(SESSION);
        let bo = Actor::Doctor(BO);
        session.evolve(&samples::recorded(stream, bo, samples::session_opened()));
        session
    }

    #[test]
    fn a_viewing_goes_on_until_its_time_its_session_or_its_consent_is_over() {
        let (chart, session) = (chart(), session());
        let verified = Doctor { standing: Standing::Verified, ..Doctor::default() };
        let viewing = Viewing::new(samples::record_viewed());
        let goes_on =
            |viewing: &Viewing, now| viewing.may_go_on((&chart, &verified, &session), now);
        let last = noon().plus(v1::VIEWING_LIFE.checked_sub(A_MOMENT).unwrap());
        assert_eq!(goes_on(&viewing, last), Ok(()));
        assert_eq!(goes_on(&viewing, viewing.opened.until), Err(Rule::ViewingExpired));
        for (end, rule) in [
            (ViewingEnd::Closed, Rule::ViewingEnded),
            (ViewingEnd::RuleFailed, Rule::ViewingEnded),
            (ViewingEnd::Expired, Rule::ViewingExpired),
        ] {
            let ended = Viewing { ended: Some(end), ..viewing.clone() };
            assert_eq!(goes_on(&ended, noon()), Err(rule), "{end:?}");
        }
        let logged_out = Session { ended: true, ..session.clone() };
        let over = viewing.may_go_on((&chart, &verified, &logged_out), noon());
        assert_eq!(over, Err(Rule::OnlyAnOpenSession));
        let nobody = viewing.may_go_on((&chart, &Doctor::default(), &session), noon());
        assert_eq!(nobody, Err(Rule::OnlyAVerifiedDoctor));
        let empty = Chart::default();
        let gone = viewing.may_go_on((&empty, &verified, &session), noon());
        assert_eq!(gone, Err(Rule::NoSuchReport));
    }

    #[test]
    fn every_page_asks_what_the_viewing_was_opened_for() {
        let viewing = Viewing::new(samples::record_viewed());
        let Question { reader, report, purpose, now } = viewing.question(noon());
        assert_eq!((reader, report), (Reader::doctor(BO), REPORT));
        assert_eq!((purpose, now), (Purpose::Treat, noon()));
    }
}
