//! A process is killed, the power is cut, a bit flips: a torn tail is told from rot, and rot is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use commands::ports::event_store::{Append, EventStore as _};
use domain::journal::{Leaf, Position, StreamKey, StreamVersion};
use sqlx::Connection as _;
use tempfile::TempDir;

use super::conformance::{append, everything};
use super::damage::DamagedPlace;
use super::hint::{self, Hint};
use super::{EventLogOpenError, Salvage, SqliteEventStore, SqliteOptions};
use crate::sqlite::file::beside;
use crate::sqlite::wal::{FRAME_HEAD_BYTES, Wal};

/// The files of a log, as they lie when its process is killed.
struct Killed(TempDir);

impl Killed {
    fn log(&self) -> PathBuf {
        self.0.path().join("events.db")
    }

    fn wal(&self) -> PathBuf {
        beside(&self.log(), "wal")
    }

    fn read_wal(&self) -> Wal {
        Wal::read(&self.wal(), 4_096).unwrap().unwrap()
    }

    fn copy(&self) -> Self {
        let copy = TempDir::new().unwrap();
        for entry in fs::read_dir(self.0.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        Self(copy)
    }

    /// The files of `of` now, but for SQLite's index, which is memory.
    fn of(of: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        for suffix in ["", "-wal", "-hint"] {
            let mut from = of.as_os_str().to_owned();
            from.push(suffix);
            let name = format!("events.db{suffix}");
            fs::copy(PathBuf::from(from), folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    fn flip(&self, path: &Path, byte: u64, bit: u64) {
        let file = fs::File::options().read(true).write(true).open(path).unwrap();
        let mut found = [0];
        file.read_exact_at(&mut found, byte).unwrap();
        file.write_all_at(&[found[0] ^ (1 << (bit % 8))], byte).unwrap();
    }

    async fn open(&self) -> Result<SqliteEventStore, EventLogOpenError> {
        self.open_signed(0).await
    }

    async fn open_signed(&self, signed: u64) -> Result<SqliteEventStore, EventLogOpenError> {
        SqliteEventStore::open(&self.log(), SqliteOptions { signed, ..SqliteOptions::default() })
            .await
    }

    /// Opens it and answers how many events it has; whatever is appended then stands behind them.
    async fn events(&self) -> u64 {
        let store = self.open().await.unwrap();
        let events = everything(&store).await.len() as u64;
        let next = store.append(append(99, 0, &[1])).await.unwrap();
        assert_eq!(next.first, Position(events));
        store.close().await;
        events
    }

    /// That it is not opened, for writing or for reading, and left as it is. Answers what is whole.
    async fn is_damaged(&self) -> (DamagedPlace, u64) {
        let before = self.bytes();
        let read = SqliteEventStore::open_read_only(&self.log(), 1).await.err();
        assert!(matches!(read, Some(EventLogOpenError::Damaged(_))), "{read:?}");
        let refused = self.open().await.err();
        assert_eq!(self.bytes(), before, "nothing was changed");
        let said = refused.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(said.contains("damaged") && said.contains("medlock repair --data"), "{said}");
        match refused {
            Some(EventLogOpenError::Damaged(damage)) => (damage.place, damage.whole),
            other => panic!("{other:?}"),
        }
    }

    fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        let log = entries.filter(|path| !path.to_string_lossy().ends_with("-lock"));
        log.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    /// Whether every event that is salvaged is one of `events`, at its place; how many there are.
    fn salvaged(&self, events: &[domain::journal::Line]) -> u64 {
        let salvage = Salvage::read(&self.log()).unwrap();
        for position in salvage.positions() {
            let found = salvage.at(position).unwrap();
            let Some(event) = events.get(usize::try_from(position.0).unwrap()) else { continue };
            let right = |is: &&super::Salvaged| is.whole && is.line == event.bytes;
            assert!(found.iter().any(|is| !is.whole) || found.iter().any(|is| right(&is)));
        }
        salvage.whole(events.len() as u64)
    }
}

/// Lines of many lengths, the longest over several pages.
fn lines(to: u32, expected: u32, lengths: &[usize]) -> Append {
    let mut append = append(to, expected, &vec![0; lengths.len()]);
    for (mark, (line, length)) in (expected..).zip(append.lines.iter_mut().zip(lengths)) {
        line.bytes = format!("{{\"line\":{mark},\"of\":{to}}}").into_bytes();
        line.bytes.resize(line.bytes.len() + length, b'x');
        line.leaf = Leaf::of(&StreamKey([7; 32]), StreamVersion(mark), &line.bytes);
    }
    append
}

/// A log of 160 events that was opened once more after 40 of them, and how it was before the last commit.
async fn killed() -> (Killed, Killed, Vec<domain::journal::Line>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("events.db");
    let open = async || SqliteEventStore::open(&path, SqliteOptions::default()).await.unwrap();
    let mut store = open().await;
    let mut before = None;
    for round in 0..40 {
        if round == 10 {
            store.close().await;
            store = open().await;
        }
        before = Some(Killed::of(&path));
        let length = 300 + 37 * round as usize;
        let append = lines(round % 7, round / 7 * 4, &[length, 10, length, 6_000 * (length % 2)]);
        store.append(append).await.unwrap();
    }
    (Killed::of(&path), before.unwrap(), everything(&store).await)
}

#[tokio::test]
async fn what_a_kill_leaves_is_opened_whole() {
    let (killed, _, events) = killed().await;
    let hint = Hint::read(&killed.log()).unwrap();
    assert_eq!(hint.log.held, 160);
    assert_eq!(hint.wal.frames as usize, killed.read_wal().committed(), "a kill leaves it exact");
    assert_eq!(killed.salvaged(&events), 160);
    assert_eq!(killed.copy().events().await, 160);
    let without = killed.copy();
    fs::remove_file(hint::place(&without.log())).unwrap();
    assert_eq!(without.events().await, 160, "no hint is needed");
}

/// Everywhere in what was committed, the last transaction included.
#[tokio::test]
async fn one_flipped_bit_is_damage_and_costs_no_event() {
    let (killed, _, events) = killed().await;
    let wal = killed.read_wal();
    let end = wal.offset(wal.committed());
    let last = wal.frames[..wal.committed() - 1].iter().rposition(|is| is.ends_transaction());
    let last = wal.offset(last.unwrap() + 1);
    let mut lost = 0;
    for (begin, end, places) in [(0, 32, 4), (32, end, 20), (last, end, 8)] {
        for place in 0_u64..places {
            let hash = blake3::hash(&[begin.to_le_bytes(), place.to_le_bytes()].concat());
            let random = u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap());
            let byte = begin + random % (end - begin);
            let rotten = killed.copy();
            rotten.flip(&rotten.wal(), byte, random >> 32);
            let (damaged, whole) = rotten.is_damaged().await;
            match damaged {
                DamagedPlace::Frame { byte: said, .. } => {
                    assert!(said <= byte && byte < said + 4_120, "{said} {byte}");
                }
                DamagedPlace::Header => assert!(byte < 32),
                DamagedPlace::Cut { .. } | DamagedPlace::Database(_) => panic!("{damaged:?}"),
            }
            assert_eq!(rotten.salvaged(&events), whole);
            assert!(whole >= 159, "{whole}: at most the event that it hit");
            lost += 160 - whole;
        }
    }
    assert!(lost < 8, "{lost}: most pages stand there more than once");
}

/// As above, where a power cut left no hint: what was gone on behind shows it all the same.
#[tokio::test]
async fn rot_needs_no_hint_where_something_was_committed_behind_it() {
    let (killed, _, _) = killed().await;
    let wal = killed.read_wal();
    let ends: Vec<usize> =
        (0..wal.committed()).filter(|at| wal.frames[*at].ends_transaction()).collect();
    for at in (0..ends[ends.len() - 2]).step_by(11) {
        let rotten = killed.copy();
        fs::remove_file(hint::place(&rotten.log())).unwrap();
        rotten.flip(&rotten.wal(), wal.offset(at) + FRAME_HEAD_BYTES as u64 + 77, 3);
        assert!(matches!(
            rotten.is_damaged().await.0,
            DamagedPlace::Frame { number, .. } if number == at as u64 + 1
        ));
    }
    // In the last transaction nothing tells it from a torn tail, unless somebody outside knows of it.
    let rotten = killed.copy();
    fs::remove_file(hint::place(&rotten.log())).unwrap();
    rotten.flip(&rotten.wal(), wal.offset(wal.committed() - 1) + 77, 3);
    let refused = rotten.open_signed(160).await.err();
    assert!(matches!(refused, Some(EventLogOpenError::Damaged(_))), "{refused:?}");
    assert_eq!(rotten.copy().events().await, 156);
}

/// The last commit was not on the disk yet when the power went: any of its sectors may be missing.
#[tokio::test]
async fn a_torn_tail_starts_and_loses_nothing_that_was_acknowledged() {
    let (killed, before, _) = killed().await;
    let (wal, acknowledged) = (killed.read_wal(), before.read_wal().committed());
    let bytes = fs::read(killed.wal()).unwrap();
    let end = usize::try_from(wal.offset(wal.committed())).unwrap();
    let hint = fs::read(hint::place(&before.log())).unwrap();
    let frames = acknowledged..wal.committed();
    assert!(frames.len() > 3, "{frames:?}");
    for frame in frames {
        let begin = usize::try_from(wal.offset(frame)).unwrap();
        for (at, with_hint) in [(0, true), (0, false), (12, true), (24, false), (2_000, true)] {
            for rest in [&[][..], &bytes[begin + at + 512..end]] {
                // Cut there, or one sector missing and what is behind it written.
                let torn = before.copy();
                let gap = vec![0; 512];
                let tail = [&bytes[..begin + at], &gap, rest].concat();
                // Where there was nothing but zeros, nothing is missing.
                let whole = tail.get(..end) == Some(&bytes[..end]);
                fs::write(torn.wal(), tail).unwrap();
                let place = hint::place(&torn.log());
                match with_hint {
                    true => fs::write(place, &hint).unwrap(),
                    false => fs::write(place, &hint[..hint.len() / 2]).unwrap(),
                }
                let expected = if whole { 160 } else { 156 };
                assert_eq!(torn.events().await, expected, "frame {frame}, {at}");
            }
        }
    }
}

#[tokio::test]
async fn what_an_earlier_round_left_behind_is_no_damage() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("events.db");
    let store = SqliteEventStore::open(&path, SqliteOptions::default()).await.unwrap();
    for round in 0..3 {
        store.append(lines(1, round * 4, &[60_000; 4])).await.unwrap();
    }
    // A new round begins in the same file.
    let address = format!("sqlite:{}", path.display());
    let mut shell = sqlx::SqliteConnection::connect(&address).await.unwrap();
    sqlx::query("PRAGMA wal_checkpoint(RESTART)").execute(&mut shell).await.unwrap();
    let filled = Killed::of(&path);
    for round in 0..4 {
        store.append(lines(2, round, &[10])).await.unwrap();
        let killed = Killed::of(&path);
        let wal = killed.read_wal();
        let others = wal.frames.iter().filter(|is| is.page > 0 && Some(is.salts) != wal.salts);
        assert!(others.count() > 100, "the round before is still there");
        assert_eq!(killed.copy().events().await, 13 + u64::from(round));
    }
    let torn = filled.copy();
    torn.flip(&torn.wal(), 18, 2);
    assert_eq!(torn.events().await, 12);
}

#[tokio::test]
async fn a_hint_that_is_not_this_logs_stops_nobody() {
    let (killed, before, _) = killed().await;
    let (other, ..) = {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("events.db");
        let store = SqliteEventStore::open(&path, SqliteOptions::default()).await.unwrap();
        for version in 0..300 {
            store.append(append(3, version, &[version])).await.unwrap();
        }
        (Killed::of(&path), store)
    };
    let foreign = fs::read(hint::place(&other.log())).unwrap();
    let older = fs::read(hint::place(&before.log())).unwrap();
    for hint in [&foreign[..], &older, b"", b"medlock log hint 1\n", &[0; 400]] {
        let log = killed.copy();
        fs::write(hint::place(&log.log()), hint).unwrap();
        assert_eq!(log.events().await, 160);
        assert_eq!(Hint::read(&log.log()).unwrap().log.held, 161, "it is this log's again");
    }
}

#[tokio::test]
async fn an_older_log_is_called_older_and_a_missing_one_missing() {
    let (killed, before, _) = killed().await;
    let newest = fs::read(hint::place(&killed.log())).unwrap();
    // The backup of before, closed in order or not, beside the hint of today.
    let closed = before.copy();
    closed.open().await.unwrap().close().await;
    for older in [before.copy(), closed] {
        fs::write(hint::place(&older.log()), &newest).unwrap();
        let refused = older.open().await.err();
        assert!(
            matches!(refused, Some(EventLogOpenError::Older { held: 156, known: 160, .. })),
            "{refused:?}"
        );
        assert!(refused.unwrap().to_string().contains("it is older"));
        let read = SqliteEventStore::open_read_only(&older.log(), 1).await.unwrap();
        assert_eq!(read.high_water().await.unwrap(), Some(Position(159)), "whoever checks is told");
        read.close().await;
        let options = SqliteOptions { older: true, ..SqliteOptions::default() };
        let gone_on = SqliteEventStore::open(&older.log(), options).await.unwrap();
        assert_eq!(everything(&gone_on).await.len(), 156);
        gone_on.close().await;
    }
    for emptied in [true, false] {
        let cut = killed.copy();
        match emptied {
            true => fs::write(cut.wal(), b"").unwrap(),
            false => fs::remove_file(cut.wal()).unwrap(),
        }
        let refused = cut.open().await.err();
        assert!(matches!(refused, Some(EventLogOpenError::Older { known: 160, .. })));
        let missing = killed.copy();
        match emptied {
            true => fs::write(missing.log(), b"").unwrap(),
            false => fs::remove_file(missing.log()).unwrap(),
        }
        fs::remove_file(missing.wal()).unwrap();
        let refused = missing.open().await.err();
        assert!(matches!(refused, Some(EventLogOpenError::Missing { known: 160, .. })));
        assert_eq!(missing.log().exists(), emptied, "none is made in its place");
    }
    let signed = Killed(TempDir::new().unwrap());
    let refused = signed.open_signed(9).await.err();
    assert!(matches!(refused, Some(EventLogOpenError::Missing { known: 9, .. })));
}

#[tokio::test]
async fn a_cut_or_scribbled_database_is_damaged() {
    let (killed, _, _) = killed().await;
    killed.open().await.unwrap().close().await;
    let whole = fs::read(killed.log()).unwrap();
    for keep in [50, 4_096, whole.len() / 2, whole.len() - 4_096] {
        let cut = killed.copy();
        fs::write(cut.log(), &whole[..keep]).unwrap();
        assert!(matches!(cut.is_damaged().await.0, DamagedPlace::Cut { .. }), "{keep}");
    }
    let scribbled = killed.copy();
    scribbled.flip(&scribbled.log(), 3, 1);
    let refused = scribbled.open().await.err();
    let Some(EventLogOpenError::Damaged(damage)) = refused else { panic!("{refused:?}") };
    assert!(matches!(damage.place, DamagedPlace::Database(_)));
    assert_eq!((damage.whole, damage.once), (160, 160));
}
