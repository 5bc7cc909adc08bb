//! What stands between the scans: sides, tables, and which colours a scan has (T.81, annex B).

use crate::rasteriser::jpeg::huffman::Huffman;

/// In which order the coefficients of a block come, each by its place in rows of eight (figure A.6).
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// One of the colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColourHeader {
    pub(super) id: u8,
    /// Blocks side by side and below each other in one unit of a scan of several colours.
    pub(super) across: u32,
    pub(super) down: u32,
    pub(super) quantiser: usize,
}

/// The picture's sides and colours.
#[derive(Debug, Clone)]
pub(super) struct FrameHeader {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_progressive: bool,
    pub(super) colours: Vec<ColourHeader>,
}

/// Which coefficients of which colours a scan brings.
#[derive(Debug, Clone)]
pub(super) struct ScanHeader {
    /// Id, and which tables for the first coefficient and the others.
    pub(super) colours: Vec<(u8, usize, usize)>,
    pub(super) from: u32,
    pub(super) to: u32,
    /// The bit that earlier scans came down to, and the one that this comes down to.
    pub(super) high: u32,
    pub(super) low: u32,
}

/// What a scan is read with.
#[derive(Default)]
pub(super) struct DecodingTables {
    pub(super) quantisers: [Option<[u16; 64]>; 4],
    pub(super) first: [Option<Huffman>; 4],
    pub(super) others: [Option<Huffman>; 4],
    /// Units between two restarts; 0 for none.
    pub(super) restart: u32,
}

/// What the next segment says that is more than a table.
pub(super) enum Marker {
    Frame(FrameHeader),
    Scan(ScanHeader),
    End,
    /// A kind of picture that is not read here, or a segment that is none.
    Unreadable,
}

/// The segments of a file, one after the other.
pub(super) struct Segments<'a> {
    rest: &'a [u8],
    pub(super) tables: DecodingTables,
    /// Whether the colours are red, green and blue, and not brightness and two differences.
    pub(super) is_rgb: bool,
}

impl<'a> Segments<'a> {
    pub(super) fn new(document: &'a [u8]) -> Option<Self> {
        let start = document.windows(2).position(|pair| pair == [0xff, 0xd8])?;
        Some(Self {
            rest: &document[start + 2..],
            tables: DecodingTables::default(),
            is_rgb: false,
        })
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The next frame or scan; none where the file ends without saying so.
    pub(super) fn next(&mut self) -> Option<Marker> {
        loop {
            let marker = self.marker()?;
            match marker {
                0xd9 => return Some(Marker::End),
                // Alone, and of no use here: restarts behind a scan that was given up, a second start.
                0x01 | 0xd0..=0xd8 => continue,
                _ => {}
            }
            let length = usize::from(u16::from_be_bytes([*self.rest.first()?, *self.rest.get(1)?]));
            let body = self.rest.get(2..length)?;
            self.skip(length);
            let said = match marker {
                0xc0..=0xc2 => Some(frame(body, marker == 0xc2).map(Marker::Frame)),
                0xda => Some(selection(body).map(Marker::Scan)),
                // Lossless, differential and arithmetic pictures.
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => Some(None),
                0xc4 => self.codes(body).map_or(Some(None), |()| None),
                0xdb => self.quantisers(body).map_or(Some(None), |()| None),
                0xdd => self.restart(body).map_or(Some(None), |()| None),
                0xee => {
                    self.is_rgb |= body.starts_with(b"Adobe") && body.get(11) == Some(&0);
                    None
                }
                _ => None,
            };
            if let Some(said) = said {
                return Some(said.unwrap_or(Marker::Unreadable));
            }
        }
    }

    /// Goes behind the next marker; what stands before it is passed over.
    fn marker(&mut self) -> Option<u8> {
        loop {
            let at = self.rest.iter().position(|byte| *byte == 0xff)?;
            let marker = *self.rest.get(at + 1)?;
            // A fill byte may stand before a marker any number of times.
            self.skip(if marker == 0xff { at + 1 } else { at + 2 });
            if !matches!(marker, 0 | 0xff) {
                return Some(marker);
            }
        }
    }

    fn codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = body.split_first() {
            let counts = rest.first_chunk::<16>()?;
            let all = counts.iter().map(|count| usize::from(*count)).sum::<usize>();
            let codes = Huffman::new(counts, rest.get(16..16 + all)?)?;
            let kept =
                if kind >> 4 == 0 { &mut self.tables.first } else { &mut self.tables.others };
            *kept.get_mut(usize::from(kind & 15))? = Some(codes);
            body = &rest[16 + all..];
        }
        Some(())
    }

    fn quantisers(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((kind, rest)) = body.split_first() {
            let bytes = if kind >> 4 == 0 { 1 } else { 2 };
            let numbers = rest.get(..64 * bytes)?;
            let mut quantiser = [0; 64];
            for (place, number) in quantiser.iter_mut().zip(numbers.chunks(bytes)) {
                *place = number.iter().fold(0, |sum, byte| sum << 8 | u16::from(*byte));
            }
            *self.tables.quantisers.get_mut(usize::from(kind & 15))? = Some(quantiser);
            body = &rest[64 * bytes..];
        }
        Some(())
    }

    fn restart(&mut self, body: &[u8]) -> Option<()> {
        self.tables.restart = u32::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
        Some(())
    }
}

fn frame(body: &[u8], is_progressive: bool) -> Option<FrameHeader> {
    let [8, high, low, left, right, count, colours @ ..] = body else { return None };
    let colour = |bytes: &[u8]| {
        let [id, sides, quantiser] = bytes else { return None };
        let (across, down) = (u32::from(sides >> 4), u32::from(sides & 15));
        let sound = (1..=4).contains(&across) && (1..=4).contains(&down) && *quantiser < 4;
        let quantiser = usize::from(*quantiser);
        sound.then_some(ColourHeader { id: *id, across, down, quantiser })
    };
    let colours: Vec<_> = colours.chunks(3).map(colour).collect::<Option<_>>()?;
    let height = u32::from(u16::from_be_bytes([*high, *low]));
    let width = u32::from(u16::from_be_bytes([*left, *right]));
    let sound = width > 0 && height > 0 && colours.len() == usize::from(*count);
    let sound = sound && matches!(colours.len(), 1 | 3);
    sound.then_some(FrameHeader { width, height, is_progressive, colours })
}

fn selection(body: &[u8]) -> Option<ScanHeader> {
    let (count, rest) = body.split_first()?;
    let (colours, rest) = rest.split_at_checked(usize::from(*count) * 2)?;
    let [from, to, bits, ..] = rest else { return None };
    let colours = colours.chunks(2).map(|pair| {
        let tables = (usize::from(pair[1] >> 4), usize::from(pair[1] & 15));
        (pair[0], tables.0, tables.1)
    });
    let (high, low) = (u32::from(bits >> 4), u32::from(bits & 15));
    let (from, to) = (u32::from(*from), u32::from(*to));
    let sound = (1..=4).contains(count) && from <= to && to < 64 && low < 14;
    sound.then(|| ScanHeader { colours: colours.collect(), from, to, high, low })
}
