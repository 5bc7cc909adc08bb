//! Read models in one SQLite file, `read-<version>.db`. It holds nothing that is not in the log: a file
//! that is damaged or of another version is thrown away, and the read loop fills a new one.

mod file;
mod tables;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::journal::Position;
use projections::ports::{FreshStore, ModelStep, PortError, ReadStore};
use projections::query::{Query, Row};
use projections::table::{Cell, Schema};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row as _, SqliteConnection, SqlitePool, TypeInfo, ValueRef};
use tokio::sync::RwLock;

use crate::sqlite::errors::is_damage;
use crate::sqlite::file::{beside, private};

use file::{other_versions, path_of, remove, versions};

/// How many questions are answered at the same time.
const READERS: u32 = 4;

/// Read models in SQLite.
#[derive(Clone)]
pub struct SqliteReadStore {
    shared: Arc<Shared>,
}

struct Shared {
    directory: PathBuf,
    schema: Schema,
    db: RwLock<Db>,
    /// Set when SQLite says that the file is no database or not whole; the next start of the loop throws
    /// it away.
    damaged: AtomicBool,
}

/// Removes the files of every read store in `directory`, which nobody may have open: they are made anew.
pub fn forget(directory: &Path) -> std::io::Result<()> {
    versions(directory)?.iter().try_for_each(|file| remove(file))
}

/// An open file. One connection writes; readers see the last commit and never wait for it.
struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// A file that is being filled, to take the place of another.
struct FreshFile {
    store: SqliteReadStore,
    replaces: Arc<Shared>,
}

#[derive(Debug, thiserror::Error)]
enum ReadStoreError {
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error("the file has other tables")]
    OtherTables,
    #[error("the file is damaged and will be made anew")]
    Damaged,
    #[error("{0} does not stand where its step begins")]
    Moved(&'static str),
}

impl ReadStoreError {
    /// Whether the file itself is at fault.
    fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite(error) => is_damage(error),
            Self::OtherTables | Self::Damaged => true,
            Self::File(_) | Self::Moved(_) => false,
        }
    }
}

impl From<ReadStoreError> for PortError {
    fn from(error: ReadStoreError) -> Self {
        Self { what: "read store", source: Box::new(error) }
    }
}

impl SqliteReadStore {
    /// Opens the file of this schema's version in `directory`, or makes it; takes away those of other
    /// versions.
    pub async fn open(directory: &Path, schema: Schema) -> Result<Self, PortError> {
        Ok(Self::open_at(directory, schema).await?)
    }

    /// Closes the file; its write-ahead log is folded in. Nothing can be asked afterwards.
    pub async fn close(&self) {
        self.shared.db.read().await.close().await;
    }

    async fn open_at(directory: &Path, schema: Schema) -> Result<Self, ReadStoreError> {
        let path = path_of(directory, &schema);
        for name in other_versions(directory, &path)? {
            tracing::info!(file = %name.display(), "a read store of another version is taken away");
            std::fs::remove_file(name)?;
        }
        let db = match Db::open(&path, &schema, SqliteSynchronous::Normal).await {
            Err(error) if error.is_damage() => {
                Db::anew(&path, &schema, SqliteSynchronous::Normal, &error).await?
            }
            opened => opened?,
        };
        let directory = directory.to_owned();
        let db = RwLock::new(db);
        let shared = Shared { directory, schema, db, damaged: AtomicBool::new(false) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Notes damage for the next start of the loop.
    fn note<T>(&self, done: Result<T, ReadStoreError>) -> Result<T, PortError> {
        if done.as_ref().is_err_and(ReadStoreError::is_damage) {
            self.shared.damaged.store(true, Ordering::Release);
        }
        Ok(done?)
    }

    async fn heal(&self) -> Result<(), ReadStoreError> {
        if self.shared.damaged.load(Ordering::Acquire) {
            let path = path_of(&self.shared.directory, &self.shared.schema);
            let mut db = self.shared.db.write().await;
            db.close().await;
            let why = ReadStoreError::Damaged;
            *db = Db::anew(&path, &self.shared.schema, SqliteSynchronous::Normal, &why).await?;
            self.shared.damaged.store(false, Ordering::Release);
        }
        Ok(())
    }

    async fn positions_now(&self) -> Result<BTreeMap<String, Position>, ReadStoreError> {
        let db = self.shared.db.read().await;
        let sql = "SELECT model, next FROM read_positions";
        let rows = sqlx::query(sql).fetch_all(&db.writer).await?;
        let position = |row: &SqliteRow| {
            let next = u64::try_from(row.try_get::<i64, _>("next")?).unwrap_or(0);
            Ok((row.try_get("model")?, Position(next)))
        };
        rows.iter().map(position).collect()
    }

    async fn write_now(&self, steps: &[ModelStep<'_>]) -> Result<(), ReadStoreError> {
        if self.shared.damaged.load(Ordering::Acquire) {
            return Err(ReadStoreError::Damaged);
        }
        let db = self.shared.db.read().await;
        let mut transaction = db.writer.begin().await?;
        for step in steps {
            save_position(&mut transaction, step).await?;
            write::write(&mut transaction, step.changes).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn query_now(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, ReadStoreError> {
        let db = self.shared.db.read().await;
        // One transaction, so that a page and its total, or a row and what it refers to, agree.
        let mut transaction = db.readers.begin().await?;
        let mut answers = Vec::with_capacity(queries.len());
        for query in queries {
            let (sql, args) = query.sql();
            let rows = write::bind(sql, &args).fetch_all(&mut *transaction).await?;
            answers.push(rows.iter().map(read_row).collect::<Result<Vec<Row>, _>>()?);
        }
        transaction.commit().await?;
        Ok(answers)
    }

    async fn fresh_now(&self) -> Result<FreshFile, ReadStoreError> {
        let schema = self.shared.schema.clone();
        let directory = self.shared.directory.join("read-rebuild");
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        std::fs::create_dir(&directory)?;
        // Nothing is lost if the power goes: the half-filled file is not in use yet.
        let path = path_of(&directory, &schema);
        let db = RwLock::new(Db::open(&path, &schema, SqliteSynchronous::Off).await?);
        let shared = Shared { directory, schema, db, damaged: AtomicBool::new(false) };
        let store = Self { shared: Arc::new(shared) };
        Ok(FreshFile { store, replaces: Arc::clone(&self.shared) })
    }
}

impl FreshFile {
    async fn swap(self) -> Result<(), ReadStoreError> {
        let new = &self.store.shared;
        let (from, to) = (path_of(&new.directory, &new.schema), {
            path_of(&self.replaces.directory, &self.replaces.schema)
        });
        // Closing the last connection folds the write-ahead log into the file.
        new.db.read().await.close().await;
        std::fs::File::open(&from)?.sync_all()?;
        let mut db = self.replaces.db.write().await;
        db.close().await;
        // From here on the old file is closed: a failure leaves nothing to read, and the loop starts anew.
        self.replaces.damaged.store(true, Ordering::Release);
        // A write-ahead log that outlived its file would be played into the new one.
        remove(&beside(&to, "wal"))?;
        remove(&beside(&to, "shm"))?;
        std::fs::rename(&from, &to)?;
        std::fs::File::open(&self.replaces.directory)?.sync_all()?;
        *db = Db::open(&to, &self.replaces.schema, SqliteSynchronous::Normal).await?;
        self.replaces.damaged.store(false, Ordering::Release);
        std::fs::remove_dir_all(&new.directory)?;
        Ok(())
    }
}

impl Db {
    async fn open(
        path: &Path,
        schema: &Schema,
        synchronous: SqliteSynchronous,
    ) -> Result<Self, ReadStoreError> {
        drop(private(path)?);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .statement_cache_capacity(400)
            .pragma("cache_size", "-32768");
        let mut builder = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
        builder = builder.idle_timeout(None).max_lifetime(None);
        let writer = builder.clone().connect_with(options.clone()).await?;
        if let Err(error) = tables::make(&writer, schema).await {
            writer.close().await;
            return Err(error);
        }
        let readers =
            builder.max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    /// Throws the file away and makes a new one.
    async fn anew(
        path: &Path,
        schema: &Schema,
        synchronous: SqliteSynchronous,
        why: &ReadStoreError,
    ) -> Result<Self, ReadStoreError> {
        tracing::warn!(file = %path.display(), %why, "the read store is thrown away and made anew");
        for file in [path.to_owned(), beside(path, "wal"), beside(path, "shm")] {
            remove(&file)?;
        }
        Self::open(path, schema, synchronous).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn save_position(
    connection: &mut SqliteConnection,
    step: &ModelStep<'_>,
) -> Result<(), ReadStoreError> {
    let (from, to) = (Cell::from(step.from), Cell::from(step.to));
    if step.from == Position(0) {
        let sql = "INSERT INTO read_positions (model, next) VALUES (?, 0) ON CONFLICT DO NOTHING";
        sqlx::query(sql).bind(step.model).execute(&mut *connection).await?;
    }
    // The place is the guard: rows are never added twice, not even by a second process.
    let sql = "UPDATE read_positions SET next = $1 WHERE model = $2 AND next = $3";
    let moved = write::bind(sql.to_owned(), &[to, step.model.into(), from]);
    if moved.execute(connection).await?.rows_affected() == 1 {
        Ok(())
    } else {
        Err(ReadStoreError::Moved(step.model))
    }
}

fn read_row(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let cell = |column| {
        let raw = row.try_get_raw(column)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        if raw.type_info().name() == "TEXT" {
            row.try_get_unchecked(column).map(Cell::Text)
        } else {
            row.try_get_unchecked(column).map(Cell::Bigint)
        }
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}

#[async_trait]
impl ReadStore for SqliteReadStore {
    async fn positions(&self) -> Result<BTreeMap<String, Position>, PortError> {
        self.heal().await?;
        let positions = self.positions_now().await;
        self.note(positions)
    }

    async fn write(&self, steps: &[ModelStep<'_>]) -> Result<(), PortError> {
        let written = self.write_now(steps).await;
        self.note(written)
    }

    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, PortError> {
        let answers = self.query_now(queries).await;
        self.note(answers)
    }

    async fn fresh(&self) -> Result<Box<dyn FreshStore>, PortError> {
        Ok(Box::new(self.fresh_now().await?))
    }
}

#[async_trait]
impl ReadStore for FreshFile {
    async fn positions(&self) -> Result<BTreeMap<String, Position>, PortError> {
        self.store.positions().await
    }

    async fn write(&self, steps: &[ModelStep<'_>]) -> Result<(), PortError> {
        self.store.write(steps).await
    }

    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, PortError> {
        self.store.query(queries).await
    }

    async fn fresh(&self) -> Result<Box<dyn FreshStore>, PortError> {
        self.store.fresh().await
    }
}

#[async_trait]
impl FreshStore for FreshFile {
    async fn swap_in(self: Box<Self>) -> Result<(), PortError> {
        Ok(self.swap().await?)
    }
}

#[cfg(test)]
mod conformance_tests {
    use super::super::conformance::{Place, conformance, schema};
    use super::*;

    conformance!({
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Place::new(move |_| {
            let folder = Arc::clone(&folder);
            async move {
                let store = SqliteReadStore::open(folder.path(), schema()).await.unwrap();
                Arc::new(store) as Arc<dyn ReadStore>
            }
        })
    });
}
