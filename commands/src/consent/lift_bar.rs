//! A patient lifts a bar: as easily as it was set. Consents in force count again.

use domain::chart::Chart;
use domain::consent::event::BarLifted;
use domain::consent::grantee::Grantee;
use domain::ids::{PatientId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// A patient lifts a bar.
#[derive(Debug, Clone)]
pub struct LiftBar {
    /// Whose record.
    pub patient: PatientId,
    /// Who is barred no more.
    pub barred: Grantee,
}

impl Command for LiftBar {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        match chart.bars.against(self.barred) {
            Some(_) => Ok(Decided::record(BarLifted { barred: self.barred })),
            None => Ok(Decided::Already(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO};

    const LIFT: LiftBar = LiftBar { patient: ANA, barred: Grantee::Doctor(BO) };

    #[test]
    fn doing_it_twice_adds_nothing() {
        let barred = given().the_cast().ana(samples::bar_set());
        barred.when(&LIFT).then(&[samples::bar_lifted().into()]);
        barred.twice::<LiftBar>(Actor::Patient(ANA), &LIFT);
    }

    #[test]
    fn who_is_not_barred_stays_so() {
        given().the_cast().when(&LIFT).then_nothing();
    }
}
