//! The lock of an event database.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use super::schema::EventLogOpenError;
use crate::sqlite::file::{beside, private};

/// Keeps every other process from writing an event log, for as long as any copy of it lives. It is a file
/// beside the database, which must not be opened for that: closing it again would drop SQLite's own locks.
#[derive(Clone)]
pub struct LogLock(#[allow(dead_code, reason = "held, not read")] Arc<File>);

impl LogLock {
    /// Takes the lock of the log at `path`.
    pub fn take(path: &Path) -> Result<Self, EventLogOpenError> {
        let file = private(&beside(path, "lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Arc::new(file))),
            Err(TryLockError::WouldBlock) => Err(EventLogOpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
