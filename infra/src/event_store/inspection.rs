//! What is looked at before SQLite may open a log, for once it has, what it took for nothing is gone: whether
//! the write-ahead log verifies as far as commits reached, and whether the database is there and as long as
//! both say.
//!
//! A frame that does not verify is the end of what a power cut left, if it belongs to the last transaction:
//! that one was not on the disk yet, so nobody was told of it. It is rot if a transaction was begun behind
//! it, for each is on the disk before the next begins, or if the hint says that commits reached so far.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::damage::{DamagedPlace, Unsound};
use super::hint::Hint;
use crate::sqlite::file::beside;
use crate::sqlite::wal::{Frame, Salts, Wal, number};
use crate::sqlite::wal_soundness::{
    PAGE_BYTES, goes_on, has_what_was_committed, last_commit, main_page_bytes,
};

/// What every database of SQLite begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// SQLite never writes the page that this byte is in.
const LOCK_BYTE: u64 = 0x4000_0000;

/// What SQLite may be let at.
#[derive(Debug, Clone, Default)]
pub(super) struct Sound {
    pub(super) hint: Option<Hint>,
    /// Something of this round stands behind what SQLite will read: the torn end of what nobody was told of,
    /// as far as the files say.
    pub(super) torn: Option<DamagedPlace>,
}

/// Looks at the files of the log at `path`. `Ok(None)`: there is no log, and nothing says that there was one.
pub(super) fn inspect(path: &Path) -> io::Result<Result<Option<Sound>, Unsound>> {
    let hint = Hint::read(path);
    let once = hint.map_or(0, |hint| hint.log.held);
    if std::fs::metadata(beside(path, "journal")).is_ok_and(|journal| journal.len() > 0) {
        // A database that is being made: it has no write-ahead log yet.
        return Ok(Ok(Some(Sound { hint, torn: None })));
    }
    let main = match File::open(path) {
        Ok(main) if main.metadata()?.len() > 0 => Some(main),
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let page_bytes = main.as_ref().map_or(Ok(PAGE_BYTES), main_page_bytes)?;
    let wal = Wal::read(&beside(path, "wal"), page_bytes)?;
    let Some(wal) = wal else {
        return Ok(match main {
            None if once > 0 => Err(Unsound::Missing { known: once }),
            None => Ok(None),
            Some(main) => {
                long_enough(&main, page_bytes, &[])?.map(|()| Some(Sound { hint, torn: None }))
            }
        });
    };
    let verdict = match wal.salts {
        Some(salts) => judge(&wal, salts, hint.as_ref()),
        None => without_header(path, &wal, main.as_ref(), hint.as_ref())?,
    };
    let torn = match verdict {
        Ok(torn) => torn,
        Err(unsound) => return Ok(Err(unsound)),
    };
    let frames = &wal.frames[..wal.committed()];
    let long_enough = match &main {
        Some(main) => long_enough(main, page_bytes, frames)?,
        None if frames.is_empty() && once == 0 => return Ok(Ok(None)),
        None => missing_pages(0, frames.last().map_or(0, |last| last.pages_after), frames),
    };
    Ok(long_enough.map(|()| Some(Sound { hint, torn })))
}

/// How far commits reached for certain: the round's salts, and how many frames.
pub(super) fn committed_at_least(wal: &Wal, hint: Option<&Hint>) -> (Option<Salts>, usize) {
    let hinted = hint.map(|hint| hint.wal.salts);
    let hinted = hinted.filter(|salts| wal.frames.iter().any(|frame| frame.salts == *salts));
    let first = || wal.frames.iter().find(|frame| frame.fits).map(|frame| frame.salts);
    let Some(salts) = wal.salts.or(hinted).or_else(first) else { return (None, 0) };
    let reached = last_commit(wal, salts).max(frames_hinted(hint, salts));
    (Some(salts), reached.min(wal.frames.len()))
}

fn frames_hinted(hint: Option<&Hint>, salts: Salts) -> usize {
    let hint = hint.filter(|hint| hint.wal.salts == salts);
    hint.map_or(0, |hint| usize::try_from(hint.wal.frames).unwrap_or(usize::MAX))
}

/// Judges a write-ahead log whose header verifies; answers what of this round stands torn at its end.
fn judge(wal: &Wal, salts: Salts, hint: Option<&Hint>) -> Result<Option<DamagedPlace>, Unsound> {
    let (verified, committed) = (wal.verified(), wal.committed());
    let hinted = frames_hinted(hint, salts);
    let place = DamagedPlace::Frame { number: verified as u64 + 1, byte: wal.offset(verified) };
    let behind = wal.frames.get(verified..).unwrap_or_default();
    if committed < hinted {
        let due = &behind[..behind.len().min(hinted.saturating_sub(verified))];
        // What was written in another round has other numbers in both places.
        let of_this =
            |frame: &Frame| frame.salts[..4] == salts[..4] || frame.salts[4..] == salts[4..];
        return Err(if due.iter().any(of_this) {
            Unsound::Damaged(place)
        } else {
            Unsound::Short { byte: wal.offset(verified) }
        });
    }
    if goes_on(wal, salts, verified) {
        return Err(Unsound::Damaged(place));
    }
    let torn = wal.frames[committed..].iter().any(|frame| frame.salts == salts);
    Ok(torn.then_some(place))
}

/// Judges one whose header does not verify, and which SQLite will take for empty. It may have been torn when
/// a new round began, and then the database has everything of the round before.
fn without_header(
    path: &Path,
    wal: &Wal,
    main: Option<&File>,
    hint: Option<&Hint>,
) -> io::Result<Result<Option<DamagedPlace>, Unsound>> {
    let (_, committed) = committed_at_least(wal, hint);
    let held = has_what_was_committed(path, main, wal, committed)?;
    Ok(if held { Ok(None) } else { Err(Unsound::Damaged(DamagedPlace::Header)) })
}

/// Whether the database has every page that it must have by itself. What is none is for SQLite to say.
fn long_enough(
    main: &File,
    page_bytes: usize,
    frames: &[Frame],
) -> io::Result<Result<(), Unsound>> {
    let length = main.metadata()?.len();
    let mut head = [0; 100];
    if length < head.len() as u64 {
        return Ok(Err(Unsound::Damaged(DamagedPlace::Cut { pages: 0, of: 1 })));
    }
    main.read_exact_at(&mut head, 0)?;
    if !head.starts_with(MAGIC) {
        return Ok(Ok(()));
    }
    // The count holds only if whoever changed the file last knew of it.
    let counted = number(&head, 24) == number(&head, 92);
    let count = if counted { number(&head, 28) } else { 0 };
    let pages = frames.last().map_or(count, |last| last.pages_after);
    Ok(missing_pages(length / page_bytes as u64, pages, frames))
}

/// Whether every page up to `pages` is in the database, which has `held`, or in one of `frames`.
fn missing_pages(held: u64, pages: u32, frames: &[Frame]) -> Result<(), Unsound> {
    let in_frames: HashSet<u32> = frames.iter().map(|frame| frame.page).collect();
    let never_written = LOCK_BYTE / PAGE_BYTES as u64 + 1;
    let missing = |page: &u64| {
        let framed = u32::try_from(*page).is_ok_and(|page| in_frames.contains(&page));
        !framed && *page != never_written
    };
    match (held + 1..=u64::from(pages)).find(missing) {
        Some(_) => Err(Unsound::Damaged(DamagedPlace::Cut { pages: held, of: pages.into() })),
        None => Ok(()),
    }
}
