//! Why an access was allowed, as answers say it.

use domain::access::ground::Ground;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::ids::{ConsentUuid, EmergencyUuid, MandateUuid, PracticeUuid};

/// Why an access was allowed.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum GroundBody {
    /// A consent that names the doctor.
    Consent { consent: ConsentUuid },
    /// A consent that names a practice.
    Practice { consent: ConsentUuid, practice: PracticeUuid },
    /// A broken glass.
    Emergency { emergency: EmergencyUuid },
    /// The reader is the patient.
    Own {},
    /// Somebody who acts for the patient.
    Proxy { mandate: MandateUuid },
}

impl From<Ground> for GroundBody {
    fn from(ground: Ground) -> Self {
        match ground {
            Ground::Consent { consent } => Self::Consent { consent: consent.into() },
            Ground::Practice { consent, practice } => {
                Self::Practice { consent: consent.into(), practice: practice.into() }
            }
            Ground::Emergency { emergency } => Self::Emergency { emergency: emergency.into() },
            Ground::Own {} => Self::Own {},
            Ground::Proxy { mandate } => Self::Proxy { mandate: mandate.into() },
        }
    }
}
