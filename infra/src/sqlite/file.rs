//! What every small database of ours has in common: a private file, a write-ahead log that is made durable
//! at each commit, a mark that says whose it is.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A database of something else.
    #[error("{} is not {what}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// A later version of this program wrote it.
    #[error("{} has schema version {found}, which this program does not know: use the newer program", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i64,
    },
    /// The file could not be made.
    #[error("{} could not be opened: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite could not open it.
    #[error("{} could not be opened: {source}", .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
}

/// A database of one kind.
pub(crate) struct DatabaseKind {
    /// As a person would say it: "a key vault".
    pub(crate) what: &'static str,
    /// Four letters that tell this file from any other SQLite database.
    pub(crate) application: u32,
    /// The version that `create` and `upgrades` lead to.
    pub(crate) version: i64,
    /// Makes the tables of version 1 and sets both marks, in one transaction.
    pub(crate) create: &'static str,
    /// What leads from version 1 to 2, from 2 to 3 …, each in one transaction that sets the new version.
    pub(crate) upgrades: &'static [&'static str],
}

impl DatabaseKind {
    /// Opens the database at `path` for one writer, and makes it first if it is not there.
    pub(crate) async fn open(&self, path: &Path) -> Result<SqliteConnection, FileError> {
        let io = |source| FileError::Io { path: path.to_owned(), source };
        let sqlite = |source| FileError::Sqlite { path: path.to_owned(), source };
        // SQLite gives its -wal and -shm files the mode of the database.
        let private =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        private.and_then(|file| file.sync_all()).map_err(io)?;
        let mut connection = connect(path).await.map_err(sqlite)?;
        let marks = Marks::read(&mut connection).await.map_err(sqlite)?;
        if marks.tables == 0 && marks.version == 0 {
            sqlx::raw_sql(self.create).execute(&mut connection).await.map_err(sqlite)?;
        }
        let marks = Marks::read(&mut connection).await.map_err(sqlite)?;
        if marks.application != i64::from(self.application) {
            return Err(FileError::Foreign { path: path.to_owned(), what: self.what });
        }
        for upgrade in self.upgrades_from(marks.version) {
            sqlx::raw_sql(*upgrade).execute(&mut connection).await.map_err(sqlite)?;
        }
        let marks = Marks::read(&mut connection).await.map_err(sqlite)?;
        if marks.version != self.version {
            return Err(FileError::Newer { path: path.to_owned(), found: marks.version });
        }
        Ok(connection)
    }

    fn upgrades_from(&self, version: i64) -> &'static [&'static str] {
        let done = usize::try_from(version - 1).unwrap_or(usize::MAX);
        self.upgrades.get(done..).unwrap_or_default()
    }
}

struct Marks {
    tables: i64,
    application: i64,
    version: i64,
}

impl Marks {
    async fn read(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let sql = "SELECT (SELECT count(*) FROM sqlite_schema), a.application_id, v.user_version
                   FROM pragma_application_id a, pragma_user_version v";
        let (tables, application, version) = sqlx::query_as(sql).fetch_one(connection).await?;
        Ok(Self { tables, application, version })
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
}

async fn connect(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    sqlx::ConnectOptions::connect(&options(path)).await
}

/// `connections` that each see what was committed before they were asked. There is no network that could
/// have lost one in between, so nobody asks whether they are still there.
pub(crate) fn pool(path: &Path, connections: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_lazy_with(options(path))
}
