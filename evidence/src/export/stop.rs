//! Why an export was not made.

use std::path::PathBuf;

use crate::ports::{KeysError, LinesError};

/// Why an export was not made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder holds something: an export never mixes with another.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// What is stored cannot be exported: a finding. In words.
    #[error("{0}")]
    NotWhole(String),
    /// The world is not as it must be.
    #[error("{0:#}")]
    World(anyhow::Error),
}

impl From<anyhow::Error> for ExportError {
    fn from(error: anyhow::Error) -> Self {
        Self::World(error)
    }
}

impl From<LinesError> for ExportError {
    fn from(error: LinesError) -> Self {
        match error.damage() {
            Some(damage) => Self::damaged(damage),
            None => Self::World(error.into()),
        }
    }
}

impl From<KeysError> for ExportError {
    fn from(error: KeysError) -> Self {
        Self::World(error.into())
    }
}

impl ExportError {
    /// What is wrong with the stored lines.
    pub(super) fn damaged(what: &str) -> Self {
        Self::NotWhole(format!("the log cannot be exported whole: {what}; see medlock verify"))
    }
}
