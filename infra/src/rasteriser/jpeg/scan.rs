//! Walks through the scans of a JPEG without making a picture of them: each must have as many blocks as the
//! frame has, of codes that are some, and end where the next marker stands. Damage in the middle throws the
//! codes after it off, which a decoder draws as stripes and says nothing of.

use super::huffman::{Bits, Huffman};

const BLOCK: u32 = 64;
/// How far the mean of a block may lie from grey, in eighths of a step of eight-bit samples. Differences add
/// up from block to block, and after damage they lead out of what there is.
const MEAN_MAX: i32 = 1_024;

/// Frames of more samples are not walked through.
const SAMPLES_MAX: u64 = 1 << 29;

/// What is known when a scan comes: the frame and the tables it is read by. Without a frame of a kind that
/// is known here (Huffman codes of eight-bit samples), scans are passed over.
#[derive(Default)]
pub(super) struct Scans {
    width: u32,
    height: u32,
    progressive: bool,
    components: Vec<Component>,
    /// By class and number: those of the first coefficients, then those of the others.
    tables: [[Option<Huffman>; 4]; 2],
    /// By number: what the first coefficient of a block is counted in.
    steps: [i32; 4],
    /// So many groups of blocks stand between two restart markers; 0 for all.
    restart_every: u32,
}

struct Component {
    id: u8,
    across: u32,
    down: u32,
    /// Number of the steps its coefficients are counted in.
    steps: usize,
    /// First coefficient of the block before.
    mean: i32,
    /// Whether a scan brought its first coefficients.
    begun: bool,
    /// Of a progressive frame: which coefficients of each block are known to be some, a bit each.
    known: Vec<u64>,
}

/// What a scan brings of its components' blocks: a band of coefficients, and which of their bits.
#[derive(Clone, Copy)]
struct Part {
    from: u32,
    to: u32,
    /// So many lower bits are left to later scans.
    low: u32,
    /// Whether earlier scans brought the higher bits.
    again: bool,
}

impl Scans {
    /// Takes a frame's header; `shown` are sides to be believed where the header claims more.
    pub(super) fn frame(&mut self, marker: u8, header: &[u8], shown: Option<(u32, u32)>) {
        self.components.clear();
        let [8, h1, h0, w1, w0, count, components @ ..] = header else { return };
        let side = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
        let claimed = (side(*w1, *w0), side(*h1, *h0));
        let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        let sides = shown.filter(|shown| area(*shown) < area(claimed)).unwrap_or(claimed);
        let component = |[id, sampling, steps]: &[u8; 3]| {
            let (across, down) = (u32::from(sampling >> 4), u32::from(sampling & 15));
            let sound = (1..=4).contains(&across) && (1..=4).contains(&down);
            let steps = usize::from(*steps) % 4;
            let (mean, begun, known) = (0, false, Vec::new());
            sound.then_some(Component { id: *id, across, down, steps, mean, begun, known })
        };
        let components = components.as_chunks::<3>().0.iter().map(component);
        let components = components.collect::<Option<Vec<_>>>().unwrap_or_default();
        let samples = area(sides) * components.len() as u64;
        let is_known = matches!(marker, 0xc0..=0xc2) && (1..=SAMPLES_MAX).contains(&samples);
        if is_known && components.len() == usize::from(*count) {
            (self.width, self.height) = sides;
            self.progressive = marker == 0xc2;
            self.components = components;
        }
    }

    /// Whether every colour of the frame was brought by some scan.
    pub(super) fn have_begun_all(&self) -> bool {
        self.components.iter().all(|component| component.begun)
    }

    /// Takes the tables of a segment.
    pub(super) fn tables(&mut self, mut segment: &[u8]) {
        while let Some(([place, counts @ ..], rest)) = segment.split_first_chunk::<17>() {
            let symbols: usize = counts.iter().map(|count| usize::from(*count)).sum();
            let Some((symbols, after)) = rest.split_at_checked(symbols) else { return };
            let class = self.tables.get_mut(usize::from(place >> 4));
            if let Some(slot) = class.and_then(|class| class.get_mut(usize::from(place & 15))) {
                *slot = Huffman::new(counts, symbols);
            }
            segment = after;
        }
    }

    /// Takes what coefficients are counted in.
    pub(super) fn steps(&mut self, mut segment: &[u8]) {
        while let Some((place, rest)) = segment.split_first() {
            let (length, first) = match (place >> 4, rest) {
                (0, [first, ..]) => (64, i32::from(*first)),
                (_, [high, low, ..]) => (128, i32::from(u16::from_be_bytes([*high, *low]))),
                (_, [] | [_]) => return,
            };
            self.steps[usize::from(place & 3)] = first;
            segment = rest.get(length..).unwrap_or_default();
        }
    }

    pub(super) fn restart_every(&mut self, segment: &[u8]) {
        if let [high, low, ..] = segment {
            self.restart_every = u32::from(u16::from_be_bytes([*high, *low]));
        }
    }

    /// Walks through a scan and returns where it ends; none if something of it is missing.
    pub(super) fn scan(&mut self, header: &[u8], data: &[u8], at: usize) -> Option<usize> {
        if self.components.is_empty() {
            return Some(at);
        }
        let (count, rest) = header.split_first()?;
        let (of, rest) = rest.split_at_checked(usize::from(*count) * 2)?;
        let [from, to, bits, ..] = rest else { return None };
        let part = match self.progressive {
            true => Part {
                from: u32::from(*from),
                to: u32::from(*to).min(BLOCK - 1),
                low: u32::from(bits & 15),
                again: bits >> 4 > 0,
            },
            false => Part { from: 0, to: BLOCK - 1, low: 0, again: false },
        };
        let chosen = of.as_chunks::<2>().0.iter().map(|[id, tables]| {
            let index = self.components.iter().position(|component| component.id == *id)?;
            self.components[index].begun |= part.from == 0;
            self.components[index].mean = 0;
            Some((index, usize::from(tables >> 4), usize::from(tables & 15)))
        });
        let chosen = chosen.collect::<Option<Vec<_>>>()?;
        Walk { frame: self, part, bits: Bits::new(data, at), to_come: 0, data }.through(&chosen)
    }

    /// Groups of blocks across and down: of a scan of one component its own blocks, or else those that have
    /// all components' samples of a place.
    fn groups(&self, alone: Option<usize>) -> (u32, u32) {
        let most =
            |side: fn(&Component) -> u32| self.components.iter().map(side).max().unwrap_or(1);
        let (across, down) = (most(|one| one.across), most(|one| one.down));
        match alone.and_then(|index| self.components.get(index)) {
            Some(one) => (
                (self.width * one.across).div_ceil(across * 8),
                (self.height * one.down).div_ceil(down * 8),
            ),
            None => (self.width.div_ceil(across * 8), self.height.div_ceil(down * 8)),
        }
    }

    /// Blocks of a component in a row, those included that only fill up the last group.
    fn row(&self, component: usize) -> u32 {
        self.groups(None).0 * self.components[component].across
    }
}

/// On the way through a scan.
struct Walk<'a, 'b> {
    frame: &'b mut Scans,
    part: Part,
    bits: Bits<'a>,
    /// Blocks to come that bring nothing new.
    to_come: u32,
    data: &'a [u8],
}

impl Walk<'_, '_> {
    fn through(mut self, chosen: &[(usize, usize, usize)]) -> Option<usize> {
        let alone = match chosen {
            [(index, ..)] => Some(*index),
            _ => None,
        };
        let (across, down) = self.frame.groups(alone);
        let mut restarts = 0_u8;
        for group in 0..across.checked_mul(down)? {
            let every = self.frame.restart_every;
            if every > 0 && group > 0 && group % every == 0 {
                self.restart(restarts)?;
                restarts = (restarts + 1) % 8;
            }
            let (x, y) = (group % across, group / across);
            for chosen in chosen {
                let one = &self.frame.components[chosen.0];
                let (wide, high) = if alone.is_some() { (1, 1) } else { (one.across, one.down) };
                for inner in 0..wide * high {
                    let (x, y) = (x * wide + inner % wide, y * high + inner / wide);
                    self.block(*chosen, (x, y))?;
                }
            }
        }
        self.end()
    }

    /// Behind the last block nothing but padding stands before the next marker.
    fn end(&mut self) -> Option<usize> {
        let end = self.bits.end();
        let rest = self.data.get(end..)?;
        let is_marker = matches!(rest, [0xff, 1..=0xff, ..]);
        (is_marker && self.bits.are_used_up()).then_some(end)
    }

    fn restart(&mut self, number: u8) -> Option<()> {
        self.to_come = 0;
        self.frame.components.iter_mut().for_each(|component| component.mean = 0);
        let at = self.end()?;
        let rest = self.data.get(at..)?;
        let marker = rest.iter().position(|byte| *byte != 0xff)?;
        (rest[marker] == 0xd0 + number).then(|| self.bits.go_on_at(at + marker + 1))
    }

    fn block(&mut self, (index, dc, ac): (usize, usize, usize), (x, y): (u32, u32)) -> Option<()> {
        let Part { from, to, low: _, again } = self.part;
        match (from, again) {
            (0, true) => {
                self.bits.take(1)?;
            }
            (0, false) => self.first(index, dc)?,
            _ => {}
        }
        if to == 0 {
            return Some(());
        }
        if !self.frame.progressive {
            return self.all_others(ac);
        }
        let place = (y * self.frame.row(index) + x) as usize;
        let known = &mut self.frame.components[index].known;
        if known.len() <= place {
            known.resize(place + 1, 0);
        }
        let mut known = known[place];
        match again {
            false => self.some_others(ac, &mut known)?,
            true => self.others_again(ac, &mut known)?,
        }
        self.frame.components[index].known[place] = known;
        Some(())
    }

    /// The first coefficient of a block, its mean: told by how it differs from the last one.
    fn first(&mut self, index: usize, dc: usize) -> Option<()> {
        let table = self.frame.tables[0].get(dc)?.as_ref()?;
        // A difference of eight-bit samples has eleven bits at most.
        let size = Some(u32::from(self.bits.symbol(table)?)).filter(|size| *size <= 11)?;
        let difference = self.bits.signed(size)?;
        let one = &mut self.frame.components[index];
        one.mean += difference;
        let step = self.frame.steps[one.steps];
        let mean = (one.mean << self.part.low).saturating_mul(step).saturating_abs();
        (mean <= MEAN_MAX + 2 * (step << self.part.low)).then_some(())
    }

    /// The other coefficients of a block, all at once.
    fn all_others(&mut self, ac: usize) -> Option<()> {
        let table = self.frame.tables[1].get(ac)?.as_ref()?;
        let mut at = 1;
        while at < BLOCK {
            let symbol = self.bits.symbol(table)?;
            match (u32::from(symbol >> 4), u32::from(symbol & 15)) {
                (15, 0) => at += 16,
                (_, 0) => return Some(()),
                (run, size) => {
                    at += run + 1;
                    self.bits.take(size)?;
                }
            }
            if at > BLOCK {
                return None;
            }
        }
        Some(())
    }

    /// A band of a progressive frame's coefficients, met for the first time.
    fn some_others(&mut self, ac: usize, known: &mut u64) -> Option<()> {
        if self.to_come > 0 {
            self.to_come -= 1;
            return Some(());
        }
        let table = self.frame.tables[1].get(ac)?.as_ref()?;
        let mut at = self.part.from.max(1);
        while at <= self.part.to {
            let symbol = self.bits.symbol(table)?;
            match (u32::from(symbol >> 4), u32::from(symbol & 15)) {
                (15, 0) => at += 16,
                (run, 0) => {
                    self.to_come = (1 << run) + self.bits.take(run)? - 1;
                    return Some(());
                }
                (run, size) => {
                    at += run;
                    self.bits.take(size)?;
                    if at > self.part.to {
                        return None;
                    }
                    *known |= 1 << at;
                    at += 1;
                }
            }
        }
        Some(())
    }

    /// One more bit of a band's coefficients, and those that only now are some.
    fn others_again(&mut self, ac: usize, known: &mut u64) -> Option<()> {
        let mut at = self.part.from.max(1);
        let to = self.part.to;
        if self.to_come == 0 {
            while at <= to {
                let table = self.frame.tables[1].get(ac)?.as_ref()?;
                let symbol = self.bits.symbol(table)?;
                let (mut run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
                match size {
                    0 if run < 15 => {
                        self.to_come = (1 << run) + self.bits.take(run)?;
                        break;
                    }
                    0 => {}
                    1 => {
                        self.bits.take(1)?;
                    }
                    _ => return None,
                }
                while at <= to {
                    if *known & (1 << at) != 0 {
                        self.bits.take(1)?;
                    } else if run == 0 {
                        break;
                    } else {
                        run -= 1;
                    }
                    at += 1;
                }
                if size > 0 {
                    if at > to {
                        return None;
                    }
                    *known |= 1 << at;
                }
                at += 1;
            }
        }
        if self.to_come > 0 {
            for at in at..=to {
                if *known & (1 << at) != 0 {
                    self.bits.take(1)?;
                }
            }
            self.to_come -= 1;
        }
        Some(())
    }
}
