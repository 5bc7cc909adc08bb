//! Whether a JPEG is there to its end: decoders fill the rest of a cut one with grey and say nothing.

/// Markers that stand alone: no length, no data.
const RESTARTS: std::ops::RangeInclusive<u8> = 0xd0..=0xd7;
const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;

/// Walks from marker to marker, scans included, up to the end marker.
pub(super) fn reaches_its_end(data: &[u8]) -> bool {
    let mut at = match data.windows(2).position(|pair| pair == [0xff, START]) {
        Some(start) => start + 2,
        None => return false,
    };
    let mut scans = 0;
    while let Some(marker) = next_marker(data, &mut at) {
        match marker {
            END => return scans > 0,
            START | 0x01 => {}
            marker if RESTARTS.contains(&marker) => {}
            marker => {
                let Some([high, low]) = data.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([*high, *low])).max(2);
                scans += usize::from(marker == SCAN);
            }
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

    #[test]
    fn a_whole_one_reaches_its_end() {
        assert!(reaches_its_end(&photograph()));
        assert!(reaches_its_end(&[&photograph()[..], b"\r\n"].concat()));
    }

    #[test]
    fn one_that_is_cut_anywhere_does_not() {
        let whole = photograph();
        for end in (0..whole.len() - 1).step_by(97) {
            assert!(!reaches_its_end(&whole[..end]), "{end} of {}", whole.len());
        }
    }

    #[test]
    fn a_picture_within_the_picture_is_not_its_end() {
        let whole = photograph();
        let thumbnail = [&[0xff, 0xe1][..], &[0, 8], b"\xff\xd8x\xff\xd9.", &[]].concat();
        let with_thumbnail = [&whole[..2], &thumbnail, &whole[2..]].concat();
        assert!(reaches_its_end(&with_thumbnail));
        assert!(!reaches_its_end(&with_thumbnail[..with_thumbnail.len() / 2]));
    }

    #[test]
    fn rubbish_does_not() {
        for rubbish in [b"".as_slice(), b"\xff\xd8\xff\xd9", b"no picture at all", &[0xff; 300]] {
            assert!(!reaches_its_end(rubbish));
        }
    }
}
