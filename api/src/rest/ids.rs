//! What things are called in bodies and addresses. Each says its schema once, here, for the domain knows
//! nothing of descriptions.

use std::fmt::Display;
use std::str::FromStr;

use domain::actor::Actor;
use domain::ids::{
    ConsentId, DoctorId, EmergencyId, MandateId, PatientId, PracticeId, ReportId, SessionId,
    ViewingId,
};
use domain::journal::Position;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

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
}

/// An account: `patient:<uuid>`, `doctor:<uuid>` or `admin:<uuid>`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = AccountName, value_type = String, examples("doctor:0192f3c4-0000-7000-8000-0000000000b0"))]
#[serde(transparent)]
pub(crate) struct AccountName(pub(crate) Actor);

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

impl From<Actor> for AccountName {
    fn from(actor: Actor) -> Self {
        Self(actor)
    }
}
