//! What a new account says of its person: patients, doctors and admins alike.

use super::event::{AdminRegistered, DoctorRegistered, PatientRegistered};
use super::specialty::Specialty;
use crate::actor::Actor;
use crate::fact::{EventType, Fact, FactBody};
use crate::personal_text::PersonalText;

/// What a registration says, whoever registered.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// Who is named by the address.
    pub account: Actor,
    /// Full name.
    pub name: &'a PersonalText,
    /// E-mail address.
    pub email: &'a PersonalText,
    /// A patient's birth date.
    pub birth_date: Option<&'a PersonalText>,
    /// A doctor's licence number.
    pub licence: Option<&'a PersonalText>,
    /// Who issued the licence.
    pub issuer: Option<&'a PersonalText>,
    /// A doctor's group of specialties.
    pub specialty: Option<Specialty>,
    /// A doctor's specialty in their own words.
    pub specialty_text: Option<&'a PersonalText>,
}

impl<'a> Registration<'a> {
    /// The types of the facts that are one.
    pub const TYPES: [EventType; 3] =
        [PatientRegistered::TYPE, DoctorRegistered::TYPE, AdminRegistered::TYPE];

    /// What `fact` says of a new account, if it is a registration.
    pub fn of(fact: &'a Fact) -> Option<Self> {
        let patient = fact.body::<PatientRegistered>().map(PatientRegistered::registration);
        let doctor = || fact.body::<DoctorRegistered>().map(DoctorRegistered::registration);
        let admin = || fact.body::<AdminRegistered>().map(AdminRegistered::registration);
        patient.or_else(doctor).or_else(admin)
    }

    const fn plain(account: Actor, name: &'a PersonalText, email: &'a PersonalText) -> Self {
        Self {
            account,
            name,
            email,
            birth_date: None,
            licence: None,
            issuer: None,
            specialty: None,
            specialty_text: None,
        }
    }
}

impl PatientRegistered {
    const fn registration(&self) -> Registration<'_> {
        let plain = Registration::plain(Actor::Patient(self.patient), &self.name, &self.email);
        Registration { birth_date: Some(&self.birth_date), ..plain }
    }
}

impl DoctorRegistered {
    const fn registration(&self) -> Registration<'_> {
        Registration {
            licence: Some(&self.licence),
            issuer: Some(&self.issuer),
            specialty: Some(self.specialty),
            specialty_text: Some(&self.specialty_text),
            ..Registration::plain(Actor::Doctor(self.doctor), &self.name, &self.email)
        }
    }
}

impl AdminRegistered {
    const fn registration(&self) -> Registration<'_> {
        Registration::plain(Actor::Admin(self.admin), &self.name, &self.email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registration_is_known_as_one() {
        let said: Vec<_> = Fact::kinds().filter(|kind| kind.contains("_registered.")).collect();
        assert_eq!(said, Registration::TYPES.map(EventType::as_str));
    }
}
