//! Sample facts of identity: Ana, Bo and Cy come in, Bo is verified and signs in.

use super::{ANA, BO, CHALLENGE, CY, PASSKEY, SESSION, TOKEN, noon, sealed};
use crate::actor::Actor;
use crate::identity::event::{
    AdminNameListShown, AdminRegistered, Client, DoctorNameListShown, DoctorRegistered,
    DoctorReinstated, DoctorRejected, DoctorSuspended, DoctorVerified, Factor, FactorAdded,
    FactorMeans, FactorRemoved, FirstAdminAdmitted, FirstAdminLinkIssued, LoginClaimed,
    LoginFailed, NameList, PasskeyPlace, PatientRegistered, SessionEnd, SessionEnded,
    SessionOpened, SubjectKey, UnknownRecordAsked,
};
use crate::identity::specialty::Specialty;
use crate::ids::{KeyCommitment, KeyId, SourceHash};
use crate::time::minutes;

/// The key that every sample person's words are sealed under.
pub const fn subject_key() -> SubjectKey {
    SubjectKey { key_id: KeyId([1; 16]), commitment: KeyCommitment([2; 32]) }
}

/// Ana came in.
pub fn patient_registered() -> PatientRegistered {
    PatientRegistered {
        patient: ANA,
        name: sealed("ana"),
        birth_date: sealed("born"),
        email: sealed("ana-at"),
        key: subject_key(),
    }
}

/// Bo came in and is not verified yet.
pub fn doctor_registered() -> DoctorRegistered {
    DoctorRegistered {
        doctor: BO,
        name: sealed("bo"),
        email: sealed("bo-at"),
        licence: sealed("licence"),
        issuer: sealed("issuer"),
        specialty: Specialty::Radiology,
        specialty_text: sealed("specialty"),
        key: subject_key(),
    }
}

/// Bo may act.
pub fn doctor_verified() -> DoctorVerified {
    DoctorVerified { evidence: sealed("evidence") }
}

/// Bo was not let in.
pub fn doctor_rejected() -> DoctorRejected {
    DoctorRejected { reason: sealed("reason") }
}

/// Bo may not act for the time being.
pub fn doctor_suspended() -> DoctorSuspended {
    DoctorSuspended { reason: sealed("reason") }
}

/// Bo may act again.
pub fn doctor_reinstated() -> DoctorReinstated {
    DoctorReinstated { reason: sealed("reason") }
}

/// Bo was shown the names of his patients.
pub const fn doctor_name_list_shown() -> DoctorNameListShown {
    DoctorNameListShown { list: NameList::MyPatients, session: SESSION }
}

/// Bo asked for a record that does not exist.
pub const fn unknown_record_asked() -> UnknownRecordAsked {
    UnknownRecordAsked { patient: ANA }
}

/// Cy was shown the names of the doctors who wait.
pub const fn admin_name_list_shown() -> AdminNameListShown {
    AdminNameListShown { list: NameList::VerificationQueue, session: SESSION }
}

/// Cy came in and is not admitted yet.
pub fn admin_registered() -> AdminRegistered {
    AdminRegistered { admin: CY, name: sealed("cy"), email: sealed("cy-at"), key: subject_key() }
}

/// A link for the first admin, good for half an hour from noon.
pub fn first_admin_link_issued() -> FirstAdminLinkIssued {
    FirstAdminLinkIssued { token_hash: TOKEN, until: noon().plus(minutes(30)) }
}

/// Cy is the first admin.
pub const fn first_admin_admitted() -> FirstAdminAdmitted {
    FirstAdminAdmitted { admin: CY }
}

/// The address is Ana's.
pub const fn login_claimed() -> LoginClaimed {
    LoginClaimed { account: Actor::Patient(ANA) }
}

/// A wrong password.
pub const fn login_failed() -> LoginFailed {
    LoginFailed { source: SourceHash([1; 16]), factor: Factor::Password }
}

/// Bo signed in with a browser at noon, for twelve hours.
pub fn session_opened() -> SessionOpened {
    let account = Actor::Doctor(BO);
    let client = Client::Browser;
    let until = noon().plus(minutes(12 * 60));
    SessionOpened { session: SESSION, account, client, practice: None, until }
}

/// Bo logged out.
pub const fn session_ended() -> SessionEnded {
    SessionEnded { reason: SessionEnd::Logout }
}

/// Bo set up a passkey.
pub fn factor_added() -> FactorAdded {
    let means = FactorMeans::Passkey { place: PasskeyPlace::BuiltIn };
    FactorAdded { factor: PASSKEY, account: Actor::Doctor(BO), means, step_up: CHALLENGE }
}

/// Bo gave it up.
pub const fn factor_removed() -> FactorRemoved {
    FactorRemoved { factor: PASSKEY, step_up: CHALLENGE }
}
