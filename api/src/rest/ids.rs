//! What things are called in bodies and addresses. Each says its schema once, here, for the domain knows
//! nothing of descriptions.

use std::fmt::Display;
use std::str::FromStr;

use domain::actor::Actor;
use domain::consent::grantee::Grantee;
use domain::ids::{
    ChallengeId, ConsentId, DoctorId, EmergencyId, FactorId, MandateId, PatientId, PracticeId,
    ReportId, SessionId, ViewingId,
};
use domain::journal::Position;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Reads an id in capitals, too, as other systems write them (RFC 9562: output is lower case, input in any
/// case). In the log an id has one spelling.
pub(crate) fn any_case<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    text.to_ascii_lowercase().parse().map_err(serde::de::Error::custom)
}

/// Ids that are UUIDs, under the domain's name in the description.
macro_rules! uuids {
    ($($(#[$doc:meta])* $name:ident = $id:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
        #[schema(as = $id, value_type = String, format = Uuid)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) $id);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                any_case(deserializer).map(Self)
            }
        }

        impl From<$id> for $name {
            fn from(id: $id) -> Self {
                Self(id)
            }
        }
    )*};
}

uuids! {
    /// A patient.
    PatientUuid = PatientId;
    /// A doctor.
    DoctorUuid = DoctorId;
    /// A practice.
    PracticeUuid = PracticeId;
    /// A report.
    ReportUuid = ReportId;
    /// A consent.
    ConsentUuid = ConsentId;
    /// A viewing.
    ViewingUuid = ViewingId;
    /// A broken glass.
    EmergencyUuid = EmergencyId;
    /// That somebody acts for a patient.
    MandateUuid = MandateId;
    /// A session.
    SessionUuid = SessionId;
    /// A challenge.
    ChallengeUuid = ChallengeId;
    /// A passkey.
    PasskeyUuid = FactorId;
}

/// An account, whatever its role: what a patient, a doctor, a manager or an admin is called as such, too.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = AccountId, value_type = String, format = Uuid)]
#[serde(transparent)]
pub(crate) struct AccountUuid(Uuid);

/// What somebody is here.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// Whose records these are.
    Patient,
    /// Who is let in.
    Doctor,
    /// Who runs a practice.
    Manager,
    /// Who verifies doctors.
    Admin,
    /// Medlock itself, which nobody signs in as.
    System,
}

impl From<Actor> for AccountUuid {
    /// The installation itself has no account: it stands as the id of nobody.
    fn from(actor: Actor) -> Self {
        Self(actor.uuid().unwrap_or_default())
    }
}

impl From<Actor> for RoleName {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Patient(_) => Self::Patient,
            Actor::Doctor(_) => Self::Doctor,
            Actor::Manager(_) => Self::Manager,
            Actor::Admin(_) => Self::Admin,
            Actor::System => Self::System,
        }
    }
}

/// Whom a consent names.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum GranteeBody {
    /// One doctor.
    Doctor { doctor: DoctorUuid },
    /// Whoever is a member of a practice when a report is opened.
    Practice { practice: PracticeUuid },
}

impl From<Grantee> for GranteeBody {
    fn from(grantee: Grantee) -> Self {
        match grantee {
            Grantee::Doctor(doctor) => Self::Doctor { doctor: doctor.into() },
            Grantee::Practice(practice) => Self::Practice { practice: practice.into() },
        }
    }
}

impl From<GranteeBody> for Grantee {
    fn from(body: GranteeBody) -> Self {
        match body {
            GranteeBody::Doctor { doctor } => Self::Doctor(doctor.0),
            GranteeBody::Practice { practice } => Self::Practice(practice.0),
        }
    }
}

/// An event's place in the whole log, from 0.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = Position, value_type = u64)]
#[serde(transparent)]
pub(crate) struct PositionNumber(pub(crate) Position);

impl From<Position> for PositionNumber {
    fn from(position: Position) -> Self {
        Self(position)
    }
}
