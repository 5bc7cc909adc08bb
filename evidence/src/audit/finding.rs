//! What an audit finds: a place, and what is wrong there.

use std::fmt;

use domain::ids::StreamName;
use domain::journal::{Position, StreamVersion};
use serde::Serialize;

/// Findings in the public files that are told: more of them say no more.
pub(super) const FILES_MAX: usize = 20;

/// Something that is not right.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    /// Where in the log, if it has a place there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<u64>,
    /// The stream it is filed under, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    /// The version it is filed under.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// What is wrong.
    what: String,
    /// Whether nothing was found at all: the place could not be looked at.
    #[serde(skip)]
    pub(super) unread: bool,
}

impl Finding {
    pub(super) fn at(position: Position, what: impl fmt::Display) -> Self {
        Self { position: Some(position.0), ..Self::of_file(what.to_string()) }
    }

    /// A place that could not be looked at.
    pub(super) fn unread_at(position: Position, why: impl fmt::Display) -> Self {
        Self { unread: true, ..Self::at(position, why) }
    }

    /// A file that could not be looked at, or not as a whole.
    pub(super) fn unread_file(why: String) -> Self {
        Self { unread: true, ..Self::of_file(why) }
    }

    pub(super) fn of_stream(stream: &StreamName, version: StreamVersion, what: String) -> Self {
        Self::of_file(what).of(stream, version)
    }

    pub(super) fn of_file(what: String) -> Self {
        Self { position: None, stream: None, version: None, what, unread: false }
    }

    /// What is wrong, without the place.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn of(mut self, stream: &StreamName, version: StreamVersion) -> Self {
        self.stream = Some(stream.to_string());
        self.version = Some(version.0);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "position {position}")?;
        }
        if let (Some(stream), Some(version)) = (&self.stream, self.version) {
            let comma = if self.position.is_some() { ", " } else { "" };
            write!(f, "{comma}{stream} version {version}")?;
        }
        let colon = if self.position.is_some() || self.stream.is_some() { ": " } else { "" };
        write!(f, "{colon}{}", self.what)
    }
}
