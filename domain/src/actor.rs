//! Who acts: one account, one role, one id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::IntoStaticStr;
use uuid::Uuid;

use crate::ids::{AdminId, BadId, DoctorId, ManagerId, Owner, PatientId, StreamName};

/// The account behind an event or a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Actor {
    /// A patient.
    Patient(PatientId),
    /// A doctor.
    Doctor(DoctorId),
    /// A practice's manager.
    Manager(ManagerId),
    /// An admin.
    Admin(AdminId),
    /// Medlock itself: before anybody is signed in, and for its own housekeeping.
    System,
}

impl Actor {
    /// The role's name, as it stands before the colon.
    pub fn role(&self) -> &'static str {
        self.into()
    }

    /// The account's UUID; none for the system.
    pub const fn uuid(&self) -> Option<Uuid> {
        match self {
            Self::Patient(id) => Some(id.uuid()),
            Self::Doctor(id) => Some(id.uuid()),
            Self::Manager(id) => Some(id.uuid()),
            Self::Admin(id) => Some(id.uuid()),
            Self::System => None,
        }
    }

    /// Whose key this account's own personal text is sealed under.
    pub fn owner(&self) -> Owner {
        self.uuid().map_or(Owner::System, Owner::Person)
    }

    /// The account's own stream; none for the system.
    pub fn stream(&self) -> Option<StreamName> {
        match self {
            Self::Patient(id) => Some(StreamName::patient(*id)),
            Self::Doctor(id) => Some(StreamName::doctor(*id)),
            Self::Manager(id) => Some(StreamName::manager(*id)),
            Self::Admin(id) => Some(StreamName::account(*id)),
            Self::System => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.uuid() {
            Some(uuid) => write!(f, "{}:{uuid}", self.role()),
            None => f.write_str(self.role()),
        }
    }
}

impl FromStr for Actor {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split_once(':') {
            Some(("patient", id)) => id.parse().map(Self::Patient),
            Some(("doctor", id)) => id.parse().map(Self::Doctor),
            Some(("manager", id)) => id.parse().map(Self::Manager),
            Some(("admin", id)) => id.parse().map(Self::Admin),
            None if text == "system" => Ok(Self::System),
            Some(_) | None => Err(BadId("actor")),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
