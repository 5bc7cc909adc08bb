//! Personal text as it stands in the log, still shut.

use domain::ids::{EventId, Owner};

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
