//! The one place that opens sealed personal text for a reader. It asks for a permit.

mod sealed;

use std::fmt;

use domain::access::policy::PersonalTextPermit;

pub use sealed::{SealedAt, WordKind};

use crate::ports::{PortError, Unseal};

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

/// What a screen shows.
impl From<Opened> for String {
    fn from(opened: Opened) -> Self {
        match opened {
            Opened::Text(words) => words,
            Opened::Erased => Opened::Erased.as_str().to_owned(),
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
    pub async fn open_text(&self, sealed: &SealedAt) -> Result<Opened, PersonalTextError> {
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
    pub async fn open_text_if(
        &self,
        sealed: Option<&SealedAt>,
    ) -> Result<Option<Opened>, PersonalTextError> {
        match sealed {
            Some(sealed) => self.open_text(sealed).await.map(Some),
            None => Ok(None),
        }
    }
}

impl fmt::Debug for PermittedReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({})", self.permit.reader())
    }
}
