//! The facts of consent, on the patient's stream.

use serde::{Deserialize, Serialize};

use super::grantee::Grantee;
use super::scope::{Exceptions, Purpose, Scope};
use crate::fact::family::facts;
use crate::ids::{ChallengeId, ConsentId};
use crate::time::Period;

facts! {
    /// What is recorded of consents.
    ConsentFact {
        /// A patient let a doctor or a practice in.
        Granted(ConsentGranted) = "consent.granted.v1",
        /// The patient took it back.
        Revoked(ConsentRevoked) = "consent.revoked.v1",
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
