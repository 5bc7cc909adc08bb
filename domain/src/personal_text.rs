//! Personal text: clear only between the edge and the line that is being made, sealed ever after.

pub mod plain;

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name, address, title, reason: anything that identifies or describes a person.
///
/// A fact that a decision has just made holds clear personal text; the write loop seals them while it makes
/// the line. A fact read from the log holds what was sealed. Decisions never look inside either.
#[derive(Clone, PartialEq, Eq)]
pub enum PersonalText {
    /// As typed. Never stored, never logged: `Debug` does not show it.
    Clear(String),
    /// As stored: base64url of key id, nonce, ciphertext and tag.
    Sealed(String),
}

/// Member that marks clear personal text in a fact that is about to be written; no stored line has it.
pub const CLEAR_MEMBER: &str = "seal";
/// Member that holds sealed personal text in a stored line; reserved.
pub const SEALED_MEMBER: &str = "sealed";

impl PersonalText {
    /// Clear personal text, trimmed.
    pub fn clear(text: &str) -> Self {
        Self::Clear(text.trim().to_owned())
    }
}

impl fmt::Debug for PersonalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear(_) => f.write_str("PersonalText(clear)"),
            Self::Sealed(_) => f.write_str("PersonalText(sealed)"),
        }
    }
}

impl Serialize for PersonalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Clear(text) => map.serialize_entry(CLEAR_MEMBER, text)?,
            Self::Sealed(text) => map.serialize_entry(SEALED_MEMBER, text)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PersonalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Stored {
            sealed: String,
        }
        let stored = Stored::deserialize(deserializer)?;
        if stored.sealed.is_empty() {
            return Err(D::Error::custom("an empty sealed value"));
        }
        Ok(Self::Sealed(stored.sealed))
    }
}
