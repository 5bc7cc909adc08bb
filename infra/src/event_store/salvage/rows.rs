//! Rows of the table of events, found in the bytes of a page by the shape of their records
//! (sqlite.org/fileformat2.html, section 2). Nothing else of the page is believed: neither that it is in use,
//! nor what kind it is, nor where it says its rows are. A row proves itself: its leaf carries the digests of
//! its line.

/// The serial type of a leaf, 100 bytes, as the last thing of a record's header.
const LEAF_TYPE: [u8; 2] = [0x81, 0x54];
const LEAF_BYTES: usize = domain::journal::Leaf::BYTES;

/// A row, as far as its own page has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundRow {
    /// SQLite's number of the row: see the schema.
    pub(super) id: u64,
    /// Where its record begins in the page.
    pub(super) record: usize,
    /// How long the record is, with what lies on other pages.
    pub(super) record_bytes: usize,
    /// Where in the record the line begins; behind the line comes the leaf, which is the end.
    pub(super) line: usize,
}

impl FoundRow {
    /// How much of a record lies in its own page of `page_bytes`; the rest lies on other pages, of which the
    /// first is named behind it.
    pub(super) const fn local(&self, page_bytes: usize) -> usize {
        let most = page_bytes - 35;
        if self.record_bytes <= most {
            return self.record_bytes;
        }
        let least = (page_bytes - 12) * 32 / 255 - 23;
        let wanted = least + (self.record_bytes - least) % (page_bytes - 4);
        if wanted <= most { wanted } else { least }
    }

    /// The line and the leaf out of the whole record.
    pub(super) fn parts<'a>(&self, record: &'a [u8]) -> Option<(&'a [u8], [u8; LEAF_BYTES])> {
        let (line, leaf) = record.get(self.line..)?.split_last_chunk()?;
        Some((line, *leaf))
    }
}

/// Every row whose record begins in `page`.
pub(super) fn rows(page: &[u8]) -> impl Iterator<Item = FoundRow> {
    let ends = page.windows(2).enumerate().filter(|(_, bytes)| **bytes == LEAF_TYPE);
    ends.filter_map(|(at, _)| (1..=3).find_map(|line_type| row(page, at, line_type)))
}

/// The row whose header ends with the leaf's type at `at`, before which the line's type takes so many bytes.
fn row(page: &[u8], at: usize, line_type_bytes: usize) -> Option<FoundRow> {
    let record = at.checked_sub(line_type_bytes + 4)?;
    let header_bytes = line_type_bytes + 6;
    let [said, row_id, stream, version] = *page.get(record..)?.first_chunk()?;
    // The row's number is no column of its own in the record: it stands before it.
    if usize::from(said) != header_bytes || row_id != 0 {
        return None;
    }
    let line_type = varint(page.get(record + 4..at)?)?;
    let line_bytes = line_type.checked_sub(12).filter(|twice| twice % 2 == 0)? / 2;
    let line_bytes = usize::try_from(line_bytes).ok()?;
    if line_bytes > domain::journal::LINE_BYTES_MAX {
        return None;
    }
    let line = header_bytes + integer_bytes(stream)? + integer_bytes(version)?;
    let record_bytes = line + line_bytes + LEAF_BYTES;
    let id = id_before(page, record, record_bytes)?;
    Some(FoundRow { id, record, record_bytes, line })
}

/// The row's number, which stands between the record's length and the record.
fn id_before(page: &[u8], record: usize, record_bytes: usize) -> Option<u64> {
    let length = varint_of(record_bytes);
    (1..=9).find_map(|id_bytes| {
        let id = record.checked_sub(id_bytes)?;
        let before = page.get(id.checked_sub(length.len())?..id)?;
        (before == length).then_some(())?;
        varint(&page[id..record])
    })
}

/// How many bytes an integer of this serial type takes.
const fn integer_bytes(serial_type: u8) -> Option<usize> {
    match serial_type {
        8 | 9 => Some(0),
        1..=4 => Some(serial_type as usize),
        5 => Some(6),
        6 => Some(8),
        0 | 7 | 10.. => None,
    }
}

/// The number that all of `bytes` are, as SQLite writes it.
fn varint(bytes: &[u8]) -> Option<u64> {
    let (last, more) = bytes.split_last()?;
    let mut number = 0;
    for byte in more {
        if byte & 0x80 == 0 {
            return None;
        }
        number = number << 7 | u64::from(byte & 0x7f);
    }
    match more.len() {
        8 => Some(number << 8 | u64::from(*last)),
        0..8 if last & 0x80 == 0 => Some(number << 7 | u64::from(*last)),
        _ => None,
    }
}

/// A record's length, as SQLite writes it: three bytes at the most.
fn varint_of(number: usize) -> Vec<u8> {
    let mut bytes = vec![(number & 0x7f) as u8];
    let mut rest = number >> 7;
    while rest > 0 {
        bytes.insert(0, (rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for number in [0, 1, 127, 128, 16_383, 16_384, 65_800, 2_097_151] {
            let bytes = varint_of(number);
            assert_eq!(varint(&bytes), Some(number as u64), "{bytes:?}");
            assert_eq!(varint(&[&bytes[..], &[0]].concat()), None, "one byte too many");
        }
        assert_eq!(varint(&[0xff; 9]), Some(u64::MAX));
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn what_only_looks_like_a_row_is_none() {
        assert_eq!(rows(&[]).count(), 0);
        assert_eq!(rows(&LEAF_TYPE).count(), 0);
        assert_eq!(rows(&LEAF_TYPE.repeat(2_048)).count(), 0);
        for fill in 0..=255_u8 {
            let mut page = [fill; 64];
            page[40..42].copy_from_slice(&LEAF_TYPE);
            assert_eq!(rows(&page).count(), 0, "{fill}");
        }
    }
}
