//! A doctor turns to a page of an open viewing. Each page is an event of its own, and each time every rule
//! is asked again: what was revoked, suspended, expired or logged out shows nothing more. A part of a page
//! that was shown a moment ago is asked the same, and adds no event.

use domain::access::event::{PageShown, RecordViewed, ViewingEnd, ViewingEnded};
use domain::access::policy::{AccessPermit, Rule};
use domain::chart::Chart;
use domain::identity::doctor::Doctor;
use domain::identity::session::Session;
use domain::ids::{DoctorId, PatientId, SessionId, StreamName, ViewingId};
use domain::time::Moment;

use super::refusal::{record_streams, rejection};
use crate::decide::{Command, Decided, Decision, Refusal, rejections};
use crate::ports::page_region::PageRegion;

/// Most pages a document may have; also bounds what one viewing can add to the log per page number.
pub const PAGE_MAX: u32 = 2_000;

/// A doctor looks at one page in an open viewing; the policy is asked a third time.
#[derive(Debug, Clone)]
pub struct ShowPage {
    /// Whose record.
    pub patient: PatientId,
    /// Who looks.
    pub doctor: DoctorId,
    /// The session that opened the viewing.
    pub session: SessionId,
    /// The open viewing that the page is part of.
    pub viewing: ViewingId,
    /// Page number, from 1.
    pub page: u32,
    /// Which part of it; all of it where none is named. A page that was shown a moment ago answers for its
    /// parts: they add no event.
    pub region: Option<PageRegion>,
}

rejections! {
    /// Why no page is shown, rules of the policy apart.
    ShowPageRejection {
        /// Unknown, somebody else's, or of another session: all alike.
        NoSuchViewing = NotFound, "no_such_viewing", "There is no such viewing in this session.", "Ask for a view token and redeem it.";
        /// Out of bounds.
        NoSuchPage = NotFound, "no_such_page", "There is no such page.", "Pages are numbered from 1; the viewing says how many there are.";
        /// Beside the page.
        NoSuchRegion = NotFound, "no_such_region", "The page has no such part.", "Medlock-Page-Size, with each picture of the page, says how large it is.";
    }
}

impl Command for ShowPage {
    type States = (Chart, Doctor, Session);
    type Done = AccessPermit;

    fn streams(&self) -> Vec<StreamName> {
        record_streams(self.patient, self.doctor, self.session)
    }

    fn decide(
        &self,
        (chart, doctor, session): (&Chart, &Doctor, &Session),
        now: Moment,
    ) -> Decision<Self::Done> {
        let viewing =
            chart.access.viewings.get(&self.viewing).ok_or(ShowPageRejection::NoSuchViewing)?;
        let opened = &viewing.opened;
        let shut = chart.bars.shut(viewing.reader(), opened.report).is_some();
        if shut || opened.doctor != self.doctor || opened.session != self.session {
            return Err(ShowPageRejection::NoSuchViewing.into());
        }
        if !(1..=PAGE_MAX).contains(&self.page) {
            return Err(ShowPageRejection::NoSuchPage.into());
        }
        if let Err(rule) = viewing.may_go_on((chart, doctor, session), now) {
            let ended =
                ViewingEnded { viewing: self.viewing, reason: reason(rule), rule: Some(rule) };
            let told_before = viewing.ended.is_some();
            let record = if told_before { vec![] } else { vec![ended.into()] };
            return Err(Refusal { record, because: rejection(rule) });
        }
        // Every rule was asked: what is not asked again is whether it was written down.
        if self.region.is_some()
            && let Some(permit) = AccessPermit::of_earlier_page(chart, self.viewing, self.page, now)
        {
            return Ok(Decided::Already(permit));
        }
        let RecordViewed { report, ground, .. } = viewing.opened;
        let (doctor, page) = (self.doctor, self.page);
        Ok(Decided::record(PageShown { viewing: self.viewing, report, doctor, page, ground }))
    }
}

/// Whose time is over has ended by itself, whoever notices first.
fn reason(rule: Rule) -> ViewingEnd {
    if rule == Rule::ViewingExpired { ViewingEnd::Expired } else { ViewingEnd::RuleFailed }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::access::redeem_view_token::VIEWING_LIFE;
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use crate::consent::revoke_consent::RevokeConsent;
    use crate::identity::end_session::EndSession;
    use crate::spec::Given;
    use domain::access::policy::PARTS_OF_A_PAGE_FOR;
    use domain::actor::Actor;
    use domain::identity::event::SessionEnd;
    use domain::samples::{self, ANA, BO, CONSENT, EVE, SESSION, VIEWING};
    use domain::time::minutes;

    const PAGE: ShowPage = ShowPage {
        patient: ANA,
        doctor: BO,
        session: SESSION,
        viewing: VIEWING,
        page: 2,
        region: None,
    };

    fn viewing() -> Given {
        issued().done(Actor::Doctor(BO), &REDEEM)
    }

    #[test]
    fn an_open_viewing_shows_pages() {
        let shown = PageShown { page: 2, ..samples::page_shown() };
        viewing().when(&PAGE).then(&[shown.clone().into()]);
        // A page looked at twice was shown twice.
        viewing().done(Actor::Doctor(BO), &PAGE).when(&PAGE).then(&[shown.into()]);
    }

    fn part() -> ShowPage {
        ShowPage { region: Some("0,0,1240,400".parse().unwrap()), ..PAGE }
    }

    #[test]
    fn doing_it_twice_adds_nothing_of_a_part_of_a_page_for_a_minute() {
        let shown = PageShown { page: 2, ..samples::page_shown() };
        viewing().when(&part()).then(&[shown.into()]);
        let shown = viewing().done(Actor::Doctor(BO), &PAGE);
        shown.when(&part()).then_nothing();
        shown.when(&ShowPage { page: 3, ..part() }).then_kinds(&["access.page_shown.v1"]);
        let shown = shown.later(PARTS_OF_A_PAGE_FOR);
        shown.when(&part()).then_kinds(&["access.page_shown.v1"]);
    }

    #[test]
    fn every_rule_is_asked_of_a_part_of_a_page_that_was_shown_just_now() {
        let shown = || viewing().done(Actor::Doctor(BO), &PAGE);
        let revoke = RevokeConsent { patient: ANA, consent: CONSENT };
        let record = shown().done(Actor::Patient(ANA), &revoke).when(&part());
        assert_eq!(record.refused("consent_revoked")[0].kind(), "access.viewing_ended.v1");
        shown().bo_suspended().when(&part()).refused("only_a_verified_doctor");
        let logout =
            EndSession { session: SESSION, account: Actor::Doctor(BO), reason: SessionEnd::Logout };
        let out = shown().done(Actor::Doctor(BO), &logout);
        out.when(&part()).refused("only_an_open_session");
        shown().when(&ShowPage { doctor: EVE, ..part() }).refused("no_such_viewing");
        let last = VIEWING_LIFE.checked_sub(Duration::from_secs(1)).unwrap();
        let late = viewing().later(last).done(Actor::Doctor(BO), &PAGE);
        late.when(&part()).then_nothing();
        late.later(Duration::from_secs(1)).when(&part()).refused("viewing_expired");
    }

    #[test]
    fn a_revoke_stops_the_open_view_and_says_so_once() {
        let revoked =
            viewing().done(Actor::Patient(ANA), &RevokeConsent { patient: ANA, consent: CONSENT });
        let record = revoked.when(&PAGE).refused("consent_revoked");
        assert_eq!(record[0].kind(), "access.viewing_ended.v1");
        assert_eq!(revoked.bo(record[0].clone()).when(&PAGE).refused("viewing_ended"), []);
    }

    #[test]
    fn suspension_logout_and_time_stop_it_too() {
        viewing().bo_suspended().when(&PAGE).refused("only_a_verified_doctor");
        viewing().later(VIEWING_LIFE).when(&PAGE).refused("viewing_expired");
        let logout =
            EndSession { session: SESSION, account: Actor::Doctor(BO), reason: SessionEnd::Logout };
        viewing().done(Actor::Doctor(BO), &logout).when(&PAGE).refused("only_an_open_session");
        viewing().later(minutes(14)).when(&PAGE).then_kinds(&["access.page_shown.v1"]);
    }

    #[test]
    fn somebody_elses_viewing_does_not_exist() {
        let other = ShowPage { doctor: EVE, ..PAGE };
        viewing().when(&other).refused("no_such_viewing");
        viewing().when(&ShowPage { page: 0, ..PAGE }).refused("no_such_page");
        issued().when(&PAGE).refused("no_such_viewing");
    }
}
