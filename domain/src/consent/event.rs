//! The facts of consent, on the patient's stream.

use serde::{Deserialize, Serialize};

use super::grantee::Grantee;
use super::scope::{Exceptions, Purpose, Scope};
use crate::fact::family::facts;
use crate::ids::{ChallengeId, ConsentId, ReportId};
use crate::time::Period;

facts! {
    /// What is recorded of consents.
    ConsentFact {
        /// A patient let a doctor or a practice in.
        Granted(ConsentGranted) = "consent.granted.v1",
        /// The patient took it back.
        Revoked(ConsentRevoked) = "consent.revoked.v1",
        /// The patient closed the whole record.
        RecordClosed(RecordClosed) = "consent.record_closed.v1",
        /// The patient opened it again.
        RecordOpened(RecordOpened) = "consent.record_opened.v1",
        /// The patient barred a doctor or a practice.
        BarSet(BarSet) = "consent.bar_set.v1",
        /// The patient lifted that bar.
        BarLifted(BarLifted) = "consent.bar_lifted.v1",
        /// The patient hid a report from a doctor or a practice.
        ReportHidden(ReportHidden) = "consent.report_hidden.v1",
        /// The patient hides it no more.
        ReportUnhidden(ReportUnhidden) = "consent.report_unhidden.v1",
    }
}

impl ConsentFact {
    /// Whether it keeps something shut from now on, whatever consents say.
    pub const fn shuts(&self) -> bool {
        match self {
            Self::RecordClosed(_) | Self::BarSet(_) | Self::ReportHidden(_) => true,
            Self::Granted(_)
            | Self::Revoked(_)
            | Self::RecordOpened(_)
            | Self::BarLifted(_)
            | Self::ReportUnhidden(_) => false,
        }
    }
}

/// `consent.granted.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGranted {
    /// Names this consent from now on.
    pub consent: ConsentId,
    /// Who is let in.
    pub grantee: Grantee,
    /// What it opens.
    pub scope: Scope,
    /// What stays shut all the same.
    pub exceptions: Exceptions,
    /// For what.
    pub purpose: Purpose,
    /// From when until when.
    pub period: Period,
    /// How many viewings, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_max: Option<u32>,
    /// The step-up challenge the patient answered.
    pub step_up: ChallengeId,
}

/// `consent.revoked.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRevoked {
    /// The consent.
    pub consent: ConsentId,
}

/// `consent.record_closed.v1`: nothing of the record is read by anybody but the patient, whatever consents
/// say. Again, where it is closed: only what it says of emergencies is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordClosed {
    /// Whether an emergency still passes.
    pub emergency_passes: bool,
}

/// `consent.record_opened.v1`: consents count again as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordOpened {}

/// `consent.bar_set.v1`: for good, and over every consent, those given later too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarSet {
    /// Who is barred.
    pub barred: Grantee,
    /// Whether an emergency of theirs still passes.
    pub emergency_passes: bool,
}

/// `consent.bar_lifted.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarLifted {
    /// Who is barred no more.
    pub barred: Grantee,
}

/// `consent.report_hidden.v1`: to whom it names there is no such report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportHidden {
    /// The report.
    pub report: ReportId,
    /// From whom.
    pub from: Grantee,
    /// Whether an emergency of theirs still passes.
    pub emergency_passes: bool,
}

/// `consent.report_unhidden.v1`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportUnhidden {
    /// The report.
    pub report: ReportId,
    /// From whom it is hidden no more.
    pub from: Grantee,
}
