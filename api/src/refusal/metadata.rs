//! What a machine may find beside a code.

/// What a machine may find beside a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metadata {
    /// Seconds to wait: the header `Retry-After`.
    RetryAfter,
    /// The challenge to answer: a member of the problem.
    Challenge,
    /// The fields that are not of their form: a member of the problem.
    Errors,
}

impl Metadata {
    /// As it is called on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RetryAfter => "retry_after",
            Self::Challenge => "challenge",
            Self::Errors => "errors",
        }
    }
}
