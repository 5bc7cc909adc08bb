//! What a write-ahead log says of itself before SQLite reads it: whether it ends where a power cut tore it,
//! or SQLite would take for nothing what was on the disk.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::file::beside;
use super::wal::{FRAME_HEAD_BYTES, Frame, Salts, Wal};

/// What a page has, unless the file says otherwise.
pub(crate) const PAGE_BYTES: usize = 4_096;

/// What a disk writes whole or not at all, bytes.
const SECTOR: u64 = 512;

/// Where a write-ahead log is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalDamage {
    /// A frame does not verify, and transactions stand behind it.
    Frame {
        /// Which, from 1.
        number: u64,
        /// Where it begins in the file.
        byte: u64,
    },
    /// The header does not verify, and the database has not what stands behind it.
    Header,
}

impl fmt::Display for WalDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { number, byte } => write!(
                f,
                "frame {number} of its write-ahead log (from byte {byte} on) does not verify, and \
                 what was committed reached farther"
            ),
            Self::Header => f.write_str(
                "the header of its write-ahead log does not verify, and the database has not what \
                 stands behind it",
            ),
        }
    }
}

/// Looks at what lies beside the database at `path`, which nobody writes. Each transaction is on the disk
/// before the next begins: a frame that does not verify is the end of what a power cut left, unless another
/// transaction stands behind it. Rot in the last transaction of all cannot be told from that.
pub(crate) fn look(path: &Path) -> io::Result<Option<WalDamage>> {
    let main = match File::open(path) {
        Ok(main) => Some(main),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let page_bytes = main.as_ref().map_or(Ok(PAGE_BYTES), main_page_bytes)?;
    let Some(wal) = Wal::read(&beside(path, "wal"), page_bytes)? else { return Ok(None) };
    let Some(salts) = wal.salts else {
        let first = wal.frames.iter().find(|frame| frame.fits);
        let reached = first.map_or(0, |first| last_commit(&wal, first.salts));
        let held = has_what_was_committed(path, main.as_ref(), &wal, reached)?;
        return Ok((!held).then_some(WalDamage::Header));
    };
    let verified = wal.verified();
    let (number, byte) = (verified as u64 + 1, wal.offset(verified));
    Ok(goes_on(&wal, salts, verified).then_some(WalDamage::Frame { number, byte }))
}

/// Whether from the frame with this index on a transaction ended and another was begun, or a checksum changed
/// that had been written. A frame that fits shows that the head before it is of its round, whatever became of
/// its page; but not of a head that lies in two sectors, for a power cut may have left one of them as it was.
pub(crate) fn goes_on(wal: &Wal, salts: Salts, index: usize) -> bool {
    let rotten = |(at, pair): (usize, &[Frame])| {
        let in_one_sector = wal.offset(at) % SECTOR <= SECTOR - FRAME_HEAD_BYTES as u64;
        let head = in_one_sector && pair[0].salts == salts;
        let begun = pair[0].ends_transaction() && pair[1].fits;
        let changed = head && pair[1].fits_what_was;
        pair[1].salts == salts && (begun && (head || pair[0].fits) || changed)
    };
    let behind = wal.frames.get(index..).unwrap_or_default();
    (index..).zip(behind.windows(2)).any(rotten)
}

/// How many frames there are up to the last that ends a transaction, whatever became of those before it.
pub(crate) fn last_commit(wal: &Wal, salts: Salts) -> usize {
    let own = |frame: &Frame| frame.fits && frame.salts == salts && frame.ends_transaction();
    wal.frames.iter().rposition(own).map_or(0, |last| last + 1)
}

/// Whether the database has every page that stands in the first `committed` frames, as the last of them has
/// it: so it is where the header was torn as a new round began.
pub(crate) fn has_what_was_committed(
    path: &Path,
    main: Option<&File>,
    wal: &Wal,
    committed: usize,
) -> io::Result<bool> {
    let newest: HashMap<u32, usize> =
        wal.frames.iter().take(committed).enumerate().map(|(at, frame)| (frame.page, at)).collect();
    let log = File::open(beside(path, "wal"))?;
    let (mut ours, mut theirs) = (vec![0; wal.page_bytes], vec![0; wal.page_bytes]);
    for (page, index) in newest {
        log.read_exact_at(&mut ours, wal.offset(index) + FRAME_HEAD_BYTES as u64)?;
        let at = u64::from(page).saturating_sub(1) * wal.page_bytes as u64;
        let read = main.map(|main| main.read_exact_at(&mut theirs, at));
        if read.is_none_or(|read| read.is_err()) || ours != theirs {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The size of the database's pages, as it says itself; what is no size is none.
pub(crate) fn main_page_bytes(main: &File) -> io::Result<usize> {
    let mut head = [0; 20];
    let length = main.metadata()?.len();
    if length < head.len() as u64 {
        return Ok(PAGE_BYTES);
    }
    main.read_exact_at(&mut head, 0)?;
    let said = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        bytes => usize::from(bytes),
    };
    let sized = said.is_power_of_two() && said >= 512;
    Ok(if sized { said } else { PAGE_BYTES })
}
