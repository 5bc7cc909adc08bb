//! Whether a JPEG is there whole: decoders fill the rest of a cut one with grey, draw stripes where one is
//! damaged, and say nothing.

pub(super) mod huffman;
mod scan;

use scan::Scans;

/// Markers that stand alone: no length, no data.
const RESTARTS: std::ops::RangeInclusive<u8> = 0xd0..=0xd7;
const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const TABLES: u8 = 0xc4;
const STEPS: u8 = 0xdb;
const RESTART_EVERY: u8 = 0xdd;
/// Headers of frames, those of kinds included that are passed over from marker to marker.
const FRAMES: std::ops::RangeInclusive<u8> = 0xc0..=0xcf;
/// Of these, what is no frame: tables, a reserved one, conditions of another coding.
const NO_FRAMES: [u8; 3] = [TABLES, 0xc8, 0xcc];

/// Whether all of it is there, up to the end marker. `shown` are the sides of a picture in a document: they
/// are believed where the photograph claims to be larger.
pub(super) fn is_whole(data: &[u8], shown: Option<(u32, u32)>) -> bool {
    let mut at = match data.windows(2).position(|pair| pair == [0xff, START]) {
        Some(start) => start + 2,
        None => return false,
    };
    let mut walked = Scans::default();
    let mut scans = 0;
    while let Some(marker) = next_marker(data, &mut at) {
        if matches!(marker, START | 0x01) || RESTARTS.contains(&marker) {
            continue;
        }
        if marker == END {
            return scans > 0 && walked.have_begun_all();
        }
        let Some([high, low]) = data.get(at..at + 2) else { return false };
        let length = usize::from(u16::from_be_bytes([*high, *low])).max(2);
        let Some(segment) = data.get(at + 2..at + length) else { return false };
        at += length;
        match marker {
            SCAN => {
                scans += 1;
                match walked.scan(segment, data, at) {
                    Some(end) => at = end,
                    None => return false,
                }
            }
            TABLES => walked.tables(segment),
            STEPS => walked.steps(segment),
            RESTART_EVERY => walked.restart_every(segment),
            marker if FRAMES.contains(&marker) && !NO_FRAMES.contains(&marker) => {
                walked.frame(marker, segment, shown);
            }
            _ => {}
        }
    }
    false
}

/// The next marker at or after `at`, which moves behind it. In a scan a stuffed zero is data.
fn next_marker(data: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let found = *at + data.get(*at..)?.iter().position(|byte| *byte == 0xff)?;
        let marker = *data.get(found + 1)?;
        // A fill byte may stand before a marker any number of times.
        *at = if marker == 0xff { found + 1 } else { found + 2 };
        if !matches!(marker, 0 | 0xff) {
            return Some(marker);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage};

    use super::*;

    fn photograph() -> Vec<u8> {
        let noise = RgbImage::from_fn(200, 160, |x, y| {
            let value = (x.wrapping_mul(73) ^ y.wrapping_mul(151)) % 256;
            Rgb([value as u8, (value / 2) as u8, 255 - value as u8])
        });
        let mut bytes = Cursor::new(Vec::new());
        noise.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    /// Of another encoder, in the shapes that cameras and programs write.
    const OTHERS: [(&str, &[u8]); 9] = [
        ("both ways", include_bytes!("../../../tests/cases/pictures/halved-both-ways.jpg")),
        ("across", include_bytes!("../../../tests/cases/pictures/halved-across.jpg")),
        ("restarts", include_bytes!("../../../tests/cases/pictures/restarts.jpg")),
        ("own tables", include_bytes!("../../../tests/cases/pictures/own-tables.jpg")),
        ("bit by bit", include_bytes!("../../../tests/cases/pictures/bit-by-bit.jpg")),
        ("both", include_bytes!("../../../tests/cases/pictures/bit-by-bit-restarts.jpg")),
        ("grey", include_bytes!("../../../tests/cases/pictures/grey.jpg")),
        ("grey bits", include_bytes!("../../../tests/cases/pictures/grey-bit-by-bit.jpg")),
        ("four colours", include_bytes!("../../../tests/cases/pictures/four-colours.jpg")),
    ];

    /// The picture with some bytes in the middle of its scans gone, and all its markers kept.
    fn without_some(whole: &[u8], from: usize, count: usize) -> Vec<u8> {
        let is_data = |at: &usize| whole[at - 1] != 0xff && whole[*at] != 0xff;
        let gone: Vec<usize> = (from..whole.len() - 4).filter(is_data).take(count).collect();
        let kept = whole.iter().enumerate().filter(|(at, _)| !gone.contains(at));
        kept.map(|(_, byte)| *byte).collect()
    }

    #[test]
    fn every_shape_of_a_photograph_is_whole() {
        for (name, whole) in OTHERS {
            assert!(is_whole(whole, None), "{name}");
        }
    }

    /// Codes fall into step again, and by chance there may be as many blocks as before: most is found, not
    /// all.
    #[test]
    fn bytes_gone_from_the_middle_are_mostly_found() {
        let (mut found, mut tried) = (0, 0);
        for (_, whole) in OTHERS {
            let scan = whole.windows(2).position(|pair| pair == [0xff, SCAN]).unwrap() + 14;
            for from in (scan..whole.len() - 40).step_by(41) {
                tried += 1;
                found += usize::from(!is_whole(&without_some(whole, from, 9), None));
            }
        }
        assert!(found * 10 >= tried * 7, "{found} of {tried}");
    }

    #[test]
    fn bytes_changed_in_the_middle_are_mostly_found() {
        let whole = photograph();
        let scan = whole.windows(2).position(|pair| pair == [0xff, SCAN]).unwrap() + 14;
        let places: Vec<usize> = (scan..whole.len() - 40).step_by(501).collect();
        let changed = places.iter().map(|from| {
            let mut changed = whole.clone();
            changed[*from..from + 16].iter_mut().for_each(|byte| *byte = 0x5a);
            changed
        });
        let found = changed.filter(|changed| !is_whole(changed, None)).count();
        assert!(found * 4 >= places.len() * 3, "{found} of {}", places.len());
    }

    #[test]
    fn sides_that_the_document_knows_better_are_believed() {
        let whole = photograph();
        let frame = whole.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        let mut claiming = whole.clone();
        claiming[frame + 5..frame + 7].fill(0xff);
        assert!(!is_whole(&claiming, None));
        assert!(is_whole(&claiming, Some((200, 160))));
    }

    #[test]
    fn a_whole_one_is_whole() {
        assert!(is_whole(&photograph(), None));
        assert!(is_whole(&[&photograph()[..], b"\r\n"].concat(), None));
    }

    #[test]
    fn one_that_is_cut_anywhere_is_not() {
        let whole = photograph();
        for end in (0..whole.len() - 1).step_by(97) {
            assert!(!is_whole(&whole[..end], None), "{end} of {}", whole.len());
        }
    }

    #[test]
    fn a_picture_within_the_picture_is_not_its_end() {
        let whole = photograph();
        let thumbnail = [&[0xff, 0xe1][..], &[0, 8], b"\xff\xd8x\xff\xd9.", &[]].concat();
        let with_thumbnail = [&whole[..2], &thumbnail, &whole[2..]].concat();
        assert!(is_whole(&with_thumbnail, None));
        assert!(!is_whole(&with_thumbnail[..with_thumbnail.len() / 2], None));
    }

    #[test]
    fn rubbish_is_not() {
        for rubbish in [b"".as_slice(), b"\xff\xd8\xff\xd9", b"no picture at all", &[0xff; 300]] {
            assert!(!is_whole(rubbish, None));
        }
    }
}
