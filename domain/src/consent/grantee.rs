//! Whom a consent lets in, and who reads.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{BadId, DoctorId, Owner, PracticeId, StreamName};

/// Whom a consent names; written `doctor:<uuid>` or `practice:<uuid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// One doctor, in whatever session.
    Doctor(DoctorId),
    /// A practice: whichever doctor is a member at the moment of the access, in a session for it.
    Practice(PracticeId),
}

impl Grantee {
    /// Whose key the grantee's own name is sealed under; a practice is no person.
    pub const fn owner(self) -> Owner {
        match self {
            Self::Doctor(doctor) => Owner::Person(doctor.uuid()),
            Self::Practice(_) => Owner::System,
        }
    }

    /// The grantee's own stream: who they are and where they stand.
    pub fn stream(self) -> StreamName {
        match self {
            Self::Doctor(doctor) => StreamName::doctor(doctor),
            Self::Practice(practice) => StreamName::practice(practice),
        }
    }
}

/// A doctor who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Who reads.
    pub doctor: DoctorId,
    /// The practice their session is for, where they are a member of it now.
    pub practice: Option<PracticeId>,
}

impl Reader {
    /// A doctor who reads for no practice.
    pub const fn doctor(doctor: DoctorId) -> Self {
        Self { doctor, practice: None }
    }

    /// Those whose consents count for this reader.
    pub fn counts_as(self) -> impl Iterator<Item = Grantee> {
        let practice = self.practice.map(Grantee::Practice);
        std::iter::once(Grantee::Doctor(self.doctor)).chain(practice)
    }

    /// Whether a consent to `grantee` counts for this reader.
    pub fn is(self, grantee: Grantee) -> bool {
        match grantee {
            Grantee::Doctor(doctor) => doctor == self.doctor,
            Grantee::Practice(practice) => self.practice == Some(practice),
        }
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doctor(id) => write!(f, "doctor:{id}"),
            Self::Practice(id) => write!(f, "practice:{id}"),
        }
    }
}

impl FromStr for Grantee {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split_once(':') {
            Some(("doctor", id)) => id.parse().map(Self::Doctor),
            Some(("practice", id)) => id.parse().map(Self::Practice),
            Some(_) | None => Err(BadId("grantee")),
        }
    }
}

impl Serialize for Grantee {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Grantee {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{BO, EVE};

    const PRACTICE: PracticeId = PracticeId::new(uuid::Uuid::from_u128(0x9a));
    const ELSEWHERE: PracticeId = PracticeId::new(uuid::Uuid::from_u128(0x9b));

    #[test]
    fn a_grantee_is_read_as_it_is_written() {
        for (grantee, text) in [
            (Grantee::Doctor(BO), "doctor:00000000-0000-0000-0000-00000000000b"),
            (Grantee::Practice(PRACTICE), "practice:00000000-0000-0000-0000-00000000009a"),
        ] {
            assert_eq!(grantee.to_string(), text);
            assert_eq!(text.parse(), Ok(grantee));
            let written = serde_json::to_value(grantee).unwrap();
            assert_eq!(written, text);
            assert_eq!(serde_json::from_value::<Grantee>(written).unwrap(), grantee);
        }
        for text in ["", "doctor", "doctor:", "admin:00000000-0000-0000-0000-00000000000b"] {
            assert!(text.parse::<Grantee>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_doctors_name_is_a_persons_and_a_practices_is_not() {
        let (bo, practice) = (Grantee::Doctor(BO), Grantee::Practice(PRACTICE));
        assert_eq!((bo.owner(), practice.owner()), (Owner::Person(BO.uuid()), Owner::System));
        assert_eq!(bo.stream(), StreamName::doctor(BO));
        assert_eq!(practice.stream(), StreamName::practice(PRACTICE));
    }

    #[test]
    fn a_reader_is_the_doctor_and_a_member_where_the_session_says_so() {
        let (alone, member) = (Reader::doctor(BO), Reader { doctor: BO, practice: Some(PRACTICE) });
        let grantees = [
            (Grantee::Doctor(BO), true, true),
            (Grantee::Doctor(EVE), false, false),
            (Grantee::Practice(PRACTICE), false, true),
            (Grantee::Practice(ELSEWHERE), false, false),
        ];
        for (grantee, of_alone, of_member) in grantees {
            assert_eq!((alone.is(grantee), member.is(grantee)), (of_alone, of_member), "{grantee}");
            assert_eq!(alone.counts_as().any(|counts| counts == grantee), of_alone, "{grantee}");
            assert_eq!(member.counts_as().any(|counts| counts == grantee), of_member, "{grantee}");
        }
    }
}
