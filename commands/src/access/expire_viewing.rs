//! A viewing that nobody closed ends when its time is over.

use domain::access::event::{ViewingEnd, ViewingEnded};
use domain::chart::Chart;
use domain::ids::{PatientId, StreamName, ViewingId};
use domain::time::Moment;

use super::show_page::ShowPageRejection;
use crate::decide::{Command, Decided, Decision};

/// The order.
#[derive(Debug, Clone)]
pub struct ExpireViewing {
    /// Whose record.
    pub patient: PatientId,
    /// Which viewing.
    pub viewing: ViewingId,
}

impl Command for ExpireViewing {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), now: Moment) -> Decision<Self::Done> {
        let viewing = chart.access.viewings.get(&self.viewing);
        let viewing = viewing.ok_or(ShowPageRejection::NoSuchViewing)?;
        if viewing.ended.is_some() || now < viewing.opened.until {
            return Ok(Decided::Already(()));
        }
        let reason = ViewingEnd::Expired;
        Ok(Decided::record(ViewingEnded { viewing: self.viewing, reason, rule: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::end_viewing::EndViewing;
    use crate::access::redeem_view_token::VIEWING_LIFE;
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use crate::access::show_page::ShowPage;
    use crate::spec::Given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, SESSION, VIEWING};
    use domain::time::minutes;

    const EXPIRE: ExpireViewing = ExpireViewing { patient: ANA, viewing: VIEWING };

    fn viewing() -> Given {
        issued().done(Actor::Doctor(BO), &REDEEM)
    }

    #[test]
    fn a_viewing_ends_when_its_time_is_over_and_not_before() {
        viewing().later(minutes(14)).when(&EXPIRE).then_nothing();
        let ended = ViewingEnded { reason: ViewingEnd::Expired, ..samples::viewing_ended() };
        viewing().later(VIEWING_LIFE).when(&EXPIRE).then(&[ended.into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        viewing().later(VIEWING_LIFE).twice::<ExpireViewing>(Actor::System, &EXPIRE);
    }

    #[test]
    fn what_was_closed_does_not_expire() {
        let close = EndViewing { patient: ANA, doctor: BO, viewing: VIEWING };
        let closed = viewing().done(Actor::Doctor(BO), &close);
        closed.later(VIEWING_LIFE).when(&EXPIRE).then_nothing();
    }

    #[test]
    fn the_reader_of_an_expired_viewing_is_told_that_its_time_was_over() {
        let page = ShowPage {
            patient: ANA,
            doctor: BO,
            session: SESSION,
            viewing: VIEWING,
            page: 1,
            region: None,
        };
        let over = viewing().later(VIEWING_LIFE).done(Actor::System, &EXPIRE);
        assert_eq!(over.when(&page).refused("viewing_expired"), []);
    }

    #[test]
    fn what_was_never_opened_does_not_expire() {
        issued().later(VIEWING_LIFE).when(&EXPIRE).refused("no_such_viewing");
    }
}
