//! The read store's file: damaged or of another version, it is thrown away and filled again.

use std::os::unix::fs::FileExt;

use infra::read_store::sqlite::SqliteReadStore;
use projections::table::Schema;

use super::world::{Log, ReadSide, from_scratch, throw};

async fn filled() -> (Log, ReadSide) {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    for number in 0..250 {
        throw(&mut log, (number, number / 14, number / 3, number)).await;
    }
    read_side.models(&log).catch_up().await.unwrap();
    (log, read_side)
}

fn file(read_side: &ReadSide) -> std::path::PathBuf {
    let version = projections::schema().version;
    read_side.folder.path().join(format!("read-{version}.db"))
}

#[tokio::test]
async fn a_file_that_is_no_database_is_thrown_away_and_filled_again() {
    let (log, read_side) = filled().await;
    let live = read_side.text().await;
    let ReadSide { folder, store } = read_side;
    store.close().await;
    let version = projections::schema().version;
    let path = folder.path().join(format!("read-{version}.db"));
    std::fs::write(path, "this is no database, however long it is read ".repeat(200)).unwrap();
    let store = SqliteReadStore::open(folder.path(), projections::schema()).await.unwrap();
    let read_side = ReadSide { folder, store: store.into() };
    read_side.models(&log).catch_up().await.unwrap();
    assert_eq!(read_side.text().await, live);
}

#[tokio::test]
async fn damage_that_shows_only_later_is_healed_by_the_loop() {
    let (mut log, read_side) = filled().await;
    let path = file(&read_side);
    let ReadSide { folder, store } = read_side;
    store.close().await;
    // The pages that an empty store has too stay whole: the file opens, and fails when it is used.
    let empty = ReadSide::new().await;
    let roots = file(&empty);
    empty.store.close().await;
    let (intact, _) = settled(&roots);
    let (size, page) = settled(&path);
    let damaged = std::fs::File::options().write(true).open(&path).unwrap();
    for at in (intact..size).step_by(page) {
        damaged.write_all_at(&vec![0xff; page], at as u64).unwrap();
    }
    damaged.sync_all().unwrap();
    let store = SqliteReadStore::open(folder.path(), projections::schema()).await.unwrap();
    let read_side = ReadSide { folder, store: store.into() };
    throw(&mut log, (0, 0, 0, 0)).await;
    let models = read_side.models(&log);
    assert!(models.catch_up().await.is_err(), "the damage is met");
    assert!(models.health().stalled.is_some());
    models.catch_up().await.unwrap();
    assert_eq!(models.health().stalled, None);
    assert_eq!(read_side.text().await, from_scratch(&log).await);
}

/// Length of a closed database and of its pages.
fn settled(path: &std::path::Path) -> (usize, usize) {
    let bytes = std::fs::read(path).unwrap();
    (bytes.len(), usize::from(u16::from_be_bytes([bytes[16], bytes[17]])))
}

#[tokio::test]
async fn files_of_other_versions_are_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["read-0.db", "read-0.db-wal", "read-10.db", "events.db", "read-me.txt"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    let schema = projections::schema();
    let mine = format!("read-{}.db", schema.version);
    let store = SqliteReadStore::open(folder.path(), schema).await.unwrap();
    let names = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with(&mine));
    names.sort();
    assert_eq!(names, ["events.db", "read-me.txt"]);
    drop(store);
}

#[tokio::test]
async fn a_file_with_other_tables_is_thrown_away() {
    let (log, read_side) = filled().await;
    let live = read_side.text().await;
    let ReadSide { folder, store } = read_side;
    store.close().await;
    let mut fewer = projections::schema();
    fewer.tables.pop();
    let version = fewer.version;
    drop(SqliteReadStore::open(folder.path(), fewer).await.unwrap());
    let all = Schema { version, ..projections::schema() };
    let store = SqliteReadStore::open(folder.path(), all).await.unwrap();
    let read_side = ReadSide { folder, store: store.into() };
    read_side.models(&log).catch_up().await.unwrap();
    assert_eq!(read_side.text().await, live);
}
