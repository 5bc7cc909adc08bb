//! What the SQLite store promises beyond the conformance suite, and the memory store as its model.

use std::path::PathBuf;
use std::sync::Arc;

use commands::ports::event_store::{Append, AppendError, EventStore, Length};
use domain::journal::{Position, StreamVersion};
use futures::future::join_all;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_oneof, proptest};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;
use uuid::Uuid;

use super::conformance::{append, conformance, everything, keyed, line, stream};
use super::{EventLogOpenError, MemoryEventStore, SqliteEventStore, SqliteOptions, StoreStopped};
use crate::sqlite::database::DatabaseError;

mod memory {
    use super::*;

    conformance!(async || Arc::new(MemoryEventStore::new()) as Arc<dyn EventStore>);
}

mod sqlite {
    use super::*;

    conformance!({
        let folder = Folder::new();
        async move || Arc::new(folder.open().await) as Arc<dyn EventStore>
    });
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn log(&self) -> PathBuf {
        self.0.path().join("events.db")
    }

    async fn open(&self) -> SqliteEventStore {
        self.try_open().await.unwrap()
    }

    async fn try_open(&self) -> Result<SqliteEventStore, EventLogOpenError> {
        SqliteEventStore::open(&self.log(), SqliteOptions::default()).await
    }

    /// A connection past the store, as somebody with the `sqlite3` shell would have it.
    async fn shell(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.log());
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    async fn run(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut shell = self.shell().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut shell).await?;
        shell.close().await
    }
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.append(keyed(append(1, 0, &[1, 2]), 7, 3)).await.unwrap();
    store.append(append(2, 0, &[3])).await.unwrap();
    let (lines, request) =
        (everything(&store).await, store.request(Uuid::from_u128(7)).await.unwrap());
    store.close().await;
    // It is cleared away as well, unless a reader's thread lets go a moment later.
    let left = std::fs::metadata(folder.0.path().join("events.db-wal")).map_or(0, |wal| wal.len());
    assert_eq!(left, 0, "emptied");

    let store = folder.open().await;
    assert_eq!(everything(&store).await, lines);
    assert_eq!(*store.newest().borrow(), Some(Position(2)));
    assert_eq!(store.high_water().await.unwrap(), Some(Position(2)));
    assert_eq!(store.request(Uuid::from_u128(7)).await.unwrap(), request);
    assert!(store.append(keyed(append(1, 0, &[1]), 7, 3)).await.unwrap().again);
    let conflict = store.append(append(2, 0, &[4])).await;
    assert!(matches!(conflict, Err(AppendError::Conflict(_))), "{conflict:?}");
    assert_eq!(store.append(append(3, 0, &[4])).await.unwrap().first, Position(3));
    assert_eq!(store.append(append(2, 1, &[5])).await.unwrap().first, Position(4));
    assert_eq!(everything(&store).await[3].stream, stream(3));
}

#[tokio::test]
async fn a_closed_store_takes_no_append() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.close().await;
    let refused = store.append(append(1, 0, &[1])).await.unwrap_err();
    assert!(refused.to_string().contains("closed"), "{refused}");
    folder.open().await.append(append(1, 0, &[1])).await.unwrap();
}

#[tokio::test]
async fn what_waits_when_the_store_is_closed_is_stored() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().await);
    let waiting = (0..100).map(|own| {
        let store = Arc::clone(&store);
        async move { store.append(append(own, 0, &[own])).await }
    });
    let (verdicts, ()) = tokio::join!(join_all(waiting), store.close());
    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!(everything(&folder.open().await).await.len(), 100);
}

/// The files as they lie at any moment are what a killed process or a power cut leaves.
#[tokio::test]
async fn what_was_acknowledged_is_in_the_files() {
    let folder = Folder::new();
    let store = folder.open().await;
    for version in 0..40 {
        store.append(append(1, version, &[version])).await.unwrap();
        let killed = Folder::new();
        for name in ["events.db", "events.db-wal"] {
            std::fs::copy(folder.0.path().join(name), killed.0.path().join(name)).unwrap();
        }
        let after = killed.open().await;
        assert_eq!(everything(&after).await.len(), version as usize + 1);
        let next = after.append(append(1, version + 1, &[0])).await.unwrap();
        assert_eq!(next.first, Position(u64::from(version) + 1));
    }
}

#[tokio::test]
async fn the_write_ahead_log_starts_over_in_place() {
    let folder = Folder::new();
    let store = folder.open().await;
    for version in 0..30 {
        let mut append = append(1, version * 50, &[0; 50]);
        append.lines.iter_mut().for_each(|line| line.bytes.resize(40_000, b'x'));
        store.append(append).await.unwrap();
    }
    let length = |name: &str| folder.0.path().join(name).metadata().unwrap().len();
    let held = 30 * 50 * 40_000;
    assert!(length("events.db") > held / 2, "emptied into the database");
    assert!(length("events.db-wal") < held / 2, "{}", length("events.db-wal"));
    assert_eq!(everything(&store).await.len(), 1_500);
    store.close().await;
    assert_eq!(everything(&folder.open().await).await.len(), 1_500);
}

#[tokio::test]
async fn nobody_changes_or_deletes_an_event() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.append(keyed(append(1, 0, &[1, 2]), 7, 3)).await.unwrap();
    for forbidden in [
        "UPDATE events SET line = x'00' WHERE position = 1",
        "UPDATE events SET version = 9 WHERE position = 2",
        "DELETE FROM events WHERE position = 2",
        "DELETE FROM events",
        "UPDATE streams SET name = 'admins'",
        "DELETE FROM streams",
        "UPDATE requests SET lines = 1",
        "DELETE FROM requests",
    ] {
        let refused = folder.run(forbidden).await.unwrap_err().to_string();
        assert!(refused.contains("never"), "{forbidden}: {refused}");
    }
    assert_eq!(everything(&store).await.len(), 2);
}

#[tokio::test]
async fn only_one_may_write() {
    let folder = Folder::new();
    let store = folder.open().await;
    let second = folder.try_open().await.err().unwrap();
    assert!(matches!(second, EventLogOpenError::InUse(_)), "{second:?}");
    assert!(second.to_string().ends_with("in use: only one process may write an event log"));
    store.append(append(1, 0, &[1])).await.unwrap();
    store.close().await;
    assert_eq!(everything(&folder.open().await).await.len(), 1);
}

#[tokio::test]
async fn others_may_read_meanwhile() {
    let folder = Folder::new();
    let missing = SqliteEventStore::open_read_only(&folder.log(), 1).await.err().unwrap();
    assert!(
        matches!(missing, EventLogOpenError::Database(DatabaseError::Io { .. })),
        "{missing:?}"
    );
    let store = folder.open().await;
    store.append(append(1, 0, &[1])).await.unwrap();
    let other = SqliteEventStore::open_read_only(&folder.log(), 1).await.unwrap();
    assert_eq!(*other.newest().borrow(), Some(Position(0)));
    store.append(append(1, 1, &[2])).await.unwrap();
    assert_eq!(everything(&other).await, everything(&store).await);
    let refused = other.append(append(1, 2, &[3])).await.unwrap_err();
    assert!(refused.to_string().contains("reading only"), "{refused}");
    store.close().await;
    other.close().await;
}

/// SQLite reports a full page limit exactly as it reports a full disk, and rolls back the same way.
#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = Folder::new();
    let options = SqliteOptions { pages_max: Some(64), ..SqliteOptions::default() };
    let store = SqliteEventStore::open(&folder.log(), options).await.unwrap();
    let large = |version| {
        let mut append = keyed(append(1, version, &[1, 2]), u128::from(version), 1);
        append.lines.iter_mut().for_each(|line| line.bytes.resize(12_000, b'x'));
        append
    };
    let mut length = 0;
    let full = loop {
        match store.append(large(length)).await {
            Ok(answer) => assert_eq!(answer.first, Position(u64::from(length))),
            Err(error) => break error,
        }
        length += 2;
    };
    assert!(matches!(full, AppendError::DiskFull), "{full:?}");
    assert!(length >= 10, "{length}");
    assert_eq!(everything(&store).await.len(), length as usize);
    assert_eq!(store.lengths(&[stream(1)]).await.unwrap(), [Length(length)]);
    assert_eq!(store.request(Uuid::from_u128(length.into())).await.unwrap(), None);

    let small = store.append(append(1, length, &[9])).await.unwrap();
    assert_eq!(small.first, Position(length.into()), "what still fits is taken");
    store.close().await;
    let store = folder.open().await;
    assert_eq!(everything(&store).await.len(), length as usize + 1);
    store.append(large(length + 1)).await.unwrap();
}

#[tokio::test]
async fn a_cut_tail_is_noticed() {
    let folder = Folder::new();
    let store = folder.open().await;
    for version in 0..5 {
        store.append(append(1, version, &[version])).await.unwrap();
    }
    store.close().await;
    let cut = "DROP TRIGGER events_are_never_deleted; DELETE FROM events WHERE position > 3";
    folder.run(cut).await.unwrap();
    let refused = folder.try_open().await.err().unwrap();
    assert!(matches!(refused, EventLogOpenError::Cut { held: 3, once: 5 }), "{refused:?}");
    let reader = SqliteEventStore::open_read_only(&folder.log(), 1).await.unwrap();
    assert_eq!(reader.high_water().await.unwrap(), Some(Position(4)));
    assert_eq!(*reader.newest().borrow(), Some(Position(2)));
    assert_eq!(everything(&reader).await.len(), 3);
}

#[tokio::test]
async fn a_gap_is_met_at_its_place() {
    let folder = Folder::new();
    let store = folder.open().await;
    for version in 0..5 {
        store.append(append(1, version, &[version])).await.unwrap();
    }
    let cut = "DROP TRIGGER events_are_never_deleted; DELETE FROM events WHERE position = 4";
    folder.run(cut).await.unwrap();
    assert_eq!(store.read_all(Position(0), 10).await.unwrap().len(), 3, "up to the gap");
    let gap = store.read_all(Position(3), 10).await.unwrap_err();
    assert!(gap.to_string().ends_with("position 3 is missing"), "{gap}");
    assert_eq!(store.read_all(Position(4), 10).await.unwrap().len(), 1);
    assert_eq!(store.read(&stream(1), StreamVersion(0), 10).await.unwrap().len(), 3);
    let gap = store.read(&stream(1), StreamVersion(3), 10).await.unwrap_err();
    assert!(
        gap.to_string()
            .ends_with("version 3 of patient-00000001-0000-4000-8000-000000000000 is missing")
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_a_line_is_named() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.append(append(1, 0, &[1, 2])).await.unwrap();
    let edit = "DROP TRIGGER events_are_never_changed; UPDATE events SET leaf = x'4d4c' WHERE position = 2";
    folder.run(edit).await.unwrap();
    assert_eq!(store.read_all(Position(0), 10).await.unwrap().len(), 1);
    let misfiled = store.read_all(Position(1), 10).await.unwrap_err();
    assert!(misfiled.to_string().contains("the leaf stored at position 1 "), "{misfiled}");
}

#[tokio::test]
async fn what_is_not_our_log_is_left_alone() {
    let folder = Folder::new();
    folder.open().await.close().await;
    folder.run("PRAGMA user_version = 3").await.unwrap();
    let newer = folder.try_open().await.err().unwrap();
    assert!(
        matches!(newer, EventLogOpenError::Database(DatabaseError::Newer { found: 3, .. })),
        "{newer:?}"
    );
    folder.run("PRAGMA user_version = 1").await.unwrap();
    let older = folder.try_open().await.err().unwrap();
    assert!(
        matches!(older, EventLogOpenError::Database(DatabaseError::Older { found: 1, .. })),
        "{older:?}"
    );

    let folder = Folder::new();
    std::fs::File::create(folder.log()).unwrap();
    folder.run("CREATE TABLE letters (text)").await.unwrap();
    let foreign = folder.try_open().await.err().unwrap();
    assert!(
        matches!(foreign, EventLogOpenError::Database(DatabaseError::Foreign { .. })),
        "{foreign:?}"
    );
    folder.run("SELECT text FROM letters").await.unwrap();
}

/// Whatever the writer did not expect ends it: here somebody else wrote past the lock.
#[tokio::test]
async fn an_unexpected_failure_is_the_end() {
    let folder = Folder::new();
    let store = folder.open().await;
    store.append(append(1, 0, &[1])).await.unwrap();
    let fatal = store.fatal();
    let alien = "INSERT INTO events (position, stream, version, line, leaf)
                 VALUES (2, 77, 0, x'00', x'00')";
    folder.run(alien).await.unwrap();
    for attempt in 0..3 {
        let refused = store.append(append(2, 0, &[2])).await.unwrap_err();
        assert!(matches!(refused, AppendError::Store(_)), "{attempt}: {refused:?}");
    }
    assert!(matches!(fatal.await, StoreStopped::Failed(_)));
    assert_eq!(store.lengths(&[stream(2)]).await.unwrap(), [Length(0)], "reading goes on");
}

#[tokio::test]
async fn nobody_waits_for_a_writer_that_is_gone() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().await);
    let mut shell = folder.shell().await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut shell).await.unwrap();
    let waiting = join_all((0..10).map(|own| store.append(append(own, 0, &[own]))));
    let end = async {
        // The writer has taken all there is and waits for the shell's lock.
        while store.queued() > 0 {
            tokio::task::yield_now().await;
        }
        store.abort_writer();
    };
    let (verdicts, ()) = tokio::join!(waiting, end);
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Err(AppendError::Store(_)))));
    assert!(matches!(store.fatal().await, StoreStopped::Gone));
    assert!(store.append(append(1, 0, &[1])).await.is_err());
}

/// One append of a random group: to which stream, how far off the expected length is, and so on.
#[derive(Debug, Clone)]
struct Step {
    stream: u32,
    off: u32,
    lines: usize,
    precondition: Option<(u32, u32)>,
    request: Option<(u128, u8)>,
}

fn step() -> impl Strategy<Value = Step> {
    let off = || prop_oneof![6 => Just(0_u32), 1 => 1_u32..3];
    let precondition = prop::option::weighted(0.3, (0_u32..4, off()));
    let request = prop::option::weighted(0.4, (0_u128..12, 0_u8..2));
    (0_u32..4, off(), 1_usize..4, precondition, request).prop_map(
        |(stream, off, lines, precondition, request)| Step {
            stream,
            off,
            lines,
            precondition,
            request,
        },
    )
}

impl Step {
    async fn append(&self, model: &MemoryEventStore, mark: u32) -> Append {
        let names: Vec<_> = (0..4).map(stream).collect();
        let lengths = model.lengths(&names).await.unwrap();
        let off = |stream: u32, off| Length(lengths[stream as usize].0 + off);
        let mut append = append(self.stream, 0, &[]);
        append.expected = off(self.stream, self.off);
        append.lines = (0..self.lines).map(|_| line(mark)).collect();
        append.preconditions =
            self.precondition.iter().map(|(name, by)| (stream(*name), off(*name, *by))).collect();
        match self.request {
            Some((id, digest)) => keyed(append, id, digest),
            None => append,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Groups of appends that wait together must be answered as if they had come one by one.
    #[test]
    fn a_batch_is_answered_like_single_appends(
        groups in prop::collection::vec(prop::collection::vec(step(), 1..8), 1..12)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (folder, model) = (Folder::new(), MemoryEventStore::new());
            let mut store = folder.open().await;
            for (number, group) in (0..).zip(&groups) {
                let mut appends = Vec::new();
                for (mark, step) in (0..).zip(group) {
                    appends.push(step.append(&model, number * 100 + mark).await);
                }
                let answers = join_all(appends.iter().cloned().map(|one| store.append(one))).await;
                for (append, answer) in appends.into_iter().zip(answers) {
                    let expected = model.append(append).await;
                    assert_eq!(format!("{answer:?}"), format!("{expected:?}"));
                }
                assert_eq!(everything(&store).await, everything(&model).await);
                if number % 4 == 3 {
                    store.close().await;
                    store = folder.open().await;
                }
            }
            for id in (0..12).map(Uuid::from_u128) {
                let known = store.request(id).await.unwrap();
                let expected = model.request(id).await.unwrap();
                let [known, expected] =
                    [known, expected].map(|is| is.map(|(was, digest)| (was.first, digest)));
                assert_eq!(known, expected);
            }
        });
    }
}
