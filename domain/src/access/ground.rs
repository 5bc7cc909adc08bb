//! Why an access was allowed: every fact that shows something of a record says so.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::consent::grantee::{Grantee, Reader};
use crate::ids::{ConsentId, DoctorId, EmergencyId, MandateId, PracticeId};

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

    /// The reader that a doctor is who acts on it: for a practice where it is a practice's.
    pub const fn reader(&self, doctor: DoctorId) -> Reader {
        let practice = match self {
            Self::Practice { practice, .. } => Some(*practice),
            Self::Consent { .. } | Self::Emergency { .. } | Self::Own {} | Self::Proxy { .. } => {
                None
            }
        };
        Reader { doctor, practice }
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::{BO, CONSENT};

    #[test]
    fn a_ground_tells_its_kind_its_consent_and_itself() {
        let id = Uuid::from_u128(0x9a);
        let practice = PracticeId::new(id);
        let nine = "00000000-0000-0000-0000-00000000009a";
        let consent = CONSENT.to_string();
        let grounds = [
            (Ground::Consent { consent: CONSENT }, "consent", format!("consent {consent}")),
            (
                Ground::Practice { consent: CONSENT, practice },
                "practice",
                format!("consent {consent}, given to practice {nine}"),
            ),
            (
                Ground::Emergency { emergency: EmergencyId::new(id) },
                "emergency",
                format!("emergency {nine}"),
            ),
            (Ground::Own {}, "own", "its being the reader's own record".to_owned()),
            (Ground::Proxy { mandate: MandateId::new(id) }, "proxy", format!("mandate {nine}")),
        ];
        for (index, (ground, kind, words)) in grounds.iter().enumerate() {
            assert_eq!((ground.kind(), ground.to_string()), (*kind, words.clone()));
            assert_eq!(ground.consent(), (index < 2).then_some(CONSENT), "{kind}");
            assert_eq!(serde_json::to_value(ground).unwrap()["kind"], *kind);
        }
        let of = |grantee| Ground::of_consent(CONSENT, grantee);
        assert_eq!(of(Grantee::Doctor(BO)).kind(), "consent");
        assert_eq!(of(Grantee::Practice(practice)), grounds[1].0);
    }
}
