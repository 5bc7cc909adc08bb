//! The facts of identity.

use serde::{Deserialize, Serialize};

use super::specialty::Specialty;
use crate::actor::Actor;
use crate::fact::family::facts;
use crate::ids::{
    AdminId, ChallengeId, DoctorId, FactorId, KeyCommitment, KeyId, PatientId, PracticeId,
    SessionId, SourceHash, TokenHash,
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
        /// The doctor asked for a record that does not exist.
        UnknownRecordAsked(UnknownRecordAsked) = "identity.doctor_unknown_record_asked.v1",
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

facts! {
    /// What is recorded of an account's second factors.
    FactorFact {
        /// A second factor was set up.
        Added(FactorAdded) = "identity.factor_added.v1",
        /// A second factor was given up.
        Removed(FactorRemoved) = "identity.factor_removed.v1",
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

impl DoctorFact {
    /// What an admin wrote down with a decision about the doctor, and the member it stands in.
    pub const fn note(&self) -> Option<(&'static str, &PersonalText)> {
        match self {
            Self::Verified(verified) => Some(("evidence", &verified.evidence)),
            Self::Rejected(rejected) => Some(("reason", &rejected.reason)),
            Self::Suspended(suspended) => Some(("reason", &suspended.reason)),
            Self::Reinstated(reinstated) => Some(("reason", &reinstated.reason)),
            Self::Registered(_) | Self::NameListShown(_) | Self::UnknownRecordAsked(_) => None,
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

/// `identity.doctor_unknown_record_asked.v1`: what a refusal is on the stream of a patient who exists, and
/// the same work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownRecordAsked {
    /// Whose record was asked for: nobody's.
    pub patient: PatientId,
}

/// `identity.admin_name_list_shown.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminNameListShown {
    /// Which list.
    pub list: NameList,
    /// In which session.
    pub session: SessionId,
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
    /// The answer of a passkey.
    Passkey,
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

/// Where a passkey lies, as the browser told when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyPlace {
    /// In the device it was made on, or in the account of its maker.
    BuiltIn,
    /// In a telephone near by.
    Phone,
    /// In a security key that is plugged in or held to the device.
    SecurityKey,
    /// The browser did not say.
    Untold,
}

/// What a second factor is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FactorMeans {
    /// A passkey (WebAuthn). Its public key is no event: it lies where passwords lie.
    Passkey {
        /// Where it lies.
        place: PasskeyPlace,
    },
    /// An authenticator app (TOTP, RFC 6238), in the place of the one before. Its seed is no event.
    AuthenticatorApp {},
    /// Recovery codes, in the place of those before. They are no event, nor is which of them are used up.
    RecoveryCodes {
        /// How many.
        count: u32,
    },
}

impl FactorMeans {
    /// Whether it is a passkey, of which an account may have several.
    pub const fn is_passkey(&self) -> bool {
        match self {
            Self::Passkey { .. } => true,
            Self::AuthenticatorApp {} | Self::RecoveryCodes { .. } => false,
        }
    }
}

/// `identity.factor_added.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorAdded {
    /// Named by this event from now on.
    pub factor: FactorId,
    /// Whose it is.
    pub account: Actor,
    /// What it is.
    pub means: FactorMeans,
    /// The challenge whose answer confirmed it.
    pub step_up: ChallengeId,
}

/// `identity.factor_removed.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorRemoved {
    /// Which.
    pub factor: FactorId,
    /// The challenge whose answer confirmed it.
    pub step_up: ChallengeId,
}
