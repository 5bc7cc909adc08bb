//! Coders of pictures of two colours, as small as their formats allow: what damage does to them is tried on
//! what they make.

/// Rows of pixels, black where it is said.
pub(super) type Rows = Vec<Vec<bool>>;

/// So many runs of two to twelve pixels in each row, each row much like the one above it.
pub(super) fn stripes(width: usize, height: usize) -> Rows {
    let mut chance = 7_u32;
    let mut below = move |most: u32| {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (chance >> 16) % most
    };
    let mut lengths = Vec::new();
    let mut rows = Vec::new();
    for y in 0..height {
        if y % 23 == 0 {
            lengths.clear();
            let mut left = width as u32;
            while left > 14 {
                lengths.push(2 + below(10));
                left -= lengths[lengths.len() - 1];
            }
            lengths.push(left.div_ceil(2));
            lengths.push(left / 2);
        }
        // A pixel moves from one run to its neighbour.
        for at in 1..lengths.len() {
            if below(4) == 0 && lengths[at] > 2 && lengths[at - 1] < 12 {
                lengths[at] -= 1;
                lengths[at - 1] += 1;
            }
        }
        let runs = lengths.iter().enumerate();
        rows.push(runs.flat_map(|(at, run)| vec![at % 2 == 1; *run as usize]).collect());
    }
    rows
}

/// Codes of runs, white and black, by their length (ITU-T T.4, table 2).
const WHITE: [&str; 13] = [
    "00110101", "000111", "0111", "1000", "1011", "1100", "1110", "1111", "10011", "10100",
    "00111", "01000", "001000",
];
const BLACK: [&str; 13] = [
    "0000110111",
    "010",
    "11",
    "10",
    "011",
    "0011",
    "0010",
    "00011",
    "000101",
    "000100",
    "0000100",
    "0000101",
    "0000111",
];
const LINE_ENDS: &str = "000000000001";

fn packed(bits: &str) -> Vec<u8> {
    let byte = |bits: &[u8]| {
        let bits = std::str::from_utf8(bits).unwrap();
        u8::from_str_radix(&format!("{bits:0<8}"), 2).unwrap()
    };
    bits.as_bytes().chunks(8).map(byte).collect()
}

/// Where the colour changes; each row begins white.
fn changes(row: &[bool]) -> Vec<usize> {
    (0..row.len()).filter(|x| row[*x] != (*x > 0 && row[*x - 1])).collect()
}

fn run(length: usize, is_black: bool) -> &'static str {
    if is_black { BLACK[length] } else { WHITE[length] }
}

/// Each row by itself, with an end of line before it or without one.
pub(super) fn group_3(rows: &Rows, with_ends: bool) -> Vec<u8> {
    let mut bits = String::new();
    for row in rows {
        if with_ends {
            bits.push_str(LINE_ENDS);
        }
        let mut at = 0;
        for (index, change) in changes(row).into_iter().chain([row.len()]).enumerate() {
            bits.push_str(run(change - at, index % 2 == 1));
            at = change;
        }
    }
    if with_ends {
        bits.push_str(&LINE_ENDS.repeat(6));
    }
    packed(&bits)
}

/// Each row by what it differs in from the one above it (ITU-T T.6).
pub(super) fn group_4(rows: &Rows) -> Vec<u8> {
    let width = rows[0].len();
    let mut bits = String::new();
    let mut above = vec![false; width];
    for row in rows {
        let (own, upper) = (changes(row), changes(&above));
        let next = |of: &[usize], from: Option<usize>, is_black: bool| {
            let mut later = of.iter().enumerate().filter(|(index, change)| {
                from.is_none_or(|from| **change > from) && (index % 2 == 1) == is_black
            });
            later.next().map_or((width, width), |(index, change)| {
                (*change, of.get(index + 1).copied().unwrap_or(width))
            })
        };
        let (mut at, mut is_black) = (None, false);
        while at.unwrap_or(0) < width {
            let (own_1, own_2) = next(&own, at, is_black);
            let (upper_1, upper_2) = next(&upper, at, is_black);
            if upper_2 < own_1 {
                bits.push_str("0001");
                at = Some(upper_2);
                continue;
            }
            let code = match own_1 as i64 - upper_1 as i64 {
                0 => "1",
                1 => "011",
                2 => "000011",
                3 => "0000011",
                -1 => "010",
                -2 => "000010",
                -3 => "0000010",
                _ => {
                    bits.push_str("001");
                    bits.push_str(run(own_1 - at.unwrap_or(0), is_black));
                    bits.push_str(run(own_2 - own_1, !is_black));
                    at = Some(own_2);
                    continue;
                }
            };
            bits.push_str(code);
            (at, is_black) = (Some(own_1), !is_black);
        }
        above.clone_from(row);
    }
    bits.push_str(&LINE_ENDS.repeat(2));
    packed(&bits)
}

/// Of each state: how likely the other symbol is, and where to go from it (ITU-T T.88, table E.1).
const STATES: [(u32, u8, u8, bool); 47] = [
    (0x5601, 1, 1, true),
    (0x3401, 2, 6, false),
    (0x1801, 3, 9, false),
    (0x0ac1, 4, 12, false),
    (0x0521, 5, 29, false),
    (0x0221, 38, 33, false),
    (0x5601, 7, 6, true),
    (0x5401, 8, 14, false),
    (0x4801, 9, 14, false),
    (0x3801, 10, 14, false),
    (0x3001, 11, 17, false),
    (0x2401, 12, 18, false),
    (0x1c01, 13, 20, false),
    (0x1601, 29, 21, false),
    (0x5601, 15, 14, true),
    (0x5401, 16, 14, false),
    (0x5101, 17, 15, false),
    (0x4801, 18, 16, false),
    (0x3801, 19, 17, false),
    (0x3401, 20, 18, false),
    (0x3001, 21, 19, false),
    (0x2801, 22, 19, false),
    (0x2401, 23, 20, false),
    (0x2201, 24, 21, false),
    (0x1c01, 25, 22, false),
    (0x1801, 26, 23, false),
    (0x1601, 27, 24, false),
    (0x1401, 28, 25, false),
    (0x1201, 29, 26, false),
    (0x1101, 30, 27, false),
    (0x0ac1, 31, 28, false),
    (0x09c1, 32, 29, false),
    (0x08a1, 33, 30, false),
    (0x0521, 34, 31, false),
    (0x0441, 35, 32, false),
    (0x02a1, 36, 33, false),
    (0x0221, 37, 34, false),
    (0x0141, 38, 35, false),
    (0x0111, 39, 36, false),
    (0x0085, 40, 37, false),
    (0x0049, 41, 38, false),
    (0x0025, 42, 39, false),
    (0x0015, 43, 40, false),
    (0x0009, 44, 41, false),
    (0x0005, 45, 42, false),
    (0x0001, 45, 43, false),
    (0x5601, 46, 46, false),
];

/// The arithmetic coder (annex E), with as many contexts as ten pixels make.
struct Arithmetic {
    bytes: Vec<u8>,
    code: u32,
    interval: u32,
    shifts: u32,
    contexts: Vec<(u8, bool)>,
}

impl Arithmetic {
    fn put(&mut self, context: usize, bit: bool) {
        let (state, likely) = self.contexts[context];
        let (unlikely_part, if_likely, if_not, switches) = STATES[usize::from(state)];
        self.interval -= unlikely_part;
        let is_likely = bit == likely;
        let is_upper = (self.interval < unlikely_part) != is_likely;
        if is_likely && self.interval & 0x8000 != 0 {
            self.code += unlikely_part;
            return;
        }
        if is_upper {
            self.code += unlikely_part;
        } else {
            self.interval = unlikely_part;
        }
        let next = if is_likely { if_likely } else { if_not };
        self.contexts[context] = (next, likely != (switches && !is_likely));
        while self.interval & 0x8000 == 0 {
            self.interval <<= 1;
            self.code <<= 1;
            self.shifts -= 1;
            if self.shifts == 0 {
                self.byte_out();
            }
        }
    }

    fn byte_out(&mut self) {
        let last = self.bytes.len() - 1;
        if self.bytes[last] != 0xff && self.code >= 0x800_0000 {
            self.bytes[last] += 1;
            self.code &= 0x7ff_ffff;
        }
        let bits = if self.bytes[last] == 0xff { 7 } else { 8 };
        self.bytes.push((self.code >> (27 - bits)) as u8);
        self.code &= (1 << (27 - bits)) - 1;
        self.shifts = bits;
    }

    fn ended(mut self) -> Vec<u8> {
        let most = self.code + self.interval;
        self.code |= 0xffff;
        if self.code >= most {
            self.code -= 0x8000;
        }
        for _ in 0..2 {
            self.code <<= self.shifts;
            self.byte_out();
        }
        if self.bytes.last() == Some(&0xff) {
            self.bytes.pop();
        }
        self.bytes.extend([0xff, 0xac]);
        // What stands before the first byte is none.
        self.bytes.split_off(1)
    }
}

/// A page and one region, told pixel by pixel by arithmetic codes of ten pixels before each (JBIG2,
/// template 3).
pub(super) fn bilevel(rows: &Rows) -> Vec<u8> {
    let (width, height) = (rows[0].len() as u32, rows.len() as u32);
    let pixel = |x: i64, y: i64| {
        let row = usize::try_from(y).ok().and_then(|y| rows.get(y));
        let pixel = usize::try_from(x).ok().and_then(|x| row?.get(x));
        usize::from(pixel.copied().unwrap_or(false))
    };
    let mut coder = Arithmetic {
        bytes: vec![0],
        code: 0,
        interval: 0x8000,
        shifts: 12,
        contexts: vec![(0, false); 1 << 10],
    };
    for (y, row) in rows.iter().enumerate() {
        for (x, black) in row.iter().enumerate() {
            let (x, y) = (x as i64, y as i64);
            let before = (1..=4).map(|back| pixel(x - back, y));
            let above = [2, 1, 0, -1, -2, -3].map(|to| pixel(x + to, y - 1));
            let context = before.chain(above).fold(0, |context, bit| context << 1 | bit);
            coder.put(context, *black);
        }
    }
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let page = [&sides[..], &[0; 11]].concat();
    // The page's sides again, its place, its flags, and where the tenth pixel is.
    let region = [&sides[..], &[0; 9], &[6, 2, 0xff], &coder.ended()].concat();
    let segment = |number: u8, kind: u8, body: &[u8]| {
        let length = (body.len() as u32).to_be_bytes();
        [&[0, 0, 0, number, kind, 0, 1], &length[..], body].concat()
    };
    [segment(0, 48, &page), segment(1, 38, &region)].concat()
}
