//! The one place that opens sealed personal text for a reader. It asks for a permit.

use std::fmt;

use domain::access::policy::PersonalTextPermit;
use domain::ids::{EventId, Owner};

use crate::ports::{PortError, Unseal};

/// What kind of words: it decides which permit opens them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// Who somebody is, as lists of people show it: name, specialty, licence, what was written about a
    /// verification.
    Name,
    /// Anything else: titles, addresses, birth dates. Its owner's, and whoever may read its owner's record.
    Private,
}

/// Sealed personal text, and the place that they are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAt {
    /// Whose key seals them.
    pub owner: Owner,
    /// The event they stand in.
    pub event: EventId,
    /// Where in it: RFC 6901 from the event's root.
    pub pointer: &'static str,
    /// What kind of words they are.
    pub kind: WordKind,
    /// The sealed value.
    pub value: String,
}

/// What opening gave.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened {
    /// The words. Never logged: `Debug` does not show them.
    Text(String),
    /// The key is gone, for ever.
    Erased,
}

impl Opened {
    /// What a screen shows.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(words) => words,
            Self::Erased => "erased",
        }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Opened(text)",
            Self::Erased => "Opened(erased)",
        })
    }
}

/// Why words stayed shut.
#[derive(Debug, thiserror::Error)]
pub enum PersonalTextError {
    /// The permit is for other words: a fault of ours, never of the reader.
    #[error("the permit does not open these words")]
    NotPermitted,
    /// The keys could not be asked.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Somebody who reads, with the permit they read by.
#[derive(Clone, Copy)]
pub struct PermittedReader<'a> {
    permit: &'a PersonalTextPermit,
    unseal: &'a dyn Unseal,
}

impl<'a> PermittedReader<'a> {
    /// Reads by `permit`.
    pub const fn new(permit: &'a PersonalTextPermit, unseal: &'a dyn Unseal) -> Self {
        Self { permit, unseal }
    }

    /// Opens personal text.
    pub async fn open(&self, sealed: &SealedAt) -> Result<Opened, PersonalTextError> {
        let permitted = match sealed.kind {
            WordKind::Name => self.permit.opens_names() || self.permit.opens_text_of(sealed.owner),
            WordKind::Private => self.permit.opens_text_of(sealed.owner),
        };
        if !permitted {
            return Err(PersonalTextError::NotPermitted);
        }
        let SealedAt { owner, event, pointer, value, .. } = sealed;
        let words = self.unseal.unseal(*owner, *event, pointer, value).await?;
        Ok(words.map_or(Opened::Erased, Opened::Text))
    }

    /// Opens personal text that may be absent.
    pub async fn open_if(
        &self,
        sealed: Option<&SealedAt>,
    ) -> Result<Option<Opened>, PersonalTextError> {
        match sealed {
            Some(sealed) => self.open(sealed).await.map(Some),
            None => Ok(None),
        }
    }
}

impl fmt::Debug for PermittedReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({})", self.permit.reader())
    }
}
