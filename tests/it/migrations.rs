//! A folder of an older program is brought up to date, whatever moment a kill chooses, and one of a newer
//! program is refused and left as it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use commands::ports::event_store::EventStore as _;
use domain::journal::Position;
use domain::journal::chain::ChainCheck;
use domain::time::minutes;
use infra::event_store::SqliteEventStore;
use infra::schemas::Schemas;
use infra::sqlite::database::DatabaseKind;
use infra::work_store::WorkDb;
use projections::dump::dump;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tests::app::TestApp;
use tests::kept::unpack;
use tests::process::ServerProcess;
use tests::program::medlock;
use tests::strace::{Injection, Strace};

/// The format of the folder that is kept.
const FORMAT: u32 = 2;
/// Every command that opens a folder.
const COMMANDS: [&[&str]; 14] = [
    &["serve", "--listen", "127.0.0.1:0"],
    &["first-admin"],
    &["verify"],
    &["replay"],
    &["anchors"],
    &["export", "--all", "out-of-a-newer-folder"],
    &["prove", "event", "1"],
    &["rebuild"],
    &["log", "rebuild"],
    &["log", "rotate-key"],
    &["log", "correct-clock"],
    &["log", "continue", "--origin", "medlock.invalid/log-2"],
    &["work-store", "begin"],
    &["verify", "--blobs", "--policy"],
];
/// What an older work store lacks: the second of its schemas.
const BACK_TO_THE_FIRST: &str = "
DROP TABLE IF EXISTS reaction_cursors;
DROP TABLE IF EXISTS anchor_receipts;
DROP TABLE IF EXISTS leases;
DROP TABLE IF EXISTS _sqlx_migrations;
PRAGMA user_version = 1;
PRAGMA wal_checkpoint(TRUNCATE);";

/// The schemas of the next version of this program: each database has one more.
fn next_program() -> Schemas {
    let next = |kind: DatabaseKind| {
        let sql = format!(
            "CREATE TABLE next_things (id INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT;
             INSERT INTO next_things (id, words) VALUES (1, 'kept');
             ALTER TABLE next_things ADD COLUMN more TEXT;
             PRAGMA user_version = {};",
            kind.newest() + 1
        );
        kind.then("next things", sql.leak())
    };
    let Schemas { events, vault, work, log } = Schemas::default();
    Schemas { events: next(events), vault: next(vault), work: next(work), log: next(log) }
}

/// Every file below a folder, and the hash of its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, blake3::Hash> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), blake3::hash(&std::fs::read(path).unwrap()));
        }
    }
    found
}

async fn lines(data: &Path) -> Vec<domain::journal::Line> {
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    store.read_all(Position(0), 1_000_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_folder_becomes_the_next_programs_and_this_one_leaves_it_alone() {
    let kept = tempfile::tempdir().unwrap();
    unpack(FORMAT, kept.path());
    let before = lines(&kept.path().join("data")).await;
    let unpacked = |data: &Path| unpack(FORMAT, data.parent().unwrap());
    let mut app = TestApp::start_as(next_program(), |config| unpacked(&config.data)).await;
    app.later(minutes(60));
    let ana = app.log_in("ana@example.org").await;
    assert!(!ana.history(&app).await.is_empty(), "people find what they left");
    let after = app.log().await;
    let mut check = ChainCheck::default();
    for line in &after {
        check.take(line).unwrap();
    }
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.bytes, before.leaf), (&after.bytes, after.leaf), "not a byte moved");
    }
    assert!(before.len() < after.len(), "and it goes on");
    let newest = Position(app.newest());
    assert!(app.inside.models.wait_for(newest, std::time::Duration::from_secs(30)).await);
    let filled = dump(app.inside.models.store()).await.unwrap();
    app.inside.models.rebuild().await.unwrap();
    assert_eq!(dump(app.inside.models.store()).await.unwrap(), filled);
    app.restart(|_| {}).await;
    app.log_in("bo@example.org").await;
    app.stop().await;
    drop_what_is_open(&app.data()).await;
    let before = files(&app.data());
    for command in COMMANDS {
        let mut older = Command::new(medlock());
        let older = older.args(command).current_dir(app.data().parent().unwrap());
        let outcome = older.arg("--data").arg(app.data()).output().unwrap();
        let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
        assert!(!outcome.status.success(), "{command:?}");
        assert!(said.contains("use the newer program"), "{command:?}: {said}");
        assert!(said.contains("Nothing was changed"), "{command:?}: {said}");
        assert_eq!(files(&app.data()), before, "{command:?}");
    }
}

/// Nobody has the databases open any more, and nothing waits in a write-ahead log.
async fn drop_what_is_open(data: &Path) {
    for name in ["events.db", "vault.db", "work.db", "log.db"] {
        run(&data.join(name), "PRAGMA wal_checkpoint(TRUNCATE);").await;
    }
}

async fn run(path: &Path, sql: &'static str) {
    let mut shell = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut shell).await.unwrap();
    shell.close().await.unwrap();
}

/// A folder whose work store has its first schema only.
async fn older_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    unpack(FORMAT, folder.path());
    run(&folder.path().join("data/work.db"), BACK_TO_THE_FIRST).await;
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_killed_at_any_of_its_writes_goes_on() {
    let mut kills = 0;
    for calls in ["pwrite64", "fsync,fdatasync"] {
        for when in 1.. {
            let folder = older_folder().await;
            let data = folder.path().join("data");
            let files = ["work.db", "work.db-wal"].map(|name| data.join(name)).into();
            let kill = Injection { calls, what: format!("signal=KILL:when={when}"), files };
            let mut held = None;
            let hold = |pid| held = Some(Strace::attach(pid, &kill));
            match ServerProcess::start_held(&data, &[], hold) {
                Err(code) => assert_eq!(code, None, "{calls} {when}: killed"),
                Ok(server) => {
                    server.kill();
                    held.unwrap().wait();
                    break;
                }
            }
            held.unwrap().wait();
            kills += 1;
            WorkDb::open(&data.join("work.db")).await.unwrap();
        }
    }
    assert!(kills > 4, "{kills}: the schema, its history, its mark");
    let folder = older_folder().await;
    let data = folder.path().join("data");
    ServerProcess::start(&data).kill();
    let verify = Command::new(medlock()).args(["verify", "--data"]).arg(&data).output().unwrap();
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
}
