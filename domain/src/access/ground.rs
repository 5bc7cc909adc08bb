//! Why an access was allowed: every fact that shows something of a record says so.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::consent::grantee::Grantee;
use crate::ids::{ConsentId, EmergencyId, MandateId, PracticeId};

/// What an access stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum Ground {
    /// A consent that names the doctor.
    Consent {
        /// The consent in force.
        consent: ConsentId,
    },
    /// A consent that names a practice, used by a member in a session for it.
    Practice {
        /// The consent in force.
        consent: ConsentId,
        /// The practice it names.
        practice: PracticeId,
    },
    /// A broken glass: no consent allowed it.
    Emergency {
        /// The emergency that was open.
        emergency: EmergencyId,
    },
    /// The reader is the patient.
    Own {},
    /// Somebody who acts for the patient.
    Proxy {
        /// The mandate in force.
        mandate: MandateId,
    },
}

impl Ground {
    /// The ground that a consent to `grantee` gives.
    pub const fn of_consent(consent: ConsentId, grantee: Grantee) -> Self {
        match grantee {
            Grantee::Doctor(_) => Self::Consent { consent },
            Grantee::Practice(practice) => Self::Practice { consent, practice },
        }
    }

    /// Its kind, as it is stored and told.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// The consent it rests on, if it is one.
    pub const fn consent(&self) -> Option<ConsentId> {
        match self {
            Self::Consent { consent } | Self::Practice { consent, .. } => Some(*consent),
            Self::Emergency { .. } | Self::Own {} | Self::Proxy { .. } => None,
        }
    }
}

impl fmt::Display for Ground {
    /// As the end of "allowed by".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consent { consent } => write!(f, "consent {consent}"),
            Self::Practice { consent, practice } => {
                write!(f, "consent {consent}, given to practice {practice}")
            }
            Self::Emergency { emergency } => write!(f, "emergency {emergency}"),
            Self::Own {} => f.write_str("its being the reader's own record"),
            Self::Proxy { mandate } => write!(f, "mandate {mandate}"),
        }
    }
}
