//! A doctor closes a viewing.

use domain::access::event::{ViewingEnd, ViewingEnded};
use domain::chart::Chart;
use domain::ids::{DoctorId, PatientId, StreamName, ViewingId};
use domain::time::Moment;

use super::show_page::ShowPageRejection;
use crate::decide::{Command, Decided, Decision};

/// A doctor closes a viewing before its time is up.
#[derive(Debug, Clone)]
pub struct EndViewing {
    /// Whose record.
    pub patient: PatientId,
    /// Who looked.
    pub doctor: DoctorId,
    /// A viewing that this doctor opened.
    pub viewing: ViewingId,
}

impl Command for EndViewing {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        let viewing = chart.access.viewing_of(self.doctor, self.viewing);
        let viewing = viewing.ok_or(ShowPageRejection::NoSuchViewing)?;
        if chart.bars.shut(viewing.reader(), viewing.opened.report).is_some() {
            return Err(ShowPageRejection::NoSuchViewing.into());
        }
        if viewing.ended.is_some() {
            return Ok(Decided::Already(()));
        }
        let reason = ViewingEnd::Closed;
        Ok(Decided::record(ViewingEnded { viewing: self.viewing, reason, rule: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use domain::actor::Actor;
    use domain::samples::{ANA, BO, VIEWING};

    const END: EndViewing = EndViewing { patient: ANA, doctor: BO, viewing: VIEWING };

    #[test]
    fn a_doctor_closes_a_viewing() {
        let viewing = issued().done(Actor::Doctor(BO), &REDEEM);
        viewing.when(&END).then_kinds(&["access.viewing_ended.v1"]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        let viewing = issued().done(Actor::Doctor(BO), &REDEEM);
        viewing.twice::<EndViewing>(Actor::Doctor(BO), &END);
    }

    #[test]
    fn what_was_never_opened_cannot_be_closed() {
        issued().when(&END).refused("no_such_viewing");
    }
}
