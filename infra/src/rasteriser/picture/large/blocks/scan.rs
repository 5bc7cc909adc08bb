//! One scan: the codes of its blocks, in their order (T.81, annexes F and G).

use super::header::{DecodingTables, ScanHeader};
use super::planes::{BlockPlace, Planes};
use crate::rasteriser::jpeg::huffman::{Bits, Huffman};

/// A colour of a scan: its number, its tables, and the first coefficient of its last block.
struct Part<'a> {
    colour: usize,
    first: Option<&'a Huffman>,
    others: Option<&'a Huffman>,
    last: i32,
}

/// A scan, ready to be read.
pub(super) struct Scan<'a> {
    parts: Vec<Part<'a>>,
    selection: &'a ScanHeader,
    restart: u32,
    /// Blocks that have no more coefficients in this scan (G.1.2.2).
    empty: u32,
}

impl<'a> Scan<'a> {
    /// None where it names what is not there.
    pub(super) fn new(
        selection: &'a ScanHeader,
        tables: &'a DecodingTables,
        planes: &mut Planes,
    ) -> Option<Self> {
        planes.begin();
        let mut parts = Vec::new();
        for (id, first, others) in &selection.colours {
            let colour = planes.colours.iter().position(|plane| plane.id == *id)?;
            let plane = &mut planes.colours[colour];
            plane.steps = plane.steps.or(tables.quantisers[plane.quantiser]);
            plane.steps?;
            let first = tables.first.get(*first)?.as_ref();
            let others = tables.others.get(*others)?.as_ref();
            parts.push(Part { colour, first, others, last: 0 });
        }
        let is_progressive = planes.frame.is_progressive;
        // Several colours share a scan of first coefficients only (G.1.1.1.1); other pictures have one kind
        // of scan.
        let sound = if is_progressive {
            selection.from > 0 && parts.len() == 1 || selection.to == 0
        } else {
            (selection.from, selection.to, selection.high, selection.low) == (0, 63, 0, 0)
        };
        sound.then_some(Self { parts, selection, restart: tables.restart, empty: 0 })
    }

    /// Reads it as far as it goes or is wanted; how it ended, and how many bytes it took.
    pub(super) fn decode(mut self, data: &[u8], planes: &mut Planes) -> (Option<()>, usize) {
        let mut bits = Bits::new(data, 0);
        let ended = self.units(&mut bits, planes);
        (ended, bits.end())
    }

    fn units(&mut self, bits: &mut Bits<'_>, planes: &mut Planes) -> Option<()> {
        let alone = match self.parts.as_slice() {
            [one] => Some(planes.colours[one.colour].blocks),
            _ => None,
        };
        let (across, down) = alone.unwrap_or(planes.units);
        // What lies below the wanted part is of no use to a picture of one scan a colour.
        let rows = match self.parts.as_slice() {
            _ if planes.frame.is_progressive => down,
            [one] => down.min(planes.rows_end * planes.colours[one.colour].down),
            _ => down.min(planes.rows_end),
        };
        let mut until_restart = self.restart;
        for y in 0..rows {
            for x in 0..across {
                if self.restart > 0 && until_restart == 0 {
                    bits.restart()?;
                    self.parts.iter_mut().for_each(|part| part.last = 0);
                    (self.empty, until_restart) = (0, self.restart);
                }
                until_restart = until_restart.saturating_sub(1);
                if alone.is_some() {
                    self.block(0, (x, y), bits, planes)?;
                } else {
                    self.unit((x, y), bits, planes)?;
                }
            }
        }
        Some(())
    }

    /// One unit of several colours.
    fn unit(&mut self, (x, y): (u32, u32), bits: &mut Bits<'_>, planes: &mut Planes) -> Option<()> {
        for part in 0..self.parts.len() {
            let plane = &planes.colours[self.parts[part].colour];
            let (across, down) = (plane.across, plane.down);
            for row in 0..down {
                for column in 0..across {
                    self.block(part, (x * across + column, y * down + row), bits, planes)?;
                }
            }
        }
        Some(())
    }

    fn block(
        &mut self,
        part: usize,
        at: (u32, u32),
        bits: &mut Bits<'_>,
        planes: &mut Planes,
    ) -> Option<()> {
        let colour = self.parts[part].colour;
        let place = planes.place(colour, at);
        if !planes.frame.is_progressive {
            return self.whole(part, place, bits, planes);
        }
        let plane = &planes.colours[colour];
        let number = at.1 as usize * plane.row as usize + at.0 as usize;
        let mut block = BlockOf { planes, colour, place, number };
        match (self.selection.from, self.selection.high) {
            (0, 0) => self.first(part, bits, &mut block),
            (0, _) => {
                if bits.take(1)? == 1 {
                    block.set(0, 1 << self.selection.low);
                }
                Some(())
            }
            (_, 0) => self.others(bits, &mut block),
            (_, _) => self.refine(bits, &mut block),
        }
    }

    /// The first coefficient: by how much it differs from the last one's (F.2.2.1).
    fn difference(&mut self, part: usize, bits: &mut Bits<'_>) -> Option<i32> {
        let part = &mut self.parts[part];
        let size = bits.symbol(part.first?)?;
        if size > 15 {
            return None;
        }
        part.last = part.last.wrapping_add(bits.signed(size.into())?);
        Some(part.last)
    }

    /// All coefficients of a block at once (F.2.2).
    fn whole(
        &mut self,
        part: usize,
        place: Option<BlockPlace>,
        bits: &mut Bits<'_>,
        planes: &mut Planes,
    ) -> Option<()> {
        let first = self.difference(part, bits)?;
        let part = &self.parts[part];
        let codes = part.others?;
        let steps = planes.colours[part.colour].steps.as_ref()?;
        let mut block = [0_i32; 64];
        block[0] = first.wrapping_mul(steps[0].into());
        let (mut at, mut is_flat) = (1, true);
        while at < 64 {
            let code = bits.symbol(codes)?;
            let (zeros, size) = (usize::from(code >> 4), u32::from(code & 15));
            if size == 0 && zeros < 15 {
                break;
            }
            at += zeros;
            if size > 0 {
                let step = *steps.get(at)?;
                block[at] = bits.signed(size)?.wrapping_mul(step.into());
                is_flat = false;
            }
            at += 1;
        }
        if let Some(place) = place {
            planes.draw(part.colour, place, &block, is_flat);
        }
        Some(())
    }

    /// The first coefficient, down to a bit (G.1.2.1).
    fn first(&mut self, part: usize, bits: &mut Bits<'_>, block: &mut BlockOf<'_>) -> Option<()> {
        let value = self.difference(part, bits)?;
        block.set(0, value.wrapping_shl(self.selection.low));
        Some(())
    }

    /// Other coefficients, down to a bit (G.1.2.2).
    fn others(&mut self, bits: &mut Bits<'_>, block: &mut BlockOf<'_>) -> Option<()> {
        if self.empty > 0 {
            self.empty -= 1;
            return Some(());
        }
        let codes = self.parts[0].others?;
        let mut at = self.selection.from;
        while at <= self.selection.to {
            let code = bits.symbol(codes)?;
            let (zeros, size) = (u32::from(code >> 4), u32::from(code & 15));
            if size == 0 && zeros < 15 {
                self.empty = (1 << zeros) - 1 + bits.take(zeros)?;
                break;
            }
            at += zeros;
            if size > 0 {
                if at > self.selection.to {
                    return None;
                }
                let value = bits.signed(size)?;
                block.set(at, value.wrapping_shl(self.selection.low));
            }
            at += 1;
        }
        Some(())
    }

    /// A further bit of other coefficients (G.1.2.3).
    fn refine(&mut self, bits: &mut Bits<'_>, block: &mut BlockOf<'_>) -> Option<()> {
        let codes = self.parts[0].others?;
        let (end, bit) = (self.selection.to, 1_i32 << self.selection.low);
        let mut at = self.selection.from;
        while self.empty == 0 && at <= end {
            let code = bits.symbol(codes)?;
            let (zeros, size) = (u32::from(code >> 4), code & 15);
            if size == 0 && zeros < 15 {
                self.empty = (1 << zeros) + bits.take(zeros)?;
                break;
            }
            let new = match size {
                0 => 0,
                _ if bits.take(1)? == 1 => bit,
                _ => -bit,
            };
            at = block.correct((at, end), Some(zeros), bit, bits)?;
            if new != 0 && at <= end {
                block.set(at, new);
            }
            at += 1;
        }
        if self.empty > 0 {
            block.correct((at, end), None, bit, bits)?;
            self.empty -= 1;
        }
        Some(())
    }
}

/// A block between two scans of a progressive picture.
struct BlockOf<'a> {
    planes: &'a mut Planes,
    colour: usize,
    place: Option<BlockPlace>,
    number: usize,
}

impl BlockOf<'_> {
    fn history(&mut self) -> Option<&mut u64> {
        self.planes.colours[self.colour].history.get_mut(self.number)
    }

    /// Adds to a coefficient, and remembers that it is not zero.
    fn set(&mut self, at: u32, value: i32) {
        if let Some(history) = self.history()
            && value != 0
        {
            *history |= 1 << at;
        }
        if let Some(place) = self.place
            && let Some(kept) = self.planes.coefficient(self.colour, place, at)
        {
            // The first coefficient is refined by bits that were zero; the others are set once.
            *kept = (i32::from(*kept) | value) as i16;
        }
    }

    /// Goes over coefficients that are not zero, each with a bit of its own, and so many that are. Answers
    /// where the next one is.
    fn correct(
        &mut self,
        (mut at, end): (u32, u32),
        mut zeros: Option<u32>,
        bit: i32,
        bits: &mut Bits<'_>,
    ) -> Option<u32> {
        let known = self.history().map_or(0, |history| *history);
        while at <= end {
            if known >> at & 1 == 1 {
                if bits.take(1)? == 1 {
                    self.grow(at, bit);
                }
            } else if let Some(left) = zeros {
                if left == 0 {
                    break;
                }
                zeros = Some(left - 1);
            }
            at += 1;
        }
        Some(at)
    }

    /// Moves a coefficient away from zero.
    fn grow(&mut self, at: u32, bit: i32) {
        if let Some(place) = self.place
            && let Some(kept) = self.planes.coefficient(self.colour, place, at)
        {
            let value = i32::from(*kept);
            *kept = if value >= 0 { value + bit } else { value - bit } as i16;
        }
    }
}
