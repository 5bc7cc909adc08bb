//! The last signed checkpoint: in a database of its own, and once more in the guard file.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod guard_conformance;
#[cfg(test)]
mod memory;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sqlx::sqlite::SqlitePool;
use transparency::ports::{CheckpointStore, Guard, LogPortError};

use crate::durable;
use crate::sqlite::database::{DatabaseError, DatabaseKind};
use crate::sqlite::errors::is_full;
use crate::sqlite::file;
use crate::sqlite::reading::TracelessReading;

/// Every schema of the checkpoint store.
pub fn database() -> DatabaseKind {
    DatabaseKind::new(
        "a checkpoint store",
        0x4d4c_4b43,
        1,
        include_str!("checkpoint_store/migrations/0001_begin.sql"),
    )
    .with_soundness_checked()
}

/// One row in `log.db`.
pub struct SqliteCheckpointStore {
    db: SqlitePool,
    reading: Option<TracelessReading>,
}

impl SqliteCheckpointStore {
    /// Opens `path`, makes it if it is not there, brings it up to date if it is older.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::open_as(path, &database()).await
    }

    /// The same with other schemas.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub async fn open_as(path: &Path, database: &DatabaseKind) -> Result<Self, DatabaseError> {
        let connection = database.open(path, file::options(path)).await?;
        let closed = sqlx::Connection::close(connection).await;
        closed.map_err(|source| DatabaseError::Sqlite { path: path.to_owned(), source })?;
        Ok(Self { db: file::pool(file::options(path), 1), reading: None })
    }

    /// Opens `path` to read what is in it; nothing can be swapped.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub async fn open_read_only(path: &Path) -> Result<Self, DatabaseError> {
        let reading = database().open_to_read(path).await?;
        Ok(Self { db: file::pool(reading.options(), 1), reading: Some(reading) })
    }

    /// Lets go of the file, and of everything that SQLite keeps beside it.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

fn failed(error: sqlx::Error) -> LogPortError {
    // A full disk is a state of the world that passes; the caller tells it from a disk that lies.
    if is_full(&error) {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        return LogPortError { what: "checkpoint store", source: full.into() };
    }
    LogPortError { what: "checkpoint store", source: error.into() }
}

#[async_trait]
impl CheckpointStore for SqliteCheckpointStore {
    async fn last(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        let row = sqlx::query_scalar("SELECT note FROM last").fetch_optional(&self.db).await;
        if let Some(reading) = &self.reading {
            reading.still_holds().map_err(|error| failed(error.into()))?;
        }
        row.map_err(failed)
    }

    async fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, LogPortError> {
        let query = match expected {
            Some(expected) => sqlx::query("UPDATE last SET note = ?1 WHERE note = ?2")
                .bind(next.to_vec())
                .bind(expected.to_vec()),
            None => {
                sqlx::query("INSERT INTO last (one, note) VALUES (1, ?1) ON CONFLICT DO NOTHING")
                    .bind(next.to_vec())
            }
        };
        let done = query.execute(&self.db).await.map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }
}

/// The guard as a small file outside the data folder.
pub struct GuardFile {
    path: PathBuf,
}

impl GuardFile {
    /// The guard at `path`.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    async fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, LogPortError> {
        let path = self.path.clone();
        durable::blocking("guard file", move || job(&path)).await
    }
}

#[async_trait]
impl Guard for GuardFile {
    async fn read(&self) -> Result<Option<Vec<u8>>, LogPortError> {
        self.with(durable::read_own).await
    }

    async fn write(&self, note: &[u8]) -> Result<(), LogPortError> {
        let note = note.to_vec();
        self.with(move |path| durable::replace(path, &note, 0o600)).await
    }
}

#[cfg(test)]
mod sqlite_tests {
    use std::sync::Arc;

    use super::conformance::{Place, conformance};
    use super::*;

    conformance!({
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Place::new(move |_| {
            let folder = Arc::clone(&folder);
            async move {
                let store = SqliteCheckpointStore::open(&folder.path().join("log.db")).await;
                Arc::new(store.unwrap()) as Arc<dyn CheckpointStore>
            }
        })
    });
}

#[cfg(test)]
mod guard_tests {
    use std::sync::Arc;

    use super::guard_conformance::{Place, conformance};
    use super::*;

    conformance!({
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Place::new(move |_| {
            let guard = GuardFile::new(&folder.path().join("data.guard"));
            std::future::ready(Arc::new(guard) as Arc<dyn Guard>)
        })
    });
}
