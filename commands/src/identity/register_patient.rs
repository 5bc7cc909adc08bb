//! A patient registers. The account is inert until its e-mail address is confirmed (`claim_login`).

use domain::chart::Chart;
use domain::identity::event::{PatientRegistered, SubjectKey};
use domain::ids::{PatientId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// The order. The edge has checked the form of the personal text; decisions never look inside.
#[derive(Debug, Clone)]
pub struct RegisterPatient {
    /// Freshly drawn; names the patient's stream.
    pub patient: PatientId,
    /// Full name.
    pub name: PersonalText,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: PersonalText,
    /// E-mail address.
    pub email: PersonalText,
    /// The patient's key, durable in the vault.
    pub key: SubjectKey,
}

impl Command for RegisterPatient {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        if chart.patient.is_some() {
            return Ok(Decided::Already(()));
        }
        let registered = PatientRegistered {
            patient: self.patient,
            name: self.name.clone(),
            birth_date: self.birth_date.clone(),
            email: self.email.clone(),
            key: self.key.clone(),
        };
        Ok(Decided::record(registered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples;

    fn register() -> RegisterPatient {
        let PatientRegistered { patient, name, birth_date, email, key, .. } =
            samples::patient_registered();
        RegisterPatient { patient, name, birth_date, email, key }
    }

    #[test]
    fn anybody_may_register() {
        given().when(&register()).then(&[samples::patient_registered().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        given().twice::<RegisterPatient>(Actor::System, &register());
    }
}
