//! Whether a picture in JBIG2 (ITU-T T.88) is whole. The engine leaves out a region that does not decode and
//! fills up data that end too early, both without a word. Arithmetic codes carry no check and each of their
//! bits means something; but what was damaged is mostly read beyond its end, or not to its end, and then the
//! picture hangs on bytes that are none of its own, or does not on bytes that are.

use hayro_jbig2::{DecodeSettings, Decoder, Globals, Page};

/// What an arithmetic coder says last.
const END: [u8; 2] = [0xff, 0xac];
/// As a decoder reads on at the end of its data: ones. Writers may leave some off, so that there are more
/// than it should need, and then something else.
const MORE: [u8; 24] = [
    0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0,
];
/// So many bytes from its end, a byte of arithmetic codes is one that decides.
const DECIDING: usize = 8;
/// The kind of a segment that says which colours there are.
const PALETTE: u8 = 54;
/// A region's own sides and place, before its flags.
const REGION_BYTES: usize = 17;

/// Whether every segment decodes as it should, and from its own bytes.
pub(super) fn is_whole(data: &[u8], globals: Option<&[u8]>) -> bool {
    // Some writers count the end of the line that follows.
    let trimmed = data.trim_ascii_end();
    let drawn_of = |data| drawn(data, globals).map(|picture| (picture, data));
    let Some((picture, data)) = drawn_of(data).or_else(|| drawn_of(trimmed)) else { return false };
    // Colours are passed over by the engine.
    if segments(data).any(|segment| segment.kind == PALETTE) {
        return false;
    }
    let longer = globals.map(|globals| changed(globals, longer));
    if drawn(&changed(data, self::longer), longer.as_deref()).as_ref() != Some(&picture) {
        return false;
    }
    // What one of several regions says, another may lie over.
    if segments(data).filter(Segment::is_region).count() > 1 {
        return true;
    }
    let other = changed(data, ending_otherwise);
    other == data || drawn(&other, globals).as_ref() != Some(&picture)
}

/// The picture; none where anything of it is against the rules.
fn drawn(data: &[u8], globals: Option<&[u8]>) -> Option<Runs> {
    let settings = DecodeSettings { strict: true };
    let globals = globals.map(|globals| Globals::new(globals, &settings)).transpose().ok()?;
    let page = Page::new_embedded(data, globals.as_ref(), &settings).ok()?;
    let mut runs = Runs::default();
    page.decode(&mut runs).ok()?;
    Some(runs)
}

/// The segments one after the other, as far as their lengths are known.
fn segments(data: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (segment, after) = Segment::first(rest)?;
        rest = after;
        Some(segment)
    })
}

/// The data with the bodies of some segments changed.
fn changed(data: &[u8], change: fn(&Segment<'_>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut made = Vec::with_capacity(data.len() + MORE.len());
    let mut rest = data;
    while let Some((segment, after)) = Segment::first(rest) {
        let body = change(&segment);
        let body = body.as_deref().unwrap_or(segment.body);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        made.extend_from_slice(segment.head);
        made.extend_from_slice(&length.to_be_bytes());
        made.extend_from_slice(body);
        rest = after;
    }
    made.extend_from_slice(rest);
    made
}

/// Something more behind what is coded, before the mark of its end.
fn longer(segment: &Segment<'_>) -> Option<Vec<u8>> {
    let body = segment.body.strip_suffix(&END).unwrap_or(segment.body);
    segment.is_coded().then(|| [body, &MORE, &END].concat())
}

/// The last codes of a region that is nothing but pixels are others. Whoever pads data says no end mark
/// behind the padding.
fn ending_otherwise(segment: &Segment<'_>) -> Option<Vec<u8>> {
    let is_arithmetic = segment.body.get(REGION_BYTES).is_some_and(|flags| flags & 1 == 0);
    let codes_end = segment.body.strip_suffix(&END)?.len();
    let at = codes_end.checked_sub(DECIDING).filter(|at| *at > REGION_BYTES + 25)?;
    let mut body = segment.body.to_vec();
    body[at] ^= 0x55;
    (segment.is_pixels() && is_arithmetic).then_some(body)
}

/// A segment: its head up to the length of its body, and that.
struct Segment<'a> {
    head: &'a [u8],
    body: &'a [u8],
    kind: u8,
}

impl<'a> Segment<'a> {
    /// The first one and what follows it; none where its length is not known or more than there is (7.2).
    fn first(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let number = u32::from_be_bytes(*data.first_chunk()?);
        let (flags, count) = (*data.get(4)?, *data.get(5)?);
        let (others, counted) = match count >> 5 {
            7 => {
                let count = u32::from_be_bytes(*data.get(5..)?.first_chunk()?) & 0x1fff_ffff;
                (count as usize, 4 + (count as usize + 1).div_ceil(8))
            }
            count => (usize::from(count), 1),
        };
        let other_bytes = match number {
            ..=256 => 1,
            257..=65_536 => 2,
            65_537.. => 4,
        };
        let page_bytes = if flags & 0x40 == 0 { 1 } else { 4 };
        let at = 5 + counted + others.checked_mul(other_bytes)? + page_bytes;
        let length = u32::from_be_bytes(*data.get(at..)?.first_chunk()?) as usize;
        let body = data.get(at + 4..)?.get(..length)?;
        let segment = Self { head: &data[..at], body, kind: flags & 0x3f };
        Some((segment, &data[at + 4 + length..]))
    }

    /// Whether it is a dictionary or a region (7.3).
    const fn is_coded(&self) -> bool {
        matches!(self.kind, 0 | 4 | 6 | 7 | 16 | 20 | 22 | 23 | 36 | 38 | 39 | 40 | 42 | 43)
    }

    /// Whether it is a region.
    const fn is_region(&self) -> bool {
        self.is_coded() && !matches!(self.kind, 0 | 16)
    }

    /// Whether it is a region told pixel by pixel, to be laid on the page at once.
    const fn is_pixels(&self) -> bool {
        matches!(self.kind, 38 | 39)
    }
}

/// A picture by the lengths of its runs of one colour.
#[derive(Default, PartialEq, Eq)]
struct Runs {
    lengths: Vec<u32>,
    is_black: bool,
}

impl Runs {
    fn push(&mut self, black: bool, count: u32) {
        if black == self.is_black
            && let Some(last) = self.lengths.last_mut()
        {
            *last += count;
        } else {
            self.lengths.push(count);
            self.is_black = black;
        }
    }
}

impl Decoder for Runs {
    fn push_pixel(&mut self, black: bool) {
        self.push(black, 1);
    }

    fn push_pixel_chunk(&mut self, black: bool, chunk_count: u32) {
        self.push(black, chunk_count * 8);
    }

    fn next_line(&mut self) {}
}
