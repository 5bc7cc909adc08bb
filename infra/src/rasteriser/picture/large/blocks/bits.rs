//! Bits of a scan, and the Huffman codes in them (T.81, F.2.2 and annex C).

/// Why a scan goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanEnd {
    /// Its data are over, or a marker stands in them.
    Over,
    /// What stands there is no code.
    NoCode,
}

/// A reader of bits, the first one highest. A zero behind 0xff is stuffed; any other byte there is a marker,
/// before which it stops.
pub(super) struct CodedBits<'a> {
    data: &'a [u8],
    at: usize,
    kept: u64,
    count: u32,
}

impl<'a> CodedBits<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, kept: 0, count: 0 }
    }

    /// How many bytes were read; no marker is among them.
    pub(super) const fn read(&self) -> usize {
        self.at
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(byte) = self.data.get(self.at).copied() else { return };
            if byte == 0xff {
                if self.data.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.kept |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    fn skip(&mut self, count: u32) -> Result<(), ScanEnd> {
        if count > self.count {
            return Err(ScanEnd::Over);
        }
        self.kept <<= count;
        self.count -= count;
        Ok(())
    }

    /// So many bits, at most 16, as a number.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, ScanEnd> {
        if count == 0 {
            return Ok(0);
        }
        self.fill();
        let value = (self.kept >> (64 - count)) as u32;
        self.skip(count)?;
        Ok(value)
    }

    /// A number of so many bits with its sign (F.2.2.1, EXTEND).
    pub(super) fn signed(&mut self, count: u32) -> Result<i32, ScanEnd> {
        if count == 0 {
            return Ok(0);
        }
        let value = self.take(count.min(16))? as i32;
        let is_negative = value < 1 << (count - 1);
        Ok(if is_negative { value - (1 << count) + 1 } else { value })
    }

    /// The next code's meaning.
    pub(super) fn code(&mut self, codes: &Codes) -> Result<u8, ScanEnd> {
        self.fill();
        let [length, meaning] = codes.0[(self.kept >> 48) as usize];
        if length == 0 {
            return Err(if self.count < 16 { ScanEnd::Over } else { ScanEnd::NoCode });
        }
        self.skip(u32::from(length))?;
        Ok(meaning)
    }

    /// Goes behind the next restart marker, if that is what comes next.
    pub(super) fn restart(&mut self) -> Result<(), ScanEnd> {
        // Bytes that were taken in and not used are padding; a marker is never taken in.
        (self.kept, self.count) = (0, 0);
        let is_restart = |marker: &u8| (0xd0..=0xd7).contains(marker);
        match self.data.get(self.at..self.at + 2) {
            Some([0xff, marker]) if is_restart(marker) => {
                self.at += 2;
                Ok(())
            }
            Some(_) | None => Err(ScanEnd::Over),
        }
    }
}

/// For every sixteen bits the length of the code they begin with, 0 for none, and what it means.
#[derive(Clone)]
pub(super) struct Codes(Vec<[u8; 2]>);

impl Codes {
    /// Of how many codes there are of each length, and what they mean, in this order (C.2).
    pub(super) fn new(counts: &[u8], meanings: &[u8]) -> Option<Self> {
        let mut table = vec![[0; 2]; 1 << 16];
        let mut from = 0;
        let mut meanings = meanings.iter();
        for (length, count) in (1..=16_u8).zip(counts) {
            let width = 1_usize << (16 - length);
            for meaning in meanings.by_ref().take(usize::from(*count)) {
                table.get_mut(from..from + width)?.fill([length, *meaning]);
                from += width;
            }
        }
        Some(Self(table))
    }
}
