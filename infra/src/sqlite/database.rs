//! Databases of one kind: how the file tells what it is, what is refused, and how an older one becomes a
//! newer one.
//!
//! Two marks stand in the file's header: whose it is (`application_id`) and the schema it has
//! (`user_version`). Every migration is one transaction that changes the tables, writes its line in
//! `_sqlx_migrations` and moves `user_version` on: whenever the process is killed, the file has one whole
//! schema.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _, SqlSafeStr as _};

use super::errors::{is_about_sharing, is_damage};
use super::file::{beside, private};
use super::reading::{self, COPIED_MAX, Needs, TracelessReading, begins_like_a_database};
use super::wal_soundness;

/// Why a database was not opened. Unless a migration failed, nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A database of something else.
    #[error(
        "{} is not {what}, or its beginning is damaged: nothing was changed. Put the file back from a backup, with what lies beside it",
        .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// It begins like a database and is not whole.
    #[error(
        "{} is {what} and damaged ({why}): nothing was changed. Put the file back from a backup, with what lies beside it",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// What SQLite says.
        why: String,
    },
    /// A later version of this program wrote it.
    #[error(
        "{} is {what} of format {found}, and this program knows none after {known}: use the newer program. Nothing was changed",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// Its schema.
        found: i64,
        /// The last that this program knows.
        known: i64,
    },
    /// A version of this program from before the first release wrote it.
    #[error(
        "{} is {what} of format {found}, from before the first release, and this program reads none before {known}: use the program that wrote it, or begin a new data folder. Nothing was changed",
        .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// Its schema.
        found: i64,
        /// The first that this program knows.
        known: i64,
    },
    /// Whoever only reads brings no database up to date.
    #[error(
        "{} is {what} of format {found}, and this program reads it from format {needed} on: start the service once, which brings it up to date. Nothing was changed",
        .path.display()
    )]
    NotMigrated {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// Its schema.
        found: i64,
        /// The first that can be read as it is.
        needed: i64,
    },
    /// A migration failed; the schema is the one before it.
    #[error("{} could not be brought up to date: {source}", .path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// Why.
        source: MigrateError,
    },
    /// The file could not be made or read.
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

/// A kind of database: whose file it is, and every schema it ever had.
#[derive(Debug, Clone)]
pub struct DatabaseKind {
    /// As a person would say it: "a key vault".
    what: &'static str,
    /// Four letters that tell this file from any other SQLite database.
    application: u32,
    /// What leads from nothing to the first schema that is known, from there to the next …
    migrations: Vec<Migration>,
    /// The first schema whose tables answer this program's questions as they are.
    read_from: i64,
    /// Whether its write-ahead log and every page are looked at before it is opened to be written.
    soundness_checked: bool,
}

/// How often a database is looked at that cannot be shared, before it is copied.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);
/// The largest database whose pages are all looked at before each start: a second's work at most.
const PAGES_CHECKED_MAX: u64 = 128 << 20;

impl DatabaseKind {
    /// A kind whose first schema has the number `first` and is made by `sql`, which sets both marks.
    pub(crate) fn new(what: &'static str, application: u32, first: i64, sql: &'static str) -> Self {
        let migrations = vec![migration(first, "begin", sql)];
        Self { what, application, migrations, read_from: first, soundness_checked: false }
    }

    /// The same with one schema more, to which `sql` leads from the last. It ends by setting
    /// `user_version` to its number. Whoever only reads needs it from then on.
    #[must_use]
    pub fn then(mut self, name: &'static str, sql: &'static str) -> Self {
        let version = self.newest() + 1;
        self.migrations.push(migration(version, name, sql));
        self.read_from = version;
        self
    }

    /// Says that its write-ahead log, and every page of a file that is not too large, is looked at before it
    /// is opened to be written.
    #[must_use]
    pub(crate) fn with_soundness_checked(self) -> Self {
        Self { soundness_checked: true, ..self }
    }

    /// Says that whoever only reads does as well with a schema from `version` on.
    #[must_use]
    pub fn read_from(mut self, version: i64) -> Self {
        self.read_from = version;
        self
    }

    /// The number of its last schema.
    pub fn newest(&self) -> i64 {
        self.migrations.last().map_or(0, |last| last.version)
    }

    fn oldest(&self) -> i64 {
        self.migrations.first().map_or(0, |first| first.version)
    }

    /// Opens the database at `path` for its one writer: makes it if it is not there, brings it up to date
    /// if it is older.
    pub(crate) async fn open(
        &self,
        path: &Path,
        options: SqliteConnectOptions,
    ) -> Result<SqliteConnection, DatabaseError> {
        self.must_be_sound(path)?;
        let looked = match self.can_be_looked_at(path)? {
            true => Some(self.looked_at(path).await?.1),
            false => None,
        };
        if let Some(marks) = looked {
            self.accept(path, &marks)?;
        }
        let io = |source| DatabaseError::Io { path: path.to_owned(), source };
        private(path).and_then(|file| file.sync_all()).map_err(io)?;
        let sqlite = |source| DatabaseError::Sqlite { path: path.to_owned(), source };
        let mut db = options.connect().await.map_err(sqlite)?;
        let marks = Marks::read(&mut db).await.map_err(sqlite)?;
        self.accept(path, &marks)?;
        if marks.version < self.newest() {
            let failed = |source| DatabaseError::Migration { path: path.to_owned(), source };
            self.migrate(&mut db, marks.version).await.map_err(failed)?;
        }
        Ok(db)
    }

    /// Refuses what this program must not write. `false`: nothing was ever made in it. None if nothing can be
    /// said without mending it first.
    pub(crate) async fn is_begun(&self, path: &Path) -> Result<Option<bool>, DatabaseError> {
        self.must_be_sound(path)?;
        if !self.can_be_looked_at(path)? {
            return Ok(None);
        }
        let (_, marks) = self.looked_at(path).await?;
        self.accept(path, &marks)?;
        Ok(Some(!marks.is_empty()))
    }

    /// The database at `path`, to be read; refuses one that is not there, that is not of this kind, or that
    /// cannot be read as it is.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub(crate) async fn open_to_read(
        &self,
        path: &Path,
    ) -> Result<TracelessReading, DatabaseError> {
        let (reading, marks) = self.looked_at(path).await?;
        let (path, what) = (path.to_owned(), self.what);
        if marks.is_empty() {
            return Err(DatabaseError::Foreign { path, what });
        }
        self.accept(&path, &marks)?;
        let (found, needed) = (marks.version, self.read_from);
        if found < needed {
            return Err(DatabaseError::NotMigrated { path, what, found, needed });
        }
        Ok(reading)
    }

    /// Looks at the database as it lies there. One that cannot be shared is being opened or closed, and can
    /// be soon; or a kill left an index that nobody can use, and then a copy is looked at.
    async fn looked_at(&self, path: &Path) -> Result<(TracelessReading, Marks), DatabaseError> {
        let io = |source| DatabaseError::Io { path: path.to_owned(), source };
        for _ in 0..TRIES {
            let reading = TracelessReading::of(path).map_err(io)?;
            match self.look(&reading).await {
                Err(DatabaseError::Sqlite { source, .. }) if is_about_sharing(&source) => {}
                looked => return Ok((reading, looked?)),
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        let reading = TracelessReading::of_a_copy(path).map_err(io)?;
        let marks = self.look(&reading).await?;
        Ok((reading, marks))
    }

    /// Refuses a write-ahead log of which SQLite would drop what was committed. Whoever asks knows that
    /// nobody writes it now. The event log knows more about its own, and looks at it itself.
    fn must_be_sound(&self, path: &Path) -> Result<(), DatabaseError> {
        if !self.soundness_checked {
            return Ok(());
        }
        let (path, what) = (path.to_owned(), self.what);
        match wal_soundness::look(&path) {
            Ok(None) => Ok(()),
            Ok(Some(damage)) => Err(DatabaseError::Damaged { path, what, why: damage.to_string() }),
            Err(source) => Err(DatabaseError::Io { path, source }),
        }
    }

    /// Where SQLite would first have to mend the file, or a large one would have to be copied, it is not
    /// looked at before it is opened.
    fn can_be_looked_at(&self, path: &Path) -> Result<bool, DatabaseError> {
        let needs = |source| DatabaseError::Io { path: path.to_owned(), source };
        if !path.exists() || length(&beside(path, "journal")) > 0 {
            return Ok(false);
        }
        Ok(match reading::needs(path).map_err(needs)? {
            Needs::Index | Needs::Nothing => true,
            Needs::Copy(bytes) => bytes <= COPIED_MAX,
        })
    }

    /// Reads the marks, and where it is asked for every page, and leaves no trace of it. A write-ahead log
    /// may know better than the file and is read with it.
    async fn look(&self, reading: &TracelessReading) -> Result<Marks, DatabaseError> {
        let path = reading.database();
        let failed = |source: sqlx::Error| self.failed(path, source);
        let mut db = reading.options().connect().await.map_err(failed)?;
        let marks = Marks::read(&mut db).await.map_err(failed)?;
        if self.soundness_checked && length(path) <= PAGES_CHECKED_MAX {
            let found = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut db).await;
            let found: String = found.map_err(failed)?;
            if found != "ok" {
                let (path, what) = (path.to_owned(), self.what);
                return Err(DatabaseError::Damaged { path, what, why: found });
            }
        }
        sqlx::Connection::close(db).await.map_err(failed)?;
        Ok(marks)
    }

    /// What an error of SQLite says of the file.
    fn failed(&self, path: &Path, source: sqlx::Error) -> DatabaseError {
        let (path, what) = (path.to_owned(), self.what);
        if !is_damage(&source) {
            return DatabaseError::Sqlite { path, source };
        }
        match begins_like_a_database(&path) {
            Ok(true) => DatabaseError::Damaged { path, what, why: source.to_string() },
            Ok(false) | Err(_) => DatabaseError::Foreign { path, what },
        }
    }

    /// Refuses what this program must not write.
    fn accept(&self, path: &Path, marks: &Marks) -> Result<(), DatabaseError> {
        let (path, what, found) = (path.to_owned(), self.what, marks.version);
        if marks.is_empty() {
            return Ok(());
        }
        if marks.application != i64::from(self.application) {
            return Err(DatabaseError::Foreign { path, what });
        }
        if found > self.newest() {
            return Err(DatabaseError::Newer { path, what, found, known: self.newest() });
        }
        if found < self.oldest() {
            return Err(DatabaseError::Older { path, what, found, known: self.oldest() });
        }
        Ok(())
    }

    /// `run_direct` is what SQLx's `run` and `skip` call; their bounds do not hold for a connection that is
    /// lent to a future which is sent elsewhere.
    async fn migrate(&self, db: &mut SqliteConnection, from: i64) -> Result<(), MigrateError> {
        let migrator = Migrator::with_migrations(self.migrations.clone());
        if from > 0 {
            // What was made before there was a history has one from here on.
            migrator.run_direct(Some(from), db, true).await?;
        }
        migrator.run_direct(None, db, false).await
    }
}

/// How long a file is; one that is not there has no length.
fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |about| about.len())
}

fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

/// What a file says of itself.
struct Marks {
    /// Tables and indexes, but for SQLx's own.
    tables: i64,
    application: i64,
    version: i64,
}

impl Marks {
    async fn read(db: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let sql = "SELECT application_id, user_version, (
                       SELECT count(*) FROM sqlite_schema WHERE tbl_name <> '_sqlx_migrations'
                   ) AS tables FROM pragma_application_id, pragma_user_version";
        let row = sqlx::query(sql).fetch_one(db).await?;
        Ok(Self {
            tables: row.try_get("tables")?,
            application: row.try_get("application_id")?,
            version: row.try_get("user_version")?,
        })
    }

    /// Whether nothing was ever made in it, or nothing but SQLx's own table.
    fn is_empty(&self) -> bool {
        self.tables == 0 && self.application == 0 && self.version == 0
    }
}

#[cfg(test)]
mod tests;
