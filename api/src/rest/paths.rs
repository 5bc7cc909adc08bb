//! What stands in addresses, once for each kind of thing that has one. A handler takes `Path<ReportPath>`,
//! and its description names the same type among its `params`.

use serde::Deserialize;
use utoipa::IntoParams;

use super::ids::{
    ChallengeUuid, ConsentUuid, DoctorUuid, PasskeyUuid, PatientUuid, ReportUuid, SessionUuid,
    ViewingUuid,
};

/// A patient's record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PatientPath {
    /// The patient.
    pub(crate) patient: PatientUuid,
}

/// A doctor.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct DoctorPath {
    /// The doctor.
    pub(crate) doctor: DoctorUuid,
}

/// A session.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SessionPath {
    /// The session.
    pub(crate) session: SessionUuid,
}

/// A challenge.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ChallengePath {
    /// The challenge.
    pub(crate) challenge: ChallengeUuid,
}

/// One of my passkeys.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PasskeyPath {
    /// The passkey.
    pub(crate) passkey: PasskeyUuid,
}

/// A consent of a patient.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ConsentPath {
    /// The patient.
    pub(crate) patient: PatientUuid,
    /// The consent.
    pub(crate) consent: ConsentUuid,
}

/// An event of a patient's record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct EventPath {
    /// The patient.
    pub(crate) patient: PatientUuid,
    /// The event's place in the log.
    pub(crate) position: u64,
}

/// A report in a patient's record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ReportPath {
    /// The patient.
    pub(crate) patient: PatientUuid,
    /// The report.
    pub(crate) report: ReportUuid,
}

/// A viewing of a patient's report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ViewingPath {
    /// The patient.
    pub(crate) patient: PatientUuid,
    /// The viewing.
    pub(crate) viewing: ViewingUuid,
}

/// A page of a viewing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PagePath {
    /// The patient.
    pub(crate) patient: PatientUuid,
    /// The viewing.
    pub(crate) viewing: ViewingUuid,
    /// From 1.
    pub(crate) page: u32,
}
