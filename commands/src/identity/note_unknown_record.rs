//! A doctor asked for a record that does not exist: remembered on the doctor's own stream, so that
//! it costs what a refusal costs on the stream of a patient who does, and nobody learns from the
//! cost which it was.

use domain::chart::Chart;
use domain::identity::doctor::{Doctor, NOTED_FOR, Standing};
use domain::identity::event::UnknownRecordAsked;
use domain::ids::{DoctorId, PatientId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// Remembers the question, once a patient and minute; not where the record does exist.
#[derive(Debug, Clone)]
pub struct NoteUnknownRecord {
    /// Who asked.
    pub doctor: DoctorId,
    /// For whose record.
    pub patient: PatientId,
}

impl Command for NoteUnknownRecord {
    type States = (Doctor, Chart);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::doctor(self.doctor), StreamName::patient(self.patient)]
    }

    fn decide(&self, (doctor, chart): (&Doctor, &Chart), now: Moment) -> Decision<Self::Done> {
        let noted = doctor.asked_in_vain.get(&self.patient);
        let noted = noted.is_some_and(|at| now.since(*at) < NOTED_FOR);
        if noted || chart.patient.is_some() || doctor.standing == Standing::Unknown {
            return Ok(Decided::Already(()));
        }
        Ok(Decided::record(UnknownRecordAsked { patient: self.patient }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO};

    const NOTE: NoteUnknownRecord = NoteUnknownRecord { doctor: BO, patient: ANA };
    const ASKED: &str = "identity.doctor_unknown_record_asked.v1";

    #[test]
    fn doing_it_twice_adds_nothing_for_a_minute() {
        let noted = given().bo_registered().twice::<NoteUnknownRecord>(Actor::Doctor(BO), &NOTE);
        let other = NoteUnknownRecord { patient: PatientId::new(uuid::Uuid::nil()), ..NOTE };
        noted.when(&other).then_kinds(&[ASKED]);
        noted.later(NOTED_FOR).when(&NOTE).then_kinds(&[ASKED]);
    }

    #[test]
    fn a_record_that_exists_remembers_for_itself_and_nobody_makes_a_stream_by_asking() {
        let exists = given().bo_registered().ana(samples::patient_registered());
        exists.when(&NOTE).then_nothing();
        given().when(&NOTE).then_nothing();
    }
}
