//! Tokens and viewings as their facts add up.

use super::event::{RecordViewed, ViewTokenIssued};

/// A view token.
#[derive(Debug, Clone)]
pub struct Token {
    /// As issued.
    pub issued: ViewTokenIssued,
    /// Whether it was redeemed: once is all there is.
    pub redeemed: bool,
}

/// A viewing.
#[derive(Debug, Clone)]
pub struct Viewing {
    /// As opened.
    pub opened: RecordViewed,
    /// Whether it ended before its time.
    pub ended: bool,
}
