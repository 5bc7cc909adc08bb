//! Our reading of a write-ahead log against SQLite's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, Strategy, prop, prop_oneof, proptest};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::inspection::inspect;
use crate::sqlite::file::beside;
use crate::sqlite::wal::{FRAME_HEAD_BYTES, Wal};

/// What is done to a database: rows of so many bytes, kept or not, or the write-ahead log emptied.
#[derive(Debug, Clone)]
enum Step {
    Rows { bytes: u32, count: u32, kept: bool },
    Checkpoint(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let rows = (1_u32..9_000, 1_u32..60, prop::bool::weighted(0.8));
    let modes = prop::sample::select(vec!["PASSIVE", "RESTART", "TRUNCATE"]);
    prop_oneof![
        6 => rows.prop_map(|(bytes, count, kept)| Step::Rows { bytes, count, kept }),
        1 => modes.prop_map(Step::Checkpoint),
    ]
}

async fn run(db: &mut SqliteConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.unwrap();
}

impl Step {
    async fn take(&self, db: &mut SqliteConnection) {
        match self {
            Self::Checkpoint(mode) => run(db, format!("PRAGMA wal_checkpoint({mode})")).await,
            Self::Rows { bytes, count, kept } => {
                let end = if *kept { "COMMIT" } else { "ROLLBACK" };
                let rows = format!(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
                     INSERT INTO t (b) SELECT randomblob({bytes}) FROM n"
                );
                run(db, format!("BEGIN; {rows}; {end}")).await;
            }
        }
    }
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    // So few pages are held back that rows which are not kept reach the file, too.
    let options = options.pragma("cache_size", "10").pragma("cache_spill", "5");
    let options = options.pragma("journal_mode", "WAL").pragma("wal_autocheckpoint", "0");
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Every row, as SQLite sees it.
async fn rows(path: &Path) -> Vec<(i64, Vec<u8>)> {
    let mut db = connect(path).await;
    let rows = sqlx::query_as("SELECT i, b FROM t ORDER BY i").fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows
}

/// The database that the frames make which we say are committed, without SQLite's help.
fn applied(path: &Path, to: &Path) {
    let mut main = fs::read(path).unwrap();
    if let Some(wal) = Wal::read(&beside(path, "wal"), 4_096).unwrap() {
        let bytes = fs::read(beside(path, "wal")).unwrap();
        let committed = &wal.frames[..wal.committed()];
        for (index, frame) in committed.iter().enumerate() {
            let from = usize::try_from(wal.offset(index)).unwrap() + FRAME_HEAD_BYTES;
            let at = (frame.page as usize - 1) * wal.page_bytes;
            main.resize(main.len().max(at + wal.page_bytes), 0);
            main[at..at + wal.page_bytes].copy_from_slice(&bytes[from..from + wal.page_bytes]);
        }
        if let Some(last) = committed.last() {
            main.truncate(last.pages_after as usize * wal.page_bytes);
        }
    }
    fs::write(to, main).unwrap();
}

async fn agree(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let mut db = connect(&path).await;
    run(&mut db, "CREATE TABLE t (i INTEGER PRIMARY KEY, b BLOB)".to_owned()).await;
    for (number, step) in steps.iter().enumerate() {
        step.take(&mut db).await;
        let killed = folder.path().join(format!("killed-{number}"));
        fs::create_dir(&killed).unwrap();
        let killed = killed.join("events.db");
        fs::copy(&path, &killed).unwrap();
        fs::copy(beside(&path, "wal"), beside(&killed, "wal")).unwrap();
        assert!(inspect(&killed).unwrap().is_ok(), "SQLite's own is never damaged");
        let ours = folder.path().join(format!("ours-{number}"));
        applied(&killed, &ours);
        let theirs: BTreeSet<_> = rows(&killed).await.into_iter().collect();
        assert_eq!(rows(&ours).await.into_iter().collect::<BTreeSet<_>>(), theirs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_sqlite_reads_of_its_log_is_what_we_say_is_committed(
        steps in prop::collection::vec(step(), 1..12)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(agree(steps));
    }
}
