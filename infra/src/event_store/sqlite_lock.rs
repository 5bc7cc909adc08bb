//! The lock of an event database.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use super::schema::EventLogOpenError;
use crate::sqlite::file::{beside, private};

/// How often a lock is tried before somebody is said to hold it.
const ASKED_AGAIN: u32 = 64;

/// Keeps every other process from writing an event log, for as long as any copy of it lives. It is a file
/// beside the database, which must not be opened for that: closing it again would drop SQLite's own locks.
#[derive(Clone)]
pub struct LogLock(#[allow(dead_code, reason = "held, not read")] Arc<File>);

impl LogLock {
    /// Takes the lock of the log at `path`.
    pub fn take(path: &Path) -> Result<Self, EventLogOpenError> {
        Self::on(private(&beside(path, "lock"))?, path)
    }

    /// The same, where nothing may be made: none if there is no file to lock, for then nobody ever wrote the
    /// log here.
    pub fn take_if_there(path: &Path) -> Result<Option<Self>, EventLogOpenError> {
        match File::open(beside(path, "lock")) {
            Ok(file) => Self::on(file, path).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether somebody writes the log at `path` now.
    pub(super) fn is_held(path: &Path) -> bool {
        let file = File::open(beside(path, "lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn on(file: File, path: &Path) -> Result<Self, EventLogOpenError> {
        // Whoever only asks whether it is held holds it for a moment: see above.
        for _ in 0..ASKED_AGAIN {
            match file.try_lock() {
                Ok(()) => return Ok(Self(Arc::new(file))),
                Err(TryLockError::WouldBlock) => std::thread::yield_now(),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Err(EventLogOpenError::InUse(path.to_owned()))
    }
}
