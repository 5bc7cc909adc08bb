//! A bit flips in the event log while nobody looks: it is noticed before anything else happens, nothing is
//! made worse, and every event that is whole is saved.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use commands::ports::event_store::{Append, EventStore as _, Length, NewLine, Request};
use domain::journal::{Envelope, Line, Position};
use infra::event_store::{SqliteEventStore, SqliteOptions};
use serde_json::Value;
use tests::cast::all_for_treatment;
use tests::process::ServerProcess;
use tests::sample_log::SampleLog;
use tests::soak::sized;

use crate::attacks::backup::refused;
use crate::audit::folder::{Outcome, copy, medlock};

/// As many events as the demo's clinic has in its first weeks.
const EVENTS: u64 = 167;
/// Bytes before the first frame, and before the page of each.
const WAL_HEAD: u64 = 32;
const FRAME: u64 = 4_096 + 24;

/// What lies in a folder that was killed, and every event that was in it.
struct Killed {
    folder: tempfile::TempDir,
    events: Vec<Line>,
}

impl Killed {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn copied(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        copy(&self.data(), &to);
        fs::copy(self.data().with_extension("guard"), to.with_extension("guard")).unwrap();
        to
    }
}

async fn events(data: &Path) -> Vec<Line> {
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let lines = store.read_all(Position(0), usize::MAX >> 1).await.unwrap();
    store.close().await;
    lines
}

/// A service in which people did this and that until it was killed; nothing of it was signed if `millis` is
/// long.
async fn killed(millis: &str) -> Killed {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let settings = [
        ("MEDLOCK_TRANSPARENCY__CHECKPOINT_MILLIS", millis),
        ("MEDLOCK_TRANSPARENCY__UNCOVERED_SECONDS_MAX", "36000"),
    ];
    let server = ServerProcess::start_with(&data, &settings);
    let (ana, bo, _cy) = server.cast_with(&server.link.clone().unwrap()).await;
    ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
    let letter = ana.letter(&server, &ana.id, "Letter of May").await;
    loop {
        let asked = bo.ask(&server, &ana.id, &letter).await.expect(201);
        let viewing = bo.redeem(&server, &ana.id, &asked.text("token")).await.expect(201);
        if viewing.json()["position"].as_u64().unwrap() + 1 >= EVENTS {
            break;
        }
    }
    server.kill();
    let events = events(&data).await;
    Killed { folder, events }
}

fn flip(path: &Path, byte: u64) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let mut found = [0];
    file.read_exact_at(&mut found, byte).unwrap();
    file.write_all_at(&[found[0] ^ 0x10], byte).unwrap();
}

/// Where the last frame of a write-ahead log is whose page was written.
fn last_frame(wal: &Path) -> u64 {
    let bytes = fs::read(wal).unwrap();
    let frame = |number: &u64| usize::try_from(WAL_HEAD + number * FRAME).unwrap();
    let salts = &bytes[16..24];
    let own = |number: &u64| bytes.get(frame(number) + 8..frame(number) + 16) == Some(salts);
    (0..).take_while(own).last().unwrap()
}

/// Every file below a folder but the lock, which is empty, and SQLite's index, which is memory.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.to_string_lossy().ends_with("-shm") {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

fn repair(data: &Path, into: &Path) -> (Value, Outcome) {
    let into = into.to_str().unwrap();
    let done = medlock(&["repair", "--into", into, "--output", "json"], data);
    (serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}")), done)
}

/// What `medlock repair` says to do.
fn put_in_place(data: &Path, saved: &Path) {
    for name in ["events.db", "events.db-wal", "events.db-hint"] {
        let _ = fs::remove_file(data.join(name));
    }
    for name in ["events.db", "events.db-hint"] {
        fs::copy(saved.join(name), data.join(name)).unwrap();
    }
}

/// It is refused by every command, nothing is changed by any, and a copy is kept, once.
fn damaged_and_left_alone(data: &Path) {
    let before = files(data);
    for command in [&["verify"][..], &["verify", "--policy"], &["replay"], &["log", "rebuild"]] {
        let outcome = medlock(command, data);
        assert_ne!(outcome.code, 0, "{command:?}: {outcome:?}");
        assert!(outcome.stderr.contains("the event log is damaged: "), "{command:?}: {outcome:?}");
    }
    assert_eq!(medlock(&["verify"], data).code, 1, "what it looked for is a finding");
    for _ in 0..2 {
        let said = refused(data, &[]);
        assert!(said.contains("the event log is damaged: "), "{said}");
        assert!(said.contains("events are whole. Nothing was changed. `medlock repair"), "{said}");
        assert!(said.contains("A copy of the files as they were found lies in "), "{said}");
        assert!(!said.contains("it is older"), "{said}");
    }
    assert_eq!(files(data), before);
    let name = format!("{}.damaged-", data.file_name().unwrap().to_string_lossy());
    let beside = fs::read_dir(data.parent().unwrap()).unwrap().map(|entry| entry.unwrap());
    let copies = beside.filter(|is| is.file_name().to_string_lossy().starts_with(&name));
    let copies: Vec<_> = copies.collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    for (file, bytes) in files(&copies[0].path()) {
        assert_eq!(before[&data.join(file.file_name().unwrap())], bytes);
    }
}

/// Everything is saved, and the house goes on where it was.
async fn everything_is_saved(app: &Killed, data: &Path) {
    let saved = data.with_extension("saved");
    let (report, done) = repair(data, &saved);
    assert_eq!((done.code, report["whole"].as_u64()), (0, Some(app.events.len() as u64)));
    assert_eq!(report["missing"], Value::Array(vec![]), "{report}");
    put_in_place(data, &saved);
    assert_eq!(events(data).await, app.events, "byte for byte, leaf for leaf");
    let verified = medlock(&["verify", "--policy"], data);
    assert_eq!(verified.code, 0, "{verified:?}");
    ServerProcess::start(data).log_in("ana@example.org").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bit_in_the_middle_of_the_log_is_damage_and_nothing_is_lost() {
    let app = killed("50").await;
    let data = app.copied("rotten");
    let wal = data.join("events.db-wal");
    flip(&wal, WAL_HEAD + last_frame(&wal) / 2 * FRAME + 2_000);
    damaged_and_left_alone(&data);
    everything_is_saved(&app, &data).await;
}

/// Nothing that is signed knows of the last events: the hint does.
#[tokio::test(flavor = "multi_thread")]
async fn one_bit_behind_the_last_signed_checkpoint_is_damage_too() {
    let app = killed("3600000").await;
    for (name, frames) in [("last", 0), ("before", 3)] {
        let data = app.copied(name);
        let wal = data.join("events.db-wal");
        flip(&wal, WAL_HEAD + (last_frame(&wal) - frames) * FRAME + 3_000);
        damaged_and_left_alone(&data);
        everything_is_saved(&app, &data).await;
    }
}

/// Whole pages of the database are gone: some events with them, and it is said which.
#[tokio::test(flavor = "multi_thread")]
async fn a_hole_is_named_and_what_is_before_it_is_gone_on_from() {
    let app = killed("50").await;
    let data = app.copied("holed");
    ServerProcess::start(&data).kill();
    let whole = events(&data).await;
    let hit = &whole[60].bytes;
    let bytes = fs::read(data.join("events.db")).unwrap();
    let at = bytes.windows(hit.len()).position(|bytes| bytes == hit).unwrap() / 4_096 * 4_096;
    let main = fs::File::options().write(true).open(data.join("events.db")).unwrap();
    main.write_all_at(&[0xa5; 4_096], at as u64).unwrap();
    drop(main);
    assert_eq!(medlock(&["verify"], &data).code, 1);
    let saved = data.with_extension("saved");
    let (report, done) = repair(&data, &saved);
    assert_eq!(done.code, 1, "{done:?}");
    let number = |at: &str| report.pointer(at).and_then(Value::as_u64).unwrap();
    let (from, to) = (number("/missing/0/from"), number("/missing/0/to"));
    assert_eq!(report["missing"].as_array().unwrap().len(), 1, "{report}");
    assert!((from..=to).contains(&60), "{report}");
    assert_eq!(number("/prefix"), from);
    assert_eq!(number("/whole"), number("/events") - (to - from + 1));
    assert!(!report["streams"].as_array().unwrap().is_empty(), "{report}");
    let behind = fs::read_to_string(saved.join("events.jsonl")).unwrap();
    let positions = fs::read_to_string(saved.join("positions")).unwrap();
    let positions: Vec<usize> = positions.lines().map(|at| at.parse().unwrap()).collect();
    assert_eq!(behind.lines().count() as u64, number("/whole") - from);
    for (line, position) in behind.lines().zip(positions) {
        assert_eq!(line.as_bytes(), whole[position].bytes);
    }
    put_in_place(&data, &saved);
    let said = refused(&data, &[]);
    assert!(said.contains("it is older") && said.contains("medlock log continue"), "{said}");
    let words = medlock(&["repair", "--into", &format!("{}-2", saved.display())], &data);
    assert!(words.stdout.contains("medlock log continue"), "{words:?}");
    let name = "medlock.invalid/log-2";
    let gone_on = medlock(&["log", "continue", "--origin", name], &data);
    assert_eq!(gone_on.code, 0, "{gone_on:?}");
    let verified = medlock(&["verify"], &data);
    assert_eq!(verified.code, 0, "{verified:?}");
    ServerProcess::start_with(&data, &[("MEDLOCK_ORIGIN", name)]).log_in("bo@example.org").await;
}

/// Writes a log past the service and answers its lines.
async fn written(path: &Path, size: u64) -> Vec<Vec<u8>> {
    let sample = SampleLog::of(size);
    let store = SqliteEventStore::open(path, SqliteOptions::default()).await.unwrap();
    let append = |(line, leaf): (&String, _)| {
        let envelope = Envelope::read(line.as_bytes()).unwrap();
        Append {
            expected: Length(envelope.version.0),
            request: Request::Once(envelope.id.uuid()),
            stream: envelope.stream,
            lines: vec![NewLine { bytes: line.clone().into_bytes(), leaf }],
            preconditions: Vec::new(),
        }
    };
    let mut appends = sample.lines.iter().zip(sample.leaves.iter().copied()).map(append);
    loop {
        let some: Vec<_> = appends.by_ref().take(4_096).collect();
        if some.is_empty() {
            break;
        }
        store.append_in_order(some).await.unwrap();
    }
    // As a kill would leave it: the copy is made while it is open.
    let killed = path.with_file_name("killed");
    fs::create_dir(&killed).unwrap();
    for suffix in ["", "-wal", "-hint"] {
        let name = format!("events.db{suffix}");
        fs::copy(path.with_file_name(&name), killed.join(&name)).unwrap();
    }
    sample.lines.into_iter().map(String::into_bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_all_sizes_are_saved() {
    let sizes = [10, 1_000, 200_000];
    let sizes = &sizes[..usize::try_from(sized(2, 3)).unwrap()];
    for size in sizes {
        let folder = tempfile::tempdir().unwrap();
        let lines = written(&folder.path().join("events.db"), *size).await;
        let data = folder.path().join("killed");
        let wal = data.join("events.db-wal");
        flip(&wal, WAL_HEAD + last_frame(&wal) / 2 * FRAME + 100);
        let saved = folder.path().join("saved");
        let began = Instant::now();
        let (report, done) = repair(&data, &saved);
        println!("{size} events saved in {} ms", began.elapsed().as_millis());
        assert_eq!((done.code, report["whole"].as_u64()), (0, Some(*size)), "{report}");
        let found = events(&saved).await.into_iter().map(|line| line.bytes);
        assert!(found.eq(lines), "{size}");
    }
}
