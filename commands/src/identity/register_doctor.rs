//! A doctor registers and can do nothing until an admin has verified them.

use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::{DoctorRegistered, SubjectKey};
use domain::identity::specialty::Specialty;
use domain::ids::{DoctorId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// The order. The edge has checked the form of the personal text.
#[derive(Debug, Clone)]
pub struct RegisterDoctor {
    /// Freshly drawn; pending until an admin verifies it.
    pub doctor: DoctorId,
    /// Full name with title.
    pub name: PersonalText,
    /// E-mail address.
    pub email: PersonalText,
    /// Licence number.
    pub licence: PersonalText,
    /// Who issued the licence.
    pub issuer: PersonalText,
    /// Group of specialties.
    pub specialty: Specialty,
    /// The specialty in the doctor's own words.
    pub specialty_text: PersonalText,
    /// The doctor's key, durable in the vault.
    pub key: SubjectKey,
}

impl Command for RegisterDoctor {
    type States = (Doctor,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::doctor(self.doctor)]
    }

    fn decide(&self, (doctor,): (&Doctor,), _now: Moment) -> Decision<Self::Done> {
        if doctor.standing != Standing::Unknown {
            return Ok(Decided::Already(()));
        }
        let registered = DoctorRegistered {
            doctor: self.doctor,
            name: self.name.clone(),
            email: self.email.clone(),
            licence: self.licence.clone(),
            issuer: self.issuer.clone(),
            specialty: self.specialty,
            specialty_text: self.specialty_text.clone(),
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

    fn register() -> RegisterDoctor {
        let fact = samples::doctor_registered();
        RegisterDoctor {
            doctor: fact.doctor,
            name: fact.name,
            email: fact.email,
            licence: fact.licence,
            issuer: fact.issuer,
            specialty: fact.specialty,
            specialty_text: fact.specialty_text,
            key: fact.key,
        }
    }

    #[test]
    fn anybody_may_ask_to_be_let_in_as_a_doctor() {
        given().when(&register()).then(&[samples::doctor_registered().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        given().twice::<RegisterDoctor>(Actor::System, &register());
    }
}
