//! The codes of a scan: bits out of its bytes, and symbols out of the bits (ITU-T T.81, annexes C and F).

/// The next so many bits are looked up at once; longer codes are searched for.
const LOOKED_UP: u32 = 8;
const CODE_BITS_MAX: u32 = 16;

/// One table of codes.
#[derive(Clone)]
pub(in crate::rasteriser) struct Huffman {
    /// By the next eight bits: length of the code and its symbol; a length of 0 is a longer code, or none.
    short: [(u8, u8); 1 << LOOKED_UP],
    /// Of each length: the first code beyond those of that length, and what leads from a code to its symbol.
    ends: [(u32, i32); CODE_BITS_MAX as usize + 1],
    symbols: Vec<u8>,
}

impl Huffman {
    /// A table as a segment has it: how many codes there are of each length, and the symbols. None of more
    /// codes than there are.
    pub(in crate::rasteriser) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table =
            Self { short: [(0, 0); 256], ends: [(0, 0); 17], symbols: symbols.to_vec() };
        let (mut code, mut index) = (0_u32, 0_u32);
        for (length, count) in (1_u32..).zip(counts) {
            let first = index.cast_signed() - code.cast_signed();
            for _ in 0..*count {
                let symbol = symbols.get(index as usize).copied().unwrap_or_default();
                table.look_up(code, length, symbol);
                code += 1;
                index += 1;
            }
            if code > 1 << length {
                return None;
            }
            table.ends[length as usize] = (code, first);
            code <<= 1;
        }
        Some(table)
    }

    fn look_up(&mut self, code: u32, length: u32, symbol: u8) {
        let Some(spare) = LOOKED_UP.checked_sub(length) else { return };
        let from = (code << spare) as usize;
        for slot in self.short.iter_mut().skip(from).take(1 << spare) {
            *slot = (length as u8, symbol);
        }
    }
}

/// The bits between two markers.
pub(in crate::rasteriser) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(in crate::rasteriser) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, held: 0, count: 0 }
    }

    /// Where the next byte stands that no bit was taken of.
    pub(in crate::rasteriser) fn end(&self) -> usize {
        self.at
    }

    /// Whether nothing but padding is left of what was taken up: less than a byte, of ones as it is laid
    /// down or of noughts as some write it.
    pub(in crate::rasteriser) fn are_used_up(&self) -> bool {
        let padding = self.held >> 56;
        self.count < 8 && (padding == 0 || padding == 0xff & !(0xff >> self.count))
    }

    /// Goes on at another place, behind a marker.
    pub(in crate::rasteriser) fn go_on_at(&mut self, at: usize) {
        (self.at, self.held, self.count) = (at, 0, 0);
    }

    /// Takes up bytes until there are enough bits or a marker stands in the way.
    fn fill(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..) {
                Some([0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([0xff, ..] | []) | None => return,
                Some([byte, ..]) => {
                    self.at += 1;
                    *byte
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// So many bits, 16 at most; none where the scan has no more.
    pub(in crate::rasteriser) fn take(&mut self, count: u32) -> Option<u32> {
        if count == 0 {
            return Some(0);
        }
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count)?;
        let taken = (self.held >> (64 - count)) as u32;
        self.held <<= count;
        Some(taken)
    }

    /// A number of so many bits with its sign (F.2.2.1, EXTEND).
    pub(in crate::rasteriser) fn signed(&mut self, count: u32) -> Option<i32> {
        let bits = self.take(count)?.cast_signed();
        let is_negative = count > 0 && bits >> (count - 1) == 0;
        Some(if is_negative { bits + 1 - (1 << count) } else { bits })
    }

    /// Goes behind the next restart marker, if that is what comes next. Bytes that were taken up and not used
    /// are padding.
    pub(in crate::rasteriser) fn restart(&mut self) -> Option<()> {
        let is_next = matches!(self.data.get(self.at..), Some([0xff, 0xd0..=0xd7, ..]));
        is_next.then(|| self.go_on_at(self.at + 2))
    }

    /// The next symbol; none where the scan has no more, or what it has is no code.
    pub(in crate::rasteriser) fn symbol(&mut self, table: &Huffman) -> Option<u8> {
        if self.count < CODE_BITS_MAX {
            self.fill();
        }
        let (length, symbol) = table.short[(self.held >> (64 - LOOKED_UP)) as usize];
        if length > 0 {
            self.take(u32::from(length))?;
            return Some(symbol);
        }
        for length in LOOKED_UP + 1..=CODE_BITS_MAX {
            let code = (self.held >> (64 - length)) as u32;
            let (end, first) = table.ends[length as usize];
            if code < end {
                self.take(length)?;
                let index = usize::try_from(code.cast_signed() + first).ok()?;
                return table.symbols.get(index).copied();
            }
        }
        None
    }
}
