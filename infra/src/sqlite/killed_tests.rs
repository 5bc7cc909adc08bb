//! What a kill left of the small databases: a write-ahead log that has just been begun, and one that rots
//! before anybody opens it again.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;

use super::database::{DatabaseError, DatabaseKind};
use super::file::{self, beside};
use super::reading::TracelessReading;
use super::wal::{FRAME_HEAD_BYTES, Wal};
use crate::schemas::Schemas;

/// The databases that keep no record of their own of how far commits reached.
fn small() -> [DatabaseKind; 3] {
    let Schemas { vault, work, log, events: _ } = Schemas::default();
    [vault, work, log]
}

async fn run(db: &mut SqliteConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.unwrap();
}

/// The database `a.db`, its write-ahead log and the index, as they lie while the database is open.
fn killed(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["a.db", "a.db-wal", "a.db-shm"] {
        fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    copy
}

/// One with four transactions in its write-ahead log: a table of rows that each fill a page, thrice a row.
async fn with_transactions(kind: &DatabaseKind) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    kind.open(&path, file::options(&path)).await.unwrap().close().await.unwrap();
    let mut db = kind.open(&path, file::options(&path)).await.unwrap();
    run(&mut db, "CREATE TABLE t (b BLOB)".to_owned()).await;
    for _ in 0..3 {
        run(&mut db, "INSERT INTO t (b) VALUES (randomblob(4000))".to_owned()).await;
    }
    let copy = killed(folder.path());
    db.close().await.unwrap();
    copy
}

async fn rows(kind: &DatabaseKind, path: &Path) -> i64 {
    let mut db = kind.open(path, file::options(path)).await.unwrap();
    let rows = sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_bit_in_what_was_committed_before_is_damage_and_nothing_is_touched() {
    for kind in small() {
        let whole = with_transactions(&kind).await;
        let wal = Wal::read(&whole.path().join("a.db-wal"), 4_096).unwrap().unwrap();
        let ends = wal.frames.iter().enumerate().filter(|(_, frame)| frame.ends_transaction());
        let last_begins = ends.map(|(index, _)| index + 1).rev().nth(1).unwrap();
        for index in 0..last_begins {
            for within in [0, 4, 10, 17, FRAME_HEAD_BYTES + 1_000] {
                let folder = killed(whole.path());
                let path = folder.path().join("a.db");
                flip(&beside(&path, "wal"), usize::try_from(wal.offset(index)).unwrap() + within);
                let before = contents(folder.path());
                let refused = kind.open(&path, file::options(&path)).await.unwrap_err();
                assert!(matches!(refused, DatabaseError::Damaged { .. }), "{refused}");
                let begins = format!("from byte {} on", wal.offset(index));
                assert!(refused.to_string().contains(&begins), "{refused}");
                assert_eq!(contents(folder.path()), before, "frame {index}, byte {within}");
            }
        }
        assert_eq!(rows(&kind, &whole.path().join("a.db")).await, 3);
    }
}

#[tokio::test]
async fn a_bit_in_the_header_is_damage_where_the_database_has_not_what_stands_behind_it() {
    for kind in small() {
        let whole = with_transactions(&kind).await;
        for byte in 0..32 {
            let folder = killed(whole.path());
            let path = folder.path().join("a.db");
            flip(&beside(&path, "wal"), byte);
            let before = contents(folder.path());
            let refused = kind.open(&path, file::options(&path)).await.unwrap_err();
            assert!(matches!(refused, DatabaseError::Damaged { .. }), "byte {byte}: {refused}");
            assert_eq!(contents(folder.path()), before, "byte {byte}");
        }
    }
}

/// A power cut leaves the end of a transaction that nobody was told of.
#[tokio::test]
async fn a_torn_end_is_none() {
    for kind in small() {
        let whole = with_transactions(&kind).await;
        let length = fs::metadata(whole.path().join("a.db-wal")).unwrap().len();
        for cut in [1, 4_096, 4_120] {
            let folder = killed(whole.path());
            let path = folder.path().join("a.db");
            let wal = fs::File::options().write(true).open(beside(&path, "wal")).unwrap();
            wal.set_len(length - cut).unwrap();
            assert_eq!(rows(&kind, &path).await, 2, "{cut} bytes are missing");
        }
    }
}

/// Killed between the header of a write-ahead log and its first frame, or with a header that was not written
/// whole before that: there is nothing in it, and SQLite alone would look for it for minutes.
#[tokio::test]
async fn a_write_ahead_log_that_was_only_begun_holds_nobody_up() {
    for kind in small() {
        let whole = with_transactions(&kind).await;
        let begun = fs::read(whole.path().join("a.db-wal")).unwrap()[..32].to_vec();
        for wal in [begun.clone(), begun[..31].to_vec(), vec![0; 32], vec![0; 8_272], vec![]] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db");
            kind.open(&path, file::options(&path)).await.unwrap().close().await.unwrap();
            fs::write(beside(&path, "wal"), &wal).unwrap();
            fs::write(beside(&path, "shm"), vec![0; 32_768]).unwrap();
            let before = contents(folder.path());
            let reading = TracelessReading::of(&path).unwrap();
            let mut db = sqlx::ConnectOptions::connect(&reading.options()).await.unwrap();
            let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
                .fetch_one(&mut db)
                .await
                .unwrap_or_else(|error| panic!("{} bytes: {error}", wal.len()));
            assert!(tables > 0);
            db.close().await.unwrap();
            assert_eq!(contents(folder.path()), before);
            kind.open(&path, file::options(&path)).await.unwrap().close().await.unwrap();
        }
    }
}
