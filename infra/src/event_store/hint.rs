//! The hint: a small file beside the event database that says how far its write-ahead log reached at the last
//! commit. It is written after a commit is on the disk and before anybody is told of it, and never synced: a
//! killed process leaves it exact, a power cut may leave it too low, torn or away. It can therefore show that
//! something is missing, never that nothing is, and no log needs it to be opened.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::journal::Leaf;

use crate::sqlite::file::beside;
use crate::sqlite::wal::{Checksum, FRAME_HEAD_BYTES, Frame, Salts};

/// What the file begins with.
const TITLE: &str = "medlock log hint 1";

/// How far the write-ahead log reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct WalReach {
    /// Which one; zeros if there was none.
    pub(super) salts: Salts,
    pub(super) frames: u32,
    /// What the last of these frames has.
    pub(super) sum: Checksum,
}

/// A short name of a leaf.
pub(super) type LeafMark = [u8; 16];

/// The mark of a leaf.
pub(super) fn mark(leaf: &Leaf) -> LeafMark {
    let mut mark = LeafMark::default();
    mark.copy_from_slice(&blake3::hash(&leaf.0).as_bytes()[..16]);
    mark
}

/// Which log it was, and how many events it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LogReach {
    pub(super) held: u64,
    /// Of the first event: which log it is.
    pub(super) first: LeafMark,
    /// Of the newest event; zeros if it is not known.
    pub(super) newest: LeafMark,
}

/// What the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Hint {
    pub(super) wal: WalReach,
    pub(super) log: LogReach,
}

impl Hint {
    /// Reads the hint of the log at `path`; none if there is none, or one that was not written to its end.
    pub(super) fn read(path: &Path) -> Option<Self> {
        Self::parse(&std::fs::read(place(path)).ok()?)
    }

    fn text(&self) -> String {
        let Self { wal, log } = self;
        let salts = hex::encode(wal.salts);
        let sum = hex::encode(wal.sum.bytes());
        let (first, newest) = (hex::encode(log.first), hex::encode(log.newest));
        let text = format!(
            "{TITLE}\nwal {salts} {:010} {sum}\nevents {:020} {first} {newest}\n",
            wal.frames, log.held
        );
        let digest = digest(&text);
        text + &digest + "\n"
    }

    /// One write of a few hundred bytes that are always as many.
    fn put(&self, file: &File) -> io::Result<()> {
        file.write_all_at(self.text().as_bytes(), 0)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (said, digest_said) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let said = format!("{said}\n");
        if digest(&said) != digest_said {
            return None;
        }
        let mut words = said.strip_prefix(TITLE)?.split_whitespace();
        let mut next = |name: Option<&str>| match name {
            Some(name) => words.next().filter(|word| *word == name),
            None => words.next(),
        };
        next(Some("wal"))?;
        let salts = decoded(next(None)?)?;
        let frames = next(None)?.parse().ok()?;
        let sum = Checksum::stored(&decoded::<8>(next(None)?)?);
        next(Some("events"))?;
        let held = next(None)?.parse().ok()?;
        let (first, newest) = (decoded(next(None)?)?, decoded(next(None)?)?);
        let (wal, log) = (WalReach { salts, frames, sum }, LogReach { held, first, newest });
        Some(Self { wal, log })
    }
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn digest(text: &str) -> String {
    hex::encode(&blake3::hash(text.as_bytes()).as_bytes()[..16])
}

/// Where the hint of the log at `path` is.
pub(super) fn place(path: &Path) -> PathBuf {
    beside(path, "hint")
}

/// Says beside the log at `path`, which nobody writes, that it held `once` events: whoever opens it learns
/// that the rest is missing. What was never opened has no hint, and gets none.
///
/// # Errors
/// If it cannot be written.
pub fn remember_that_it_held(path: &Path, once: u64) -> io::Result<()> {
    let Some(hint) = Hint::read(path).filter(|hint| hint.log.held < once) else { return Ok(()) };
    let log = LogReach { held: once, newest: LeafMark::default(), ..hint.log };
    Hint { log, ..hint }.put(&File::options().write(true).open(place(path))?)
}

/// Writes the hint, for the one who writes the log.
pub(super) struct HintWriter {
    /// None if it could not be made: the log goes on without.
    file: Option<File>,
    wal_path: PathBuf,
    /// Opened at the first commit, when it is there. SQLite holds no lock on this file that closing it here
    /// could drop.
    wal: Option<File>,
    log: LogReach,
}

impl HintWriter {
    /// Begins with a log whose write-ahead log is empty.
    pub(super) fn begin(path: &Path, log: LogReach) -> Self {
        let mut options = File::options();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(place(path));
        let file = file.inspect_err(|error| tracing::warn!(%error, "no hint is kept of the log"));
        let mut writer = Self { file: file.ok(), wal_path: beside(path, "wal"), wal: None, log };
        let hint = Hint { wal: WalReach::default(), log };
        writer.write(hint);
        // What stood there was longer if it was no hint.
        let length = hint.text().len() as u64;
        if writer.file.as_ref().is_some_and(|file| file.set_len(length).is_err()) {
            writer.file = None;
        }
        writer
    }

    /// Says that the write-ahead log holds `frames` now, and the log these leaves more.
    pub(super) fn committed(&mut self, frames: u64, leaves: Vec<Leaf>) {
        for leaf in leaves {
            self.log.newest = mark(&leaf);
            if self.log.held == 0 {
                self.log.first = self.log.newest;
            }
            self.log.held += 1;
        }
        let reach = u32::try_from(frames).ok().and_then(|frames| self.reach(frames).ok());
        if let Some(wal) = reach {
            self.write(Hint { wal, log: self.log });
        }
    }

    /// What the frame stands for that is the last one now.
    fn reach(&mut self, frames: u32) -> io::Result<WalReach> {
        const PAGE_BYTES: u64 = 4_096;
        let wal = match self.wal.take() {
            Some(wal) => wal,
            None => File::open(&self.wal_path)?,
        };
        let mut head = [0; FRAME_HEAD_BYTES];
        let frame_bytes = PAGE_BYTES + FRAME_HEAD_BYTES as u64;
        let before = u64::from(frames).checked_sub(1).ok_or(io::ErrorKind::UnexpectedEof)?;
        wal.read_exact_at(&mut head, 32 + before * frame_bytes)?;
        let Frame { salts, sum, .. } = Frame::head(&head);
        self.wal = Some(wal);
        Ok(WalReach { salts, frames, sum })
    }

    fn write(&mut self, hint: Hint) {
        let Some(file) = &self.file else { return };
        if let Err(error) = hint.put(file) {
            tracing::warn!(%error, "no hint is kept of the log any more");
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Hint {
        let wal = WalReach { salts: [7; 8], frames: 3_800, sum: Checksum::stored(&[9; 8]) };
        Hint { wal, log: LogReach { held: 167, first: [1; 16], newest: [2; 16] } }
    }

    #[test]
    fn what_is_written_is_read() {
        for hint in [sample(), Hint::default()] {
            assert_eq!(Hint::parse(hint.text().as_bytes()), Some(hint));
        }
        let longest = WalReach { frames: u32::MAX, ..sample().wal };
        let longest = Hint { wal: longest, log: LogReach { held: u64::MAX, ..sample().log } };
        assert_eq!(longest.text().len(), Hint::default().text().len(), "always as long");
        assert!(longest.text().len() <= 512, "within what a disk writes at once");
    }

    #[test]
    fn a_torn_hint_is_none() {
        let text = sample().text();
        for end in 0..text.len() {
            assert_eq!(Hint::parse(&text.as_bytes()[..end]), None, "cut at {end}");
        }
        let newer = Hint { log: LogReach { held: 168, ..sample().log }, ..sample() }.text();
        for end in 1..text.len() {
            let torn = [&newer.as_bytes()[..end], &text.as_bytes()[end..]].concat();
            let whole = [newer.as_bytes(), text.as_bytes()].contains(&torn.as_slice());
            assert_eq!(Hint::parse(&torn).is_some(), whole, "torn at {end}");
        }
        for bit in 0..text.len() * 8 {
            let mut flipped = text.clone().into_bytes();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Hint::parse(&flipped), None, "bit {bit}");
        }
    }
}
