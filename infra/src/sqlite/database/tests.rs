//! Every schema of every database is gone through, and broken off after each of its statements.

use std::collections::BTreeMap;
use std::fs;

use sqlx::Connection as _;

use super::*;
use crate::schemas::Schemas;
use crate::sqlite::file;

/// What the next version of this program would add to any database.
const NEXT: [&str; 4] = [
    "CREATE TABLE next_things (id INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT",
    "INSERT INTO next_things (id, words) VALUES (1, 'kept')",
    "ALTER TABLE next_things ADD COLUMN more TEXT",
    "CREATE INDEX next_things_by_words ON next_things (words)",
];

fn next(kind: DatabaseKind) -> DatabaseKind {
    let version = kind.newest() + 1;
    kind.then("next", format!("{};\nPRAGMA user_version = {version};\n", NEXT.join(";\n")).leak())
}

fn all() -> [DatabaseKind; 4] {
    let Schemas { events, vault, work, log } = Schemas::default();
    [events, vault, work, log].map(next)
}

impl DatabaseKind {
    /// The program as it was when `version` was the newest schema.
    fn as_of(&self, version: i64) -> Self {
        let mut earlier = self.clone();
        earlier.migrations.retain(|migration| migration.version <= version);
        earlier
    }

    /// The same, but for its last migration, which breaks off after so many of its statements; whether
    /// it had more.
    fn broken_after(&self, statements: usize) -> (Self, bool) {
        let mut broken = self.clone();
        let last = broken.migrations.pop().unwrap();
        let whole = last.sql.as_str().split_inclusive(";\n").collect::<Vec<_>>();
        let more = statements < whole.len();
        let sql = format!("{}SELECT no_such_function();\n", whole[..statements].concat());
        broken.migrations.push(migration(last.version, "broken", sql.leak()));
        (broken, more)
    }
}

/// Opens and closes, and answers the tables that are there and the schema's number.
async fn opened(kind: &DatabaseKind, path: &Path) -> Result<(Vec<String>, i64), DatabaseError> {
    let mut db = kind.open(path, file::options(path)).await?;
    let tables = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
    let tables = sqlx::query_scalar(tables).fetch_all(&mut db).await.unwrap();
    let version = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    Ok((tables, version))
}

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn every_schema_leads_to_the_next_and_says_its_number() {
    for kind in all() {
        let folder = tempfile::tempdir().unwrap();
        let (step_by_step, at_once) = (folder.path().join("a.db"), folder.path().join("b.db"));
        for version in kind.oldest()..=kind.newest() {
            let (_, found) = opened(&kind.as_of(version), &step_by_step).await.unwrap();
            assert_eq!(found, version, "{}", kind.what);
        }
        let whole = opened(&kind, &at_once).await.unwrap();
        assert_eq!(opened(&kind, &step_by_step).await.unwrap(), whole);
        assert!(whole.0.iter().any(|table| table.contains("next_things")), "{whole:?}");
        assert_eq!(opened(&kind, &at_once).await.unwrap(), whole, "twice does nothing");
    }
}

#[tokio::test]
async fn a_migration_that_breaks_off_anywhere_changes_nothing_and_is_done_by_the_next_start() {
    for kind in all() {
        for version in kind.oldest()..=kind.newest() {
            let kind = kind.as_of(version);
            let whole = {
                let folder = tempfile::tempdir().unwrap();
                opened(&kind, &folder.path().join("a.db")).await.unwrap()
            };
            let mut statements = 0;
            let mut more = true;
            while more {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("a.db");
                if version > kind.oldest() {
                    opened(&kind.as_of(version - 1), &path).await.unwrap();
                }
                let broken;
                (broken, more) = kind.broken_after(statements);
                let failed = opened(&broken, &path).await.unwrap_err();
                assert!(matches!(failed, DatabaseError::Migration { .. }), "{failed}");
                let found = kind.looked_at(&path).await.unwrap().1;
                let before = if version > kind.oldest() { version - 1 } else { 0 };
                assert_eq!(found.version, before, "{} {version} {statements}", kind.what);
                assert_eq!(opened(&kind, &path).await.unwrap(), whole);
                statements += 1;
            }
            assert!(statements > 2, "every migration is gone through");
        }
    }
}

#[tokio::test]
async fn a_file_without_a_history_is_given_one() {
    for kind in all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let before = kind.as_of(kind.newest() - 1);
        opened(&before, &path).await.unwrap();
        let mut shell = file::options(&path).connect().await.unwrap();
        sqlx::raw_sql("DROP TABLE _sqlx_migrations").execute(&mut shell).await.unwrap();
        shell.close().await.unwrap();
        opened(&before, &path).await.unwrap();
        let (_, version) = opened(&kind, &path).await.unwrap();
        assert_eq!(version, kind.newest());
        let mut shell = file::options(&path).connect().await.unwrap();
        let sql = "SELECT version FROM _sqlx_migrations ORDER BY version";
        let history: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut shell).await.unwrap();
        assert_eq!(history, (kind.oldest()..=kind.newest()).collect::<Vec<_>>());
    }
}

/// Refused by whoever writes and by whoever only reads, and every byte stays, of files beside it too.
#[tokio::test]
async fn what_is_refused_is_left_untouched() {
    for kind in all() {
        let older = kind.as_of(kind.newest() - 1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        opened(&kind, &path).await.unwrap();
        let before = files(folder.path());
        assert_eq!(before.len(), 1, "nothing is beside it");
        for refused in
            [opened(&older, &path).await.unwrap_err(), older.open_to_read(&path).await.unwrap_err()]
        {
            assert!(matches!(refused, DatabaseError::Newer { .. }), "{refused}");
            assert!(refused.to_string().contains("use the newer program"), "{refused}");
        }
        assert_eq!(files(folder.path()), before);
        for other in all().iter().filter(|other| other.what != kind.what) {
            let refused = opened(other, &path).await.unwrap_err();
            assert!(matches!(refused, DatabaseError::Foreign { .. }), "{refused}");
        }
        assert_eq!(files(folder.path()), before);
        fs::write(&path, "no database at all, but long enough to look like something").unwrap();
        let before = files(folder.path());
        let refused = opened(&kind, &path).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::Foreign { .. }), "{refused}");
        assert_eq!(files(folder.path()), before);
    }
}

#[tokio::test]
async fn whoever_only_reads_brings_nothing_up_to_date() {
    for kind in all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let older = kind.newest() - 1;
        opened(&kind.as_of(older), &path).await.unwrap();
        let before = files(folder.path());
        let refused = kind.open_to_read(&path).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::NotMigrated { .. }), "{refused}");
        assert!(refused.to_string().contains("start the service once"), "{refused}");
        kind.clone().read_from(older).open_to_read(&path).await.unwrap();
        assert_eq!(files(folder.path()), before);
    }
}

/// What waits in a write-ahead log counts, also for a refusal, and stays where it is.
#[tokio::test]
async fn a_newer_schema_in_the_write_ahead_log_is_seen() {
    for kind in all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let older = kind.as_of(kind.newest() - 1);
        opened(&older, &path).await.unwrap();
        let mut db = kind.open(&path, file::options(&path)).await.unwrap();
        // As a kill leaves it: copied while the database is open.
        let killed = tempfile::tempdir().unwrap();
        for name in ["a.db", "a.db-wal"] {
            fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
        }
        sqlx::query("SELECT 1").execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        let path = killed.path().join("a.db");
        let mut before = files(killed.path());
        let refused = opened(&older, &path).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::Newer { .. }), "{refused}");
        let mut after = files(killed.path());
        // An index of its own is all that SQLite makes to read the log at all.
        let index = beside(&path, "shm");
        before.remove(&index);
        after.remove(&index);
        assert_eq!(after, before);
        opened(&kind, &path).await.unwrap();
    }
}
