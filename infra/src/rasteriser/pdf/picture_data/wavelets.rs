//! Whether a picture in JPEG 2000 (ITU-T T.800) is whole: as many tiles as it has, each part as long as it
//! says, every packet's head as it should be, and an end. What stands in the packets are arithmetic codes
//! without a check; damage there shows where it throws values far beyond what a picture has, and else does
//! not.

use std::borrow::Cow;

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

const START: [u8; 4] = [0xff, 0x4f, 0xff, 0x51];
const TILE_PART: [u8; 2] = [0xff, 0x90];
const END: [u8; 2] = [0xff, 0xd9];
/// The length of a tile part's first segment with its marker: what is said of the part is in it.
const TILE_PART_BYTES: usize = 12;
/// Of pictures with more samples a smaller version is looked at; the packets' heads are all read.
const SAMPLES_MAX: u64 = 12_000_000;
/// The sides of that version.
const SMALLER: (u32, u32) = (1_000, 1_000);
/// By so much of their range values may lie beyond it: where edges are sharp and little was kept of them, by
/// half of it and more.
const OVERSHOOT: f32 = 1.0;

/// Whether all of it is there, in a file or as a codestream alone.
pub(super) fn is_whole(data: &[u8]) -> bool {
    codestream(data).and_then(Codestream::read).is_some_and(|stream| stream.comes_out_well())
}

/// What stands in the box of the codestream, without padding.
fn codestream(data: &[u8]) -> Option<&[u8]> {
    let mut rest = data;
    while !rest.starts_with(&START) {
        let length = u32::from_be_bytes(*rest.first_chunk()?);
        let kind = rest.get(4..8)?;
        let (head, length) = match length {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*rest.get(8..)?.first_chunk()?)).ok()?),
            length => (8, length as usize),
        };
        // A length beyond the file's end is common and does no harm: the codestream says its own end.
        let end = length.max(head).min(rest.len());
        rest = if kind == b"jp2c" { rest.get(head..end)? } else { rest.get(end..)? };
    }
    let is_padding = |byte: &u8| matches!(byte, 0 | b'\n' | b'\r');
    let end = rest.iter().rposition(|byte| !is_padding(byte))? + 1;
    Some(&rest[..end])
}

/// A codestream whose parts are all there.
struct Codestream<'a> {
    /// With the length of its last part, where it left that open.
    data: Cow<'a, [u8]>,
    samples: u64,
    /// Whether its values are numbers from zero on.
    unsigned: bool,
}

impl<'a> Codestream<'a> {
    /// Walks from marker to marker (annex A).
    fn read(data: &'a [u8]) -> Option<Self> {
        let sides = Sides::read(data.get(START.len() + 2..)?)?;
        let mut at = 2;
        while !data.get(at..)?.starts_with(&TILE_PART) {
            at += 2 + usize::from(u16::from_be_bytes(*data.get(at + 2..)?.first_chunk()?)).max(2);
        }
        let mut open = None;
        let mut parts = vec![0_u16; usize::try_from(sides.tiles).ok()?];
        while data.get(at..)?.starts_with(&TILE_PART) {
            let said = data.get(at + 4..at + TILE_PART_BYTES)?;
            let tile = u16::from_be_bytes([said[0], said[1]]);
            let length = u32::from_be_bytes([said[2], said[3], said[4], said[5]]);
            // Parts of a tile come in their order; one that was cut out leaves a gap.
            let part = parts.get_mut(usize::from(tile))?;
            if *part != u16::from(said[6]) {
                return None;
            }
            *part += 1;
            if length == 0 {
                open = Some(at + 6);
            }
            at =
                if length == 0 { data.len().checked_sub(END.len())? } else { at + length as usize };
        }
        let is_whole = data.get(at..)?.starts_with(&END) && parts.iter().all(|parts| *parts > 0);
        let mut data = Cow::Borrowed(data);
        if let Some(open) = open {
            let length = u32::try_from(at + 6 - open).ok()?.to_be_bytes();
            data.to_mut()[open..open + length.len()].copy_from_slice(&length);
        }
        is_whole.then_some(Self { data, samples: sides.samples, unsigned: sides.unsigned })
    }

    /// Whether it decodes by the rules, to values that a picture may have.
    fn comes_out_well(&self) -> bool {
        let settings = DecodeSettings {
            resolve_palette_indices: false,
            strict: true,
            target_resolution: (self.samples > SAMPLES_MAX).then_some(SMALLER),
        };
        let Ok(image) = Image::new(&self.data, &settings) else { return false };
        let mut context = DecoderContext::default();
        let Ok(decoded) = image.decode(&mut context) else { return false };
        !self.unsigned
            || decoded.components().iter().all(|component| {
                let most = (2_f32.powi(component.bit_depth().into()) - 1.0).max(1.0);
                let within = -OVERSHOOT * most..=(1.0 + OVERSHOOT) * most;
                component.samples().iter().all(|value| within.contains(value))
            })
    }
}

/// What a picture says of its sides.
struct Sides {
    tiles: u64,
    samples: u64,
    unsigned: bool,
}

impl Sides {
    /// Of the segment that comes first, behind its length (A.5.1).
    fn read(said: &[u8]) -> Option<Self> {
        let number = |index: usize| {
            Some(u64::from(u32::from_be_bytes(*said.get(2 + index * 4..)?.first_chunk()?)))
        };
        let tiles = |end: u64, from: u64, side: u64| {
            Some(end.checked_sub(from)?.div_ceil(side.max(1)).max(1))
        };
        let across = tiles(number(0)?, number(6)?, number(4)?)?;
        let down = tiles(number(1)?, number(7)?, number(5)?)?;
        // Their numbers have sixteen bits.
        let tiles = across.checked_mul(down).filter(|tiles| *tiles <= 1 << 16)?;
        let count = usize::from(u16::from_be_bytes(*said.get(34..)?.first_chunk()?));
        let samples = number(0)?.checked_mul(number(1)?)?.checked_mul(count as u64)?;
        let unsigned = said.get(36..)?.chunks(3).take(count).all(|one| one[0] & 0x80 == 0);
        Some(Self { tiles, samples, unsigned })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of a grey ramp by another encoder, whose documents says what it is in a box.
    fn picture() -> Vec<u8> {
        let pdf = include_bytes!("../../../../../tests/cases/pdf/jpx-whole.pdf");
        let at = pdf.windows(12).position(|part| part == b"\0\0\0\x0cjP  \r\n\x87\n").unwrap();
        let end = pdf.windows(2).rposition(|part| part == END).unwrap() + 2;
        pdf[at..end].to_vec()
    }

    #[test]
    fn a_whole_one_is_whole_in_its_file_alone_and_padded() {
        let whole = picture();
        let alone = codestream(&whole).unwrap();
        for whole in [&whole, alone, &[&whole[..], b"\r\n\0"].concat(), &[alone, b"\n"].concat()] {
            assert!(is_whole(whole));
        }
    }

    #[test]
    fn one_that_is_cut_anywhere_is_not_though_its_end_is_there() {
        let whole = picture();
        for from in (0..whole.len() - 12).step_by(13) {
            let cut = [&whole[..from], &whole[from + 9..]].concat();
            assert!(!is_whole(&cut) || from < 90, "{from} of {}", whole.len());
            assert!(!is_whole(&whole[..from]), "{from} of {}", whole.len());
        }
    }

    #[test]
    fn a_part_of_open_length_goes_to_the_end() {
        let mut whole = codestream(&picture()).unwrap().to_vec();
        let part = whole.windows(2).position(|marker| marker == TILE_PART).unwrap();
        whole[part + 6..part + 10].fill(0);
        assert!(is_whole(&whole));
        assert!(!is_whole(&whole[..whole.len() - 2]), "without its end");
        whole[part + 5] = 7;
        assert!(!is_whole(&whole), "of a tile that there is not");
    }

    #[test]
    fn rubbish_is_not() {
        for rubbish in [b"".as_slice(), b"\xff\x4f\xff\x51", b"no picture", &[0xff; 300], &[0; 99]]
        {
            assert!(!is_whole(rubbish));
        }
    }
}
