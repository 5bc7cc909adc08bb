//! Databases of one kind: how the file tells what it is, what is refused, and how an older one becomes a
//! newer one.
//!
//! Two marks stand in the file's header: whose it is (`application_id`) and the schema it has
//! (`user_version`). Every migration is one transaction that changes the tables, writes its line in
//! `_sqlx_migrations` and moves `user_version` on: whenever the process is killed, the file has one whole
//! schema.

use std::path::{Path, PathBuf};

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _, SqlSafeStr as _};

use super::errors::is_damage;
use super::file::{beside, private};

/// Why a database was not opened. Unless a migration failed, nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A database of something else.
    #[error("{} is not {what}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
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
}

impl DatabaseKind {
    /// A kind whose first schema has the number `first` and is made by `sql`, which sets both marks.
    pub(crate) fn new(what: &'static str, application: u32, first: i64, sql: &'static str) -> Self {
        let migrations = vec![migration(first, "begin", sql)];
        Self { what, application, migrations, read_from: first }
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
        if let Some(marks) = self.look(path).await? {
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

    /// Refuses a database that is not there, that is not of this kind, or that cannot be read as it is.
    ///
    /// # Errors
    /// See [`DatabaseError`].
    pub async fn must_be_readable(&self, path: &Path) -> Result<(), DatabaseError> {
        let io = |source| DatabaseError::Io { path: path.to_owned(), source };
        std::fs::metadata(path).map_err(io)?;
        let (path, what) = (path.to_owned(), self.what);
        match self.look(&path).await? {
            Some(marks) if marks.is_empty() => Err(DatabaseError::Foreign { path, what }),
            Some(marks) => {
                self.accept(&path, &marks)?;
                let (found, needed) = (marks.version, self.read_from);
                if found < needed {
                    return Err(DatabaseError::NotMigrated { path, what, found, needed });
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Reads the marks and leaves no trace of it. A write-ahead log may know better than the file and is
    /// read with it; where SQLite would first have to mend the file it is not asked.
    async fn look(&self, path: &Path) -> Result<Option<Marks>, DatabaseError> {
        let waits =
            |suffix| std::fs::metadata(beside(path, suffix)).is_ok_and(|beside| beside.len() > 0);
        if !path.exists() || waits("journal") {
            return Ok(None);
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let options = options.immutable(!waits("wal")).disable_statement_logging();
        let foreign = || DatabaseError::Foreign { path: path.to_owned(), what: self.what };
        let failed = |source: sqlx::Error| match is_damage(&source) {
            true => foreign(),
            false => DatabaseError::Sqlite { path: path.to_owned(), source },
        };
        let mut db = options.connect().await.map_err(failed)?;
        let marks = Marks::read(&mut db).await.map_err(failed)?;
        sqlx::Connection::close(db).await.map_err(failed)?;
        Ok(Some(marks))
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
