//! The facts of identity.

use serde::{Deserialize, Serialize};

use super::specialty::Specialty;
use crate::actor::Actor;
use crate::fact::{EventType, Fact, FactBody, facts};
use crate::ids::{
    AdminId, DoctorId, KeyCommitment, KeyId, PatientId, PracticeId, SessionId, SourceHash,
    TokenHash,
};
use crate::personal_text::PersonalText;
use crate::time::Moment;

facts! {
    /// What is recorded of a patient's account, on the patient's stream.
    PatientFact {
        /// A patient registered.
        Registered(PatientRegistered) = "identity.patient_registered.v1",
    }
}

facts! {
    /// What is recorded on a doctor's stream.
    DoctorFact {
        /// A doctor registered and can do nothing yet.
        Registered(DoctorRegistered) = "identity.doctor_registered.v1",
        /// An admin verified the doctor.
        Verified(DoctorVerified) = "identity.doctor_verified.v1",
        /// An admin rejected the registration.
        Rejected(DoctorRejected) = "identity.doctor_rejected.v1",
        /// An admin suspended the doctor.
        Suspended(DoctorSuspended) = "identity.doctor_suspended.v1",
        /// An admin lifted a suspension.
        Reinstated(DoctorReinstated) = "identity.doctor_reinstated.v1",
        /// The doctor was shown a list of names.
        NameListShown(DoctorNameListShown) = "identity.doctor_name_list_shown.v1",
    }
}

facts! {
    /// What is recorded on an admin's own stream.
    AdminFact {
        /// An admin's account was made; it is inert until admitted.
        Registered(AdminRegistered) = "identity.admin_registered.v1",
        /// The admin was shown a list of names.
        NameListShown(AdminNameListShown) = "identity.admin_name_list_shown.v1",
    }
}

facts! {
    /// What is recorded on the one stream that says who is an admin.
    AdminsFact {
        /// A one-time link for the first admin was made.
        LinkIssued(FirstAdminLinkIssued) = "identity.first_admin_link_issued.v1",
        /// The first admin was admitted; the link is dead.
        Admitted(FirstAdminAdmitted) = "identity.first_admin_admitted.v1",
    }
}

facts! {
    /// What is recorded on the stream of an e-mail address.
    LoginFact {
        /// The address was confirmed and names an account.
        Claimed(LoginClaimed) = "identity.login_claimed.v1",
        /// An attempt to log in failed.
        Failed(LoginFailed) = "identity.login_failed.v1",
    }
}

facts! {
    /// What is recorded on a session's stream.
    SessionFact {
        /// A session opened.
        Opened(SessionOpened) = "identity.session_opened.v1",
        /// A session ended before its time.
        Ended(SessionEnded) = "identity.session_ended.v1",
    }
}

/// The key that a person's text is sealed under, bound to this log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectKey {
    /// How sealed values name the key.
    pub key_id: KeyId,
    /// What binds the key: AES-GCM-SIV by itself does not.
    pub commitment: KeyCommitment,
}

/// `identity.patient_registered.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientRegistered {
    /// Named by this event from now on.
    pub patient: PatientId,
    /// Full name.
    pub name: PersonalText,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: PersonalText,
    /// E-mail address.
    pub email: PersonalText,
    /// The patient's key.
    pub key: SubjectKey,
}

/// `identity.doctor_registered.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorRegistered {
    /// The doctor.
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
    /// The doctor's key.
    pub key: SubjectKey,
}

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

impl DoctorFact {
    /// What an admin wrote down with a decision about the doctor, and the member it stands in.
    pub const fn note(&self) -> Option<(&'static str, &PersonalText)> {
        match self {
            Self::Verified(verified) => Some(("evidence", &verified.evidence)),
            Self::Rejected(rejected) => Some(("reason", &rejected.reason)),
            Self::Suspended(suspended) => Some(("reason", &suspended.reason)),
            Self::Reinstated(reinstated) => Some(("reason", &reinstated.reason)),
            Self::Registered(_) | Self::NameListShown(_) => None,
        }
    }
}

/// `identity.doctor_verified.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorVerified {
    /// What the admin looked at.
    pub evidence: PersonalText,
}

/// `identity.doctor_rejected.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorRejected {
    /// Why.
    pub reason: PersonalText,
}

/// `identity.doctor_suspended.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorSuspended {
    /// Why.
    pub reason: PersonalText,
}

/// `identity.doctor_reinstated.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorReinstated {
    /// Why.
    pub reason: PersonalText,
}

/// A list that shows the names of other people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameList {
    /// The patients who let a doctor in.
    MyPatients,
    /// Doctors waiting for verification.
    VerificationQueue,
    /// The organisation's doctors.
    Doctors,
}

/// `identity.doctor_name_list_shown.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorNameListShown {
    /// Which list.
    pub list: NameList,
    /// In which session.
    pub session: SessionId,
}

/// `identity.admin_name_list_shown.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminNameListShown {
    /// Which list.
    pub list: NameList,
    /// In which session.
    pub session: SessionId,
}

impl Fact {
    /// Which list of names was shown, and in which session, if it says so, whoever saw it.
    pub fn name_list_shown(&self) -> Option<(NameList, SessionId)> {
        let doctor = self.body::<DoctorNameListShown>().map(|shown| (shown.list, shown.session));
        let admin = || self.body::<AdminNameListShown>().map(|shown| (shown.list, shown.session));
        doctor.or_else(admin)
    }
}

/// `identity.admin_registered.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminRegistered {
    /// The admin.
    pub admin: AdminId,
    /// Full name.
    pub name: PersonalText,
    /// E-mail address.
    pub email: PersonalText,
    /// The admin's key.
    pub key: SubjectKey,
}

/// `identity.first_admin_link_issued.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstAdminLinkIssued {
    /// Hash of the link's token. A newer link makes the older ones useless.
    pub token_hash: TokenHash,
    /// When it dies.
    pub until: Moment,
}

/// `identity.first_admin_admitted.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstAdminAdmitted {
    /// The admin.
    pub admin: AdminId,
}

/// `identity.login_claimed.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginClaimed {
    /// The account this address names.
    pub account: Actor,
}

/// What a failed attempt got wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// The password, or there is no such account.
    Password,
    /// The one-time code.
    Otp,
}

/// `identity.login_failed.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginFailed {
    /// Keyed hash of where it came from: nobody can lock somebody else out from elsewhere.
    pub source: SourceHash,
    /// What was wrong.
    pub factor: Factor,
}

/// What holds a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// A browser, with an opaque cookie.
    Browser,
    /// A machine, with short tokens and a rotating refresh token.
    Machine,
}

/// `identity.session_opened.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub account: Actor,
    /// What holds it.
    pub client: Client,
    /// The practice it is for, if it is for one: fixed here, another practice is another session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<PracticeId>,
    /// When it ends by itself.
    pub until: Moment,
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// The person logged out.
    Logout,
    /// The person ended it from another session.
    EndedElsewhere,
    /// A refresh token was used a second time: somebody else has it.
    RefreshReused,
}

/// `identity.session_ended.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnded {
    /// Why.
    pub reason: SessionEnd,
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
