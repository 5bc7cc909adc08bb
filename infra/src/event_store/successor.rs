//! An event database that is made beside another one and takes its place: whole, or not at all.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::schema::EventLogOpenError;
use super::sqlite::{SqliteEventStore, SqliteOptions};
use crate::aside::free_name;
use crate::sqlite::file::{beside, folder};

/// What SQLite and we keep beside a database.
const BESIDE: [&str; 4] = ["wal", "shm", "lock", "hint"];

/// The database to be.
pub struct Successor {
    of: PathBuf,
    path: PathBuf,
}

impl Successor {
    /// Of the log at `path`, whose lock the caller holds. What an earlier try left is removed.
    pub fn of(path: &Path) -> io::Result<Self> {
        let successor = Self { of: path.to_owned(), path: path.with_extension("db.next") };
        remove(&successor.path)?;
        BESIDE.iter().try_for_each(|suffix| remove(&beside(&successor.path, suffix)))?;
        Ok(successor)
    }

    /// A store to fill. It must be closed again before this takes over.
    pub async fn store(&self) -> Result<SqliteEventStore, EventLogOpenError> {
        SqliteEventStore::open(&self.path, SqliteOptions::default()).await
    }

    /// Puts it in the other one's place, which must be closed; that one stays under another name, which is
    /// answered. At every moment there is a whole log under the old name.
    pub fn take_over(self, label: &str) -> io::Result<PathBuf> {
        // Personal text of one log beside another one's database would be taken for its newest.
        for log in [&self.of, &self.path] {
            nothing_waits(&beside(log, "wal"))?;
            remove(&beside(log, "shm"))?;
        }
        File::open(&self.path)?.sync_all()?;
        let kept = self.keep(label)?;
        std::fs::rename(&self.path, &self.of)?;
        File::open(folder(&self.of))?.sync_all()?;
        // The hint that is left is the other one's, which the next start will see.
        remove(&beside(&self.path, "hint"))?;
        remove(&beside(&self.path, "lock"))?;
        Ok(kept)
    }

    /// Gives the present log a second name, unless an earlier try did.
    fn keep(&self, label: &str) -> io::Result<PathBuf> {
        let this = std::fs::metadata(&self.of)?;
        for kept in crate::aside::names(&self.of, label) {
            match std::fs::metadata(&kept) {
                Ok(that) if (this.dev(), this.ino()) == (that.dev(), that.ino()) => {
                    return Ok(kept);
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        let kept = free_name(&self.of, label)?;
        std::fs::hard_link(&self.of, &kept)?;
        File::open(folder(&self.of))?.sync_all()?;
        Ok(kept)
    }
}

/// An empty write-ahead log is removed; one that holds something is an error.
fn nothing_waits(wal: &Path) -> io::Result<()> {
    match std::fs::metadata(wal) {
        Ok(file) if file.len() > 0 => {
            Err(io::Error::other(format!("{} is not empty: somebody reads the log", wal.display())))
        }
        Ok(_) => remove(wal),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
