//! Ids: one type per thing, so that a consent's id can never stand where a report's is wanted.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An id that does not read as a lower-case, hyphenated UUID, or a stream name that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct BadId(pub &'static str);

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that was made or read elsewhere.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }
            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                parse_uuid(text).map(Self).ok_or(BadId(stringify!($name)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

id_types! {
    /// A patient; also the subject whose keys seal the patient's personal text.
    PatientId;
    /// A doctor.
    DoctorId;
    /// An admin.
    AdminId;
    /// Somebody who runs a practice's affairs.
    ManagerId;
    /// A practice: a clinic, a laboratory.
    PracticeId;
    /// One signed-in browser or machine.
    SessionId;
    /// One consent a patient gave.
    ConsentId;
    /// One emergency access: a broken glass.
    EmergencyId;
    /// One proxy's mandate to act for a patient.
    MandateId;
    /// One report.
    ReportId;
    /// One viewing: what a redeemed view token opens.
    ViewingId;
    /// One event.
    EventId;
    /// One step-up or second-factor challenge.
    ChallengeId;
    /// One second factor that an account set up: a passkey.
    FactorId;
}

/// A UUID in its one accepted spelling: 36 characters, lower case, hyphens.
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    let mut buffer = Uuid::encode_buffer();
    (uuid.hyphenated().encode_lower(&mut buffer) == text).then_some(uuid)
}

/// The name of an event stream: a kind, or a kind, a hyphen and an id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// The patient's stream: the consistency boundary of everything that happens to one record.
    pub fn patient(id: PatientId) -> Self {
        Self(format!("patient-{id}").into())
    }
    /// The doctor's stream: registration, standing, what lists of names they were shown.
    pub fn doctor(id: DoctorId) -> Self {
        Self(format!("doctor-{id}").into())
    }
    /// The admin's stream: registration, what lists of names they were shown.
    pub fn account(id: AdminId) -> Self {
        Self(format!("account-{id}").into())
    }
    /// A manager's stream, of the same kind as an admin's.
    pub fn manager(id: ManagerId) -> Self {
        Self(format!("account-{id}").into())
    }
    /// A practice's stream.
    pub fn practice(id: PracticeId) -> Self {
        Self(format!("practice-{id}").into())
    }
    /// The one stream that says who is an admin and how the first one came in.
    pub fn admins() -> Self {
        Self("admins".into())
    }
    /// One session's stream.
    pub fn session(id: SessionId) -> Self {
        Self(format!("session-{id}").into())
    }
    /// The stream of one e-mail address: which account it names, and failed attempts.
    pub fn login(address: &LoginHash) -> Self {
        Self(format!("login-{address}").into())
    }
    /// The stream of an account's second factors, by the account's UUID.
    pub fn factors(person: Uuid) -> Self {
        Self(format!("factors-{person}").into())
    }
    /// The stream in which the log speaks of itself, after so many continuations from older databases.
    pub fn log(continuations: u32) -> Self {
        match continuations {
            0 => Self("log".into()),
            n => Self(format!("log-{n}").into()),
        }
    }
    /// The name as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What the stream is about.
    pub fn id(&self) -> StreamId {
        StreamId::read(&self.0).unwrap_or(StreamId::Other)
    }
    /// The patient this stream belongs to, if it is a patient's.
    pub fn patient_id(&self) -> Option<PatientId> {
        if let StreamId::Patient(patient) = self.id() { Some(patient) } else { None }
    }
    /// Whether the log speaks of itself there. Asked of every line that is verified: no id is read.
    pub fn is_of_the_log(&self) -> bool {
        self.0.strip_prefix("log").is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
    /// The person whose key seals this stream's personal text and wraps its stream key, where the name says
    /// it.
    pub fn owner(&self) -> Owner {
        match self.id() {
            StreamId::Patient(patient) => Owner::Person(patient.uuid()),
            StreamId::Doctor(doctor) => Owner::Person(doctor.uuid()),
            StreamId::Account(person) | StreamId::Factors(person) => Owner::Person(person),
            StreamId::Practice(_)
            | StreamId::Admins
            | StreamId::Login(_)
            | StreamId::Session(_)
            | StreamId::Log(_)
            | StreamId::Other => Owner::System,
        }
    }
}

/// What a stream is about. The one place that reads the name of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamId {
    /// A patient's record.
    Patient(PatientId),
    /// A doctor.
    Doctor(DoctorId),
    /// An admin or a manager: who of the two does not stand in the name.
    Account(Uuid),
    /// A practice.
    Practice(PracticeId),
    /// Who is an admin.
    Admins,
    /// An e-mail address.
    Login(LoginHash),
    /// A session.
    Session(SessionId),
    /// The second factors of an account: whose role it is does not stand in the name.
    Factors(Uuid),
    /// The log, after so many continuations from older databases.
    Log(u32),
    /// Nothing that this version knows. It is hashed and verified like any other.
    Other,
}

impl StreamId {
    fn read(name: &str) -> Option<Self> {
        let Some((kind, id)) = name.split_once('-') else {
            return match name {
                "admins" => Some(Self::Admins),
                "log" => Some(Self::Log(0)),
                _ => None,
            };
        };
        match kind {
            "patient" => id.parse().ok().map(Self::Patient),
            "doctor" => id.parse().ok().map(Self::Doctor),
            "account" => parse_uuid(id).map(Self::Account),
            "practice" => id.parse().ok().map(Self::Practice),
            "login" => id.parse().ok().map(Self::Login),
            "session" => id.parse().ok().map(Self::Session),
            // Without leading zeros: a name has one spelling.
            "factors" => parse_uuid(id).map(Self::Factors),
            "log" if !id.starts_with('0') => id.parse().ok().map(Self::Log),
            _ => None,
        }
    }
}

impl FromStr for StreamName {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let (kind, id) = text.split_once('-').unwrap_or((text, ""));
        let kind_ok = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase());
        let id_ok = id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        let ends_ok = !text.ends_with('-') && text.len() <= 128;
        if kind_ok && id_ok && ends_ok { Ok(Self(text.into())) } else { Err(BadId("stream name")) }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose key a thing is kept under: a person's, destroyed at erasure, or the installation's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// A patient, doctor or admin, by the UUID of their id.
    Person(Uuid),
    /// Nobody in particular.
    System,
}

macro_rules! digest_types {
    ($($(#[$doc:meta])* $name:ident($len:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut buffer = [0_u8; $len * 2];
                let text = hex::encode_to_slice(self.0, &mut buffer).ok();
                f.write_str(text.and_then(|()| std::str::from_utf8(&buffer).ok()).unwrap_or(""))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let mut bytes = [0_u8; $len];
                let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
                match hex::decode_to_slice(text, &mut bytes) {
                    Ok(()) if lower => Ok(Self(bytes)),
                    Ok(()) | Err(_) => Err(BadId(stringify!($name))),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

digest_types! {
    /// BLAKE3-256 of an event's line, or 32 zero bytes before the first.
    EventHash(32);
    /// Keyed hash of a normalised e-mail address.
    LoginHash(32);
    /// Keyed hash of where a request came from.
    SourceHash(16);
    /// BLAKE3-256 of a view token or a one-time link: all that is ever stored of it.
    TokenHash(32);
    /// BLAKE3-256 of a report container: the blob's name.
    BlobHash(32);
    /// The id of a subject's key.
    KeyId(16);
    /// What a subject's key is bound to in the log: `derive_key("medlock 2026-11 key commitment", key)`.
    KeyCommitment(32);
    /// RFC 6962 root of a tree.
    TreeRoot(32);
    /// First 16 bytes of the keyed hash of a caller's canonical request.
    RequestDigest(16);
}

impl EventHash {
    /// What stands in `prev` at version 0.
    pub const ZERO: Self = Self([0; 32]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = "0192f3c4-0000-7000-8000-00000000abcd";
        assert_eq!(id.parse::<ReportId>().unwrap().to_string(), id);
        for wrong in [&id.to_uppercase(), &id.replace('-', ""), "", "x", &format!("{{{id}}}")] {
            assert_eq!(wrong.parse::<ReportId>(), Err(BadId("ReportId")), "{wrong}");
        }
    }

    #[test]
    fn a_stream_name_says_what_it_is_about() {
        let uuid = Uuid::from_u128(0x0192_f3c4_0000_7000_8000_0000_0000_abcd);
        let address = LoginHash([7; 32]);
        let person = Owner::Person(uuid);
        let patient = PatientId::new(uuid);
        let doctor = DoctorId::new(uuid);
        let session = SessionId::new(uuid);
        let practice = PracticeId::new(uuid);
        let streams = [
            (StreamName::patient(patient), StreamId::Patient(patient), person),
            (StreamName::doctor(doctor), StreamId::Doctor(doctor), person),
            (StreamName::account(AdminId::new(uuid)), StreamId::Account(uuid), person),
            (StreamName::manager(ManagerId::new(uuid)), StreamId::Account(uuid), person),
            (StreamName::practice(practice), StreamId::Practice(practice), Owner::System),
            (StreamName::admins(), StreamId::Admins, Owner::System),
            (StreamName::login(&address), StreamId::Login(address), Owner::System),
            (StreamName::session(session), StreamId::Session(session), Owner::System),
            (StreamName::factors(uuid), StreamId::Factors(uuid), person),
            (StreamName::log(0), StreamId::Log(0), Owner::System),
            (StreamName::log(12), StreamId::Log(12), Owner::System),
        ];
        for (name, id, owner) in streams {
            assert_eq!((name.id(), name.owner()), (id, owner), "{name}");
            assert_eq!(name.is_of_the_log(), matches!(id, StreamId::Log(_)), "{name}");
            assert_eq!(name.patient_id().is_some(), matches!(id, StreamId::Patient(_)), "{name}");
            assert_eq!(name.as_str().parse(), Ok(name));
        }
        assert_eq!(StreamName::log(0).as_str(), "log");
        assert_eq!(StreamName::log(12).as_str(), "log-12");
    }

    #[test]
    fn a_stream_of_a_later_version_is_a_stream() {
        for name in ["appointment-0", "notices", "patient", "patient-0abc", "log-012", "logs"] {
            let name: StreamName = name.parse().unwrap();
            assert_eq!((name.id(), name.owner()), (StreamId::Other, Owner::System), "{name}");
        }
        for wrong in ["", "-", "Patient-1", "patient-", "patient-xyz", "a b", "patient-0;drop"] {
            assert!(wrong.parse::<StreamName>().is_err(), "{wrong}");
        }
    }
}
