//! The write-ahead log of SQLite, read from its bytes (sqlite.org/fileformat2.html, section 4), before SQLite
//! reads it: where it meets a frame that does not verify, SQLite takes everything behind it for nothing.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes before the first frame.
const HEADER_BYTES: usize = 32;
/// Bytes before each page.
pub(crate) const FRAME_HEAD_BYTES: usize = 24;
/// The magic number without its last bit, which says how words are read for checksums.
const MAGIC: u32 = 0x377f_0682;
/// The format, which has been this one since there is one.
const FORMAT: u32 = 3_007_000;
/// Frames read at once.
const FRAMES_AT_ONCE: usize = 64;

/// The two random numbers that tell the frames of this write-ahead log from those that an earlier one left in
/// the same file.
pub(crate) type Salts = [u8; 8];

/// SQLite's checksum, which goes on from frame to frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Checksum(u32, u32);

impl Checksum {
    fn over(self, bytes: &[u8], big_endian: bool) -> Self {
        let word = |at: &[u8; 4]| match big_endian {
            true => u32::from_be_bytes(*at),
            false => u32::from_le_bytes(*at),
        };
        let words = bytes.as_chunks::<4>().0.as_chunks::<2>().0;
        words.iter().fold(self, |Self(first, second), [one, two]| {
            let first = first.wrapping_add(word(one)).wrapping_add(second);
            Self(first, second.wrapping_add(word(two)).wrapping_add(first))
        })
    }

    /// As it is stored.
    pub(crate) fn stored(bytes: &[u8]) -> Self {
        Self(number(bytes, 0), number(bytes, 4))
    }

    /// As it is stored.
    pub(crate) fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.0.to_be_bytes());
        bytes[4..].copy_from_slice(&self.1.to_be_bytes());
        bytes
    }
}

/// What stands before a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Which page it is.
    pub(crate) page: u32,
    /// How many pages the database has from here on; 0 but for the last frame of a transaction.
    pub(crate) pages_after: u32,
    pub(crate) salts: Salts,
    pub(crate) sum: Checksum,
    /// Whether the checksum goes on from the one that is stored before it: whatever became of other frames,
    /// this one is as it was written.
    pub(crate) fits: bool,
    /// Whether it goes on from what the frame before it should have stored and has not: that one was written
    /// whole, and its checksum is what changed since.
    pub(crate) fits_what_was: bool,
}

impl Frame {
    /// What can be read of a frame's head; whether it fits is not known from it.
    pub(crate) fn head(bytes: &[u8; FRAME_HEAD_BYTES]) -> Self {
        let mut salts = Salts::default();
        salts.copy_from_slice(&bytes[8..16]);
        let (page, pages_after) = (number(bytes, 0), number(bytes, 4));
        let sum = Checksum::stored(&bytes[16..]);
        Self { page, pages_after, salts, sum, fits: false, fits_what_was: false }
    }

    pub(crate) const fn ends_transaction(&self) -> bool {
        self.pages_after > 0
    }
}

/// A write-ahead log, read whole.
#[derive(Debug)]
pub(crate) struct Wal {
    /// Its salts; none if its header does not verify.
    pub(crate) salts: Option<Salts>,
    pub(crate) page_bytes: usize,
    /// Every frame for which there is room, whether or not anything was ever written there.
    pub(crate) frames: Vec<Frame>,
}

impl Wal {
    /// Reads the file at `path`; none if there is none, or nothing but zeros in it. Where the header does not
    /// say it, pages have `page_bytes` bytes.
    pub(crate) fn read(path: &Path, page_bytes: usize) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut header = [0; HEADER_BYTES];
        if file.metadata()?.len() < HEADER_BYTES as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut header, 0)?;
        let known = Header::read(&header);
        let (big_endian, page_bytes, sum) = match &known {
            Some(header) => (header.big_endian, header.page_bytes, header.sum),
            None => (cfg!(target_endian = "big"), page_bytes, Checksum::stored(&header[24..])),
        };
        let mut wal = Self { salts: known.map(|header| header.salts), page_bytes, frames: vec![] };
        wal.read_frames(&file, sum, big_endian)?;
        let nothing = wal.salts.is_none() && wal.frames.iter().all(|frame| frame.page == 0);
        Ok((!nothing).then_some(wal))
    }

    fn read_frames(&mut self, file: &File, mut sum: Checksum, big_endian: bool) -> io::Result<()> {
        let frame_bytes = FRAME_HEAD_BYTES + self.page_bytes;
        let mut buffer = vec![0; FRAMES_AT_ONCE * frame_bytes];
        // What the frame before should have stored, where it has not.
        let mut was = None;
        loop {
            let read = read_at_most(file, &mut buffer, self.offset(self.frames.len()))?;
            for bytes in buffer[..read].chunks_exact(frame_bytes) {
                let (head, page) = bytes.split_at(FRAME_HEAD_BYTES);
                let mut frame = Frame::head(head.as_array().unwrap_or(&[0; FRAME_HEAD_BYTES]));
                let over = |sum: Checksum| sum.over(&head[..8], big_endian).over(page, big_endian);
                let counted = over(sum);
                frame.fits = frame.page > 0 && counted == frame.sum;
                frame.fits_what_was = was.is_some_and(|was| over(was) == frame.sum);
                was = (!frame.fits).then_some(counted);
                sum = frame.sum;
                self.frames.push(frame);
            }
            if read < buffer.len() {
                return Ok(());
            }
        }
    }

    /// Where the frame with this index begins.
    pub(crate) fn offset(&self, index: usize) -> u64 {
        (HEADER_BYTES + index * (FRAME_HEAD_BYTES + self.page_bytes)) as u64
    }

    /// How many bytes of the file at `path` SQLite will look for frames in: none where its header does not
    /// verify.
    pub(crate) fn bytes_read(path: &Path) -> io::Result<u64> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        let (mut header, length) = ([0; HEADER_BYTES], file.metadata()?.len());
        if length <= HEADER_BYTES as u64 {
            return Ok(0);
        }
        file.read_exact_at(&mut header, 0)?;
        Ok(if Header::read(&header).is_some() { length } else { 0 })
    }

    /// How many frames verify one after the other from the first on.
    pub(crate) fn verified(&self) -> usize {
        let own = |frame: &&Frame| frame.fits && Some(frame.salts) == self.salts;
        self.frames.iter().take_while(own).count()
    }

    /// How many frames SQLite will read: those that verify, up to the end of a transaction.
    pub(crate) fn committed(&self) -> usize {
        let verified = &self.frames[..self.verified()];
        verified.iter().rposition(Frame::ends_transaction).map_or(0, |last| last + 1)
    }
}

struct Header {
    big_endian: bool,
    page_bytes: usize,
    salts: Salts,
    sum: Checksum,
}

impl Header {
    fn read(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let magic = number(bytes, 0);
        let big_endian = magic & 1 == 1;
        let sum = Checksum::default().over(&bytes[..24], big_endian);
        let right = magic & !1 == MAGIC && number(bytes, 4) == FORMAT;
        let page_bytes = usize::try_from(number(bytes, 8)).ok()?;
        let sized = page_bytes.is_power_of_two() && (512..=65_536).contains(&page_bytes);
        let mut salts = Salts::default();
        salts.copy_from_slice(&bytes[16..24]);
        (right && sized && sum == Checksum::stored(&bytes[24..])).then_some(Self {
            big_endian,
            page_bytes,
            salts,
            sum,
        })
    }
}

/// The number that is stored at `at`: all are big-endian. Whoever asks has so many bytes.
pub(crate) fn number(bytes: &[u8], at: usize) -> u32 {
    let stored = bytes.get(at..).and_then(|rest| rest.first_chunk());
    u32::from_be_bytes(stored.copied().unwrap_or_default())
}

/// Fills `buffer` from `offset` on, as far as the file goes.
fn read_at_most(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64)? {
            0 => break,
            some => read += some,
        }
    }
    Ok(read)
}
