//! The lock of an event database, and the files beside it.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::schema::EventLogOpenError;

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

/// Opens a file, and makes it readable by its owner only if it is not there.
pub(super) fn private(path: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).mode(0o600).open(path)
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(suffix);
    name.into()
}

pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    }
}
