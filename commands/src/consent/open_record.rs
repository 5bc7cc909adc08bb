//! A patient opens the record again: as easily as it was closed. Consents count as they stand.

use domain::chart::Chart;
use domain::consent::event::RecordOpened;
use domain::ids::{PatientId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// A patient opens their record again.
#[derive(Debug, Clone)]
pub struct OpenRecord {
    /// Whose record.
    pub patient: PatientId,
}

impl Command for OpenRecord {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        match chart.bars.closed() {
            Some(_) => Ok(Decided::record(RecordOpened {})),
            None => Ok(Decided::Already(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA};

    const OPEN: OpenRecord = OpenRecord { patient: ANA };

    #[test]
    fn doing_it_twice_adds_nothing() {
        let closed = given().the_cast().ana(samples::record_closed());
        closed.when(&OPEN).then(&[samples::record_opened().into()]);
        closed.twice::<OpenRecord>(Actor::Patient(ANA), &OPEN);
    }

    #[test]
    fn what_is_open_stays_so() {
        given().the_cast().when(&OPEN).then_nothing();
    }
}
