//! A patient hides a report no more: as easily as it was hidden.

use domain::chart::Chart;
use domain::consent::event::ReportUnhidden;
use domain::consent::grantee::Grantee;
use domain::ids::{PatientId, ReportId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// A patient hides a report from somebody no more.
#[derive(Debug, Clone)]
pub struct UnhideReport {
    /// Whose record.
    pub patient: PatientId,
    /// The report.
    pub report: ReportId,
    /// From whom it is hidden no more.
    pub from: Grantee,
}

impl Command for UnhideReport {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        match chart.bars.hiding(self.report, self.from) {
            Some(_) => {
                let (report, from) = (self.report, self.from);
                Ok(Decided::record(ReportUnhidden { report, from }))
            }
            None => Ok(Decided::Already(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, REPORT};

    const UNHIDE: UnhideReport =
        UnhideReport { patient: ANA, report: REPORT, from: Grantee::Doctor(BO) };

    #[test]
    fn doing_it_twice_adds_nothing() {
        let hidden = given().the_cast().ana(samples::report_hidden());
        hidden.when(&UNHIDE).then(&[samples::report_unhidden().into()]);
        hidden.twice::<UnhideReport>(Actor::Patient(ANA), &UNHIDE);
    }

    #[test]
    fn what_is_not_hidden_stays_so() {
        given().the_cast().when(&UNHIDE).then_nothing();
    }
}
