//! Sample people and sample facts: one set for the tests of every crate, the measurements and the
//! demonstration.
//!
//! A function named after a fact answers one whose members fit together: patient Ana lets doctor Bo
//! in at noon, and Bo looks at her report. Who needs another one says only what is other:
//! `ConsentGranted { views_max: Some(1), ..samples::consent_granted() }`. So a new member of a fact
//! is given its sample value here and nowhere else.
//!
//! Always compiled: behind a feature, every crate would be built twice for each run of the tests.
//! It is plain code that costs nothing to compile, and production code may not name it
//! (`tests/tidy/layers.rs`).

mod access;
mod audit;
mod consent;
mod history;
mod identity;
mod records;

use serde_json::Value;
use uuid::Uuid;

use crate::access::ground::Ground;
use crate::actor::Actor;
use crate::ids::{
    AdminId, ChallengeId, ConsentId, DoctorId, EventHash, EventId, FactorId, PatientId, ReportId,
    SessionId, StreamName, TokenHash, ViewingId,
};
use crate::journal::{Draft, StreamVersion};
use crate::personal_text::PersonalText;
use crate::time::Moment;

pub use access::{
    clinical_list_shown, page_not_drawn, page_shown, record_viewed, report_downloaded,
    view_refused, view_token_issued, viewing_ended, viewing_stopped,
};
pub use audit::{log_anchored, log_clock_corrected, log_continued, log_key_rotated};
pub use consent::{
    bar_lifted, bar_set, consent_granted, consent_revoked, record_closed, record_opened,
    report_hidden, report_unhidden,
};
pub use history::{History, recorded};
pub use identity::{
    admin_name_list_shown, admin_registered, doctor_name_list_shown, doctor_registered,
    doctor_reinstated, doctor_rejected, doctor_suspended, doctor_verified, factor_added,
    factor_removed, first_admin_admitted, first_admin_link_issued, login_claimed, login_failed,
    patient_registered, session_ended, session_opened, subject_key, unknown_record_asked,
};
pub use records::report_uploaded;

/// The patient.
pub const ANA: PatientId = PatientId::new(Uuid::from_u128(0xa));
/// The doctor whom Ana lets in.
pub const BO: DoctorId = DoctorId::new(Uuid::from_u128(0xb));
/// The admin who verifies doctors.
pub const CY: AdminId = AdminId::new(Uuid::from_u128(0xc));
/// A doctor whom nobody let in.
pub const EVE: DoctorId = DoctorId::new(Uuid::from_u128(0xe));
/// The session in which Bo acts.
pub const SESSION: SessionId = SessionId::new(Uuid::from_u128(0x5e));
/// A session that is not [`SESSION`].
pub const OTHER_SESSION: SessionId = SessionId::new(Uuid::from_u128(0x5f));
/// The consent by which Ana lets Bo in.
pub const CONSENT: ConsentId = ConsentId::new(Uuid::from_u128(0xc0));
/// Why Bo may look at [`REPORT`].
pub const GROUND: Ground = Ground::Consent { consent: CONSENT };
/// A consent that is not [`CONSENT`].
pub const OTHER_CONSENT: ConsentId = ConsentId::new(Uuid::from_u128(0xc1));
/// Ana's report, which Bo looks at.
pub const REPORT: ReportId = ReportId::new(Uuid::from_u128(0x4e));
/// A report that is not [`REPORT`].
pub const OTHER_REPORT: ReportId = ReportId::new(Uuid::from_u128(0x4f));
/// Bo's look at [`REPORT`].
pub const VIEWING: ViewingId = ViewingId::new(Uuid::from_u128(0x71));
/// The event that says a page of [`VIEWING`] was shown.
pub const PAGE_EVENT: EventId = EventId::new(Uuid::from_u128(0x9a6e));
/// The token that opened [`VIEWING`].
pub const TOKEN: TokenHash = TokenHash([7; 32]);
/// The step-up challenge that Ana answered for [`CONSENT`].
pub const CHALLENGE: ChallengeId = ChallengeId::new(Uuid::from_u128(0x0c));
/// The passkey that Bo set up.
pub const PASSKEY: FactorId = FactorId::new(Uuid::from_u128(0xfa));
/// The origin of a log of samples.
pub const ORIGIN: &str = "clinic.example/log";

macro_rules! numbered {
    ($($(#[$doc:meta])* $name:ident: $id:ident from $first:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(number: u32) -> $id {
            $id::new(Uuid::from_u128($first + u128::from(number)))
        }
    )*};
}

// The ranges lie apart: keys belong to a UUID, whatever it is the id of.
numbered! {
    /// One of many patients.
    patient: PatientId from 0xa_0000_0000;
    /// One of many doctors.
    doctor: DoctorId from 0xb_0000_0000;
    /// One of many sessions.
    session: SessionId from 0x5_0000_0000;
    /// One of many consents.
    consent: ConsentId from 0xc_0000_0000;
    /// One of many reports.
    report: ReportId from 0x4_0000_0000;
    /// One of many viewings.
    viewing: ViewingId from 0x7_0000_0000;
}

/// One of many tokens.
pub fn token(number: u32) -> TokenHash {
    let mut hash = [0; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    TokenHash(hash)
}

/// Noon of Monday, 23 November 2026, on which the samples happen.
pub fn noon() -> Moment {
    Moment::from_micros(1_795_435_200_000_000)
}

/// Personal text as a log holds it. The sealed form says what it stands for; no key opens it.
pub fn sealed(text: &str) -> PersonalText {
    PersonalText::Sealed(text.to_owned())
}

/// The first line of a stream, written at noon by a request of its own.
pub fn draft<'a>(
    stream: &'a StreamName,
    actor: &'a Actor,
    kind: &'a str,
    data: &'a Value,
) -> Draft<'a> {
    Draft {
        id: Uuid::nil(),
        source: ORIGIN,
        kind,
        time: noon(),
        stream,
        version: StreamVersion(0),
        prev: EventHash::ZERO,
        salt: [7; 16],
        actor,
        behalf: None,
        cause: Uuid::nil(),
        cause_event: None,
        request: None,
        data,
    }
}
