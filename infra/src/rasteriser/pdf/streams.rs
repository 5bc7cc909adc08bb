//! Undoes the packings of a stream and says whether it was there to its end. The engine takes what it gets of
//! a cut one: an end marker that is missing, half a run or half a row are no error to it.

use std::borrow::Cow;
use std::io;

use flate2::read::DeflateDecoder;
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream};

/// Whether a stream breaks off, or is not packed as it says.
pub(super) fn is_cut(stream: &Stream<'_>) -> bool {
    unpacked(stream).is_none_or(|unpacked| !unpacked.is_whole)
}

/// What a stream comes to.
pub(super) struct Unpacked<'a> {
    pub(super) data: Cow<'a, [u8]>,
    /// Whether every packing was there to its end.
    pub(super) is_whole: bool,
    /// The picture format that the data is in, where the last packing is one.
    pub(super) picture: Option<Filter>,
    /// What that format is told besides.
    pub(super) told: Dict<'a>,
}

/// Undoes what is no picture format; none if a packing is not known or its data is none.
pub(super) fn unpacked<'a>(stream: &Stream<'a>) -> Option<Unpacked<'a>> {
    let filters = stream.filters();
    // The engine passes over names that it does not know, and takes what is packed for what it is.
    let named = named(stream.dict());
    let mut unpacked = Unpacked {
        data: stream.raw_data(),
        is_whole: named == filters.len(),
        picture: None,
        told: Dict::default(),
    };
    for (index, filter) in filters.iter().enumerate() {
        let (data, is_whole) = match filter {
            Filter::Crypt => continue,
            Filter::AsciiHexDecode => hex(&unpacked.data)?,
            Filter::Ascii85Decode => base85(&unpacked.data)?,
            Filter::RunLengthDecode => runs(&unpacked.data),
            Filter::LzwDecode => {
                let parameters = parameters(stream.dict(), index);
                let early = parameters.get::<u32>(b"EarlyChange").unwrap_or(1) != 0;
                whole_rows(lzw(&unpacked.data, early)?, &parameters)
            }
            Filter::FlateDecode => {
                let parameters = parameters(stream.dict(), index);
                whole_rows(inflated(&unpacked.data), &parameters)
            }
            Filter::CcittFaxDecode
            | Filter::Jbig2Decode
            | Filter::DctDecode
            | Filter::JpxDecode => {
                unpacked.picture = Some(*filter);
                unpacked.told = parameters(stream.dict(), index);
                unpacked.is_whole &= index + 1 == filters.len();
                return Some(unpacked);
            }
        };
        unpacked.data = Cow::Owned(data);
        unpacked.is_whole &= is_whole;
    }
    Some(unpacked)
}

/// How many packings a stream names.
fn named(dict: &Dict<'_>) -> usize {
    let filter = |name: &[u8]| match dict.get::<Array<'_>>(name) {
        Some(names) => Some(names.iter::<Name<'_>>().count()),
        None => dict.get::<Name<'_>>(name).map(|_| 1),
    };
    filter(b"F").or_else(|| filter(b"Filter")).unwrap_or(0)
}

/// What a packing is told besides.
fn parameters<'a>(dict: &Dict<'a>, index: usize) -> Dict<'a> {
    let of = |name: &[u8]| {
        if let Some(list) = dict.get::<Array<'_>>(name) {
            return list.iter::<Object<'_>>().nth(index).and_then(Object::into_dict);
        }
        dict.get::<Dict<'_>>(name).filter(|_| index == 0)
    };
    of(b"DP").or_else(|| of(b"DecodeParms")).unwrap_or_default()
}

/// Digits in pairs, up to their end mark.
fn hex(data: &[u8]) -> Option<(Vec<u8>, bool)> {
    let end = data.iter().position(|byte| *byte == b'>');
    let digits = data[..end.unwrap_or(data.len())].iter().filter(|byte| !is_blank(**byte));
    let digits = digits.map(|byte| Some(char::from(*byte).to_digit(16)? as u8));
    let digits: Vec<u8> = digits.collect::<Option<_>>()?;
    let pair = |pair: &[u8]| pair[0] << 4 | pair.get(1).copied().unwrap_or(0);
    Some((digits.chunks(2).map(pair).collect(), end.is_some()))
}

/// Five letters for four bytes, up to their end mark.
fn base85(data: &[u8]) -> Option<(Vec<u8>, bool)> {
    let end = data.iter().position(|byte| *byte == b'~');
    let mut bytes = Vec::with_capacity(data.len() / 5 * 4);
    let mut group = Vec::with_capacity(5);
    for letter in data[..end.unwrap_or(data.len())].iter().filter(|byte| !is_blank(**byte)) {
        match letter {
            b'z' if group.is_empty() => bytes.extend([0; 4]),
            b'!'..=b'u' => group.push(letter - b'!'),
            _ => return None,
        }
        if group.len() == 5 {
            bytes.extend(of_five(&group)?);
            group.clear();
        }
    }
    if let Some(rest) = group.len().checked_sub(1) {
        group.resize(5, 84);
        bytes.extend(&of_five(&group)?[..rest]);
    }
    Some((bytes, end.is_some()))
}

fn of_five(group: &[u8]) -> Option<[u8; 4]> {
    let value = group.iter().fold(0_u64, |value, digit| value * 85 + u64::from(*digit));
    Some(u32::try_from(value).ok()?.to_be_bytes())
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Runs of bytes, and of one byte again and again.
fn runs(data: &[u8]) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let mut rest = data;
    while let Some((length, after)) = rest.split_first() {
        let length = usize::from(*length);
        let taken = match length {
            128 => return (bytes, true),
            0..128 => after.split_at_checked(length + 1).map(|(run, after)| {
                bytes.extend(run);
                after
            }),
            _ => after.split_first().map(|(byte, after)| {
                bytes.resize(bytes.len() + 257 - length, *byte);
                after
            }),
        };
        match taken {
            Some(after) => rest = after,
            None => return (bytes, false),
        }
    }
    (bytes, false)
}

/// Codes for what was seen before, up to the code that ends them; none where one stands for nothing.
fn lzw(data: &[u8], early: bool) -> Option<(Vec<u8>, bool)> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    const CODES_MAX: usize = 4_096;
    let mut bytes: Vec<u8> = Vec::new();
    // Where in the bytes the string of a code from 258 on stands.
    let mut known: Vec<(usize, usize)> = Vec::new();
    let mut before: Option<(usize, usize)> = None;
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut data = data.iter();
    loop {
        let width = match 258 + known.len() + usize::from(early) {
            ..512 => 9,
            512..1_024 => 10,
            1_024..2_048 => 11,
            _ => 12,
        };
        while count < width {
            let Some(byte) = data.next() else { return Some((bytes, false)) };
            bits = bits << 8 | u32::from(*byte);
            count += 8;
        }
        count -= width;
        let code = (bits >> count & ((1 << width) - 1)) as usize;
        match code {
            CLEAR => {
                known.clear();
                before = None;
                continue;
            }
            END => return Some((bytes, true)),
            _ => {}
        }
        let from = bytes.len();
        // What the last code stood for and the letter that follows it are a code of their own from here on.
        if let Some((at, length)) = before
            && 258 + known.len() < CODES_MAX
        {
            known.push((at, length + 1));
        }
        if code < CLEAR {
            bytes.push(code as u8);
        } else {
            let (at, length) = *known.get(code - 258)?;
            for index in at..at + length {
                bytes.push(*bytes.get(index)?);
            }
        }
        before = Some((from, bytes.len() - from));
    }
}

/// Inflates zlib data as far as it goes; the sum at its end, which many writers get wrong, is not looked at.
pub(super) fn inflated(data: &[u8]) -> (Vec<u8>, bool) {
    let headed = matches!(data, [first, second, ..]
        if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0);
    let data = if headed { &data[2..] } else { data };
    let mut bytes = Vec::new();
    let reached = io::copy(&mut DeflateDecoder::new(data), &mut bytes).is_ok();
    // Writers that flush and never finish end with an empty block.
    let is_whole = reached || data.ends_with(&[0, 0, 0xff, 0xff]);
    (bytes, is_whole)
}

/// Data that is told row by row is whole if its rows are; what they come to is the engine's business.
fn whole_rows((data, is_whole): (Vec<u8>, bool), parameters: &Dict<'_>) -> (Vec<u8>, bool) {
    let number = |name: &[u8], usual| parameters.get::<usize>(name).unwrap_or(usual);
    let predictor = number(b"Predictor", 1);
    if predictor < 2 {
        return (data, is_whole);
    }
    let bits = number(b"Columns", 1)
        .saturating_mul(number(b"Colors", 1))
        .saturating_mul(number(b"BitsPerComponent", 8));
    let row = bits.div_ceil(8).saturating_add(usize::from(predictor >= 10)).max(1);
    let is_whole = is_whole && data.len() % row == 0;
    (data, is_whole)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use hayro::hayro_syntax::object::FromBytes as _;

    use super::*;

    const WORDS: &str = "Potassium 6.9, sodium 141, potassium 6.9 again and again. ";

    fn deflated(words: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(words).unwrap();
        encoder.finish().unwrap()
    }

    /// Nine bits a code, cleared before there are more.
    fn lzw_packed(words: &[u8]) -> Vec<u8> {
        let parts = words
            .chunks(200)
            .flat_map(|part| std::iter::once(256).chain(part.iter().map(|byte| u32::from(*byte))));
        let bits: String = parts.chain([257]).map(|code| format!("{code:09b}")).collect();
        let byte = |bits: &[u8]| {
            let bits = std::str::from_utf8(bits).unwrap();
            u8::from_str_radix(&format!("{bits:0<8}"), 2).unwrap()
        };
        bits.as_bytes().chunks(8).map(byte).collect()
    }

    fn in_base85(data: &[u8]) -> Vec<u8> {
        let mut letters = Vec::new();
        for group in data.chunks(4) {
            let mut bytes = [0; 4];
            bytes[..group.len()].copy_from_slice(group);
            let value = u32::from_be_bytes(bytes);
            let digits = (0..5).rev().map(|place| (value / 85_u32.pow(place) % 85) as u8 + b'!');
            letters.extend(digits.take(group.len() + 1));
        }
        letters.extend(b"~>");
        letters
    }

    fn in_runs(data: &[u8]) -> Vec<u8> {
        let run = |part: &[u8]| [&[part.len() as u8 - 1], part].concat();
        data.chunks(100).flat_map(run).chain([250, b'x', 128]).collect()
    }

    #[test]
    fn every_packing_is_undone_to_its_end_and_known_to_be_cut() {
        let words = WORDS.repeat(12).into_bytes();
        let digits = [hex::encode(&words).into_bytes(), b" >".to_vec()].concat();
        assert_eq!(hex_undone(&digits), (words.clone(), true));
        assert_eq!(base85(&in_base85(&words)).unwrap(), (words.clone(), true));
        assert_eq!(lzw(&lzw_packed(&words), true).unwrap(), (words.clone(), true));
        assert_eq!(inflated(&deflated(&words)), (words.clone(), true));
        let repeated = [&words[..], b"xxxxxxx"].concat();
        assert_eq!(runs(&in_runs(&words)), (repeated, true));

        for part in [3, 2] {
            let cut = |whole: Vec<u8>| whole[..whole.len() / part].to_vec();
            assert!(!hex_undone(&cut(digits.clone())).1);
            assert!(base85(&cut(in_base85(&words))).is_none_or(|(_, is_whole)| !is_whole));
            assert!(!lzw(&cut(lzw_packed(&words)), true).unwrap().1);
            assert!(!inflated(&cut(deflated(&words))).1);
            assert!(!runs(&cut(in_runs(&words))).1);
        }
    }

    fn hex_undone(data: &[u8]) -> (Vec<u8>, bool) {
        hex(data).unwrap()
    }

    #[test]
    fn longer_codes_are_read_where_the_table_grows() {
        // Every pair of letters is new, so that the table grows by one with each code.
        let words: Vec<u8> = (0..60_u8).flat_map(|a| (a..60).flat_map(move |b| [a, b])).collect();
        for early in [true, false] {
            let mut bits = String::new();
            let mut known = 258_usize;
            for (index, byte) in words.iter().enumerate() {
                known += usize::from(index > 1);
                let width = (known + usize::from(early)).clamp(256, 4_095).ilog2() + 1;
                bits.push_str(&format!("{byte:0width$b}", width = width as usize));
            }
            let byte = |bits: &[u8]| {
                let bits = std::str::from_utf8(bits).unwrap();
                u8::from_str_radix(&format!("{bits:0<8}"), 2).unwrap()
            };
            let packed: Vec<u8> = bits.as_bytes().chunks(8).map(byte).collect();
            let (unpacked, is_whole) = lzw(&packed, early).unwrap();
            assert!(!is_whole, "it has no end");
            assert_eq!(unpacked[..words.len()], words, "early: {early}");
        }
    }

    #[test]
    fn a_code_may_stand_for_what_it_is_about_to_say() {
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(lzw(&packed, true).unwrap(), (b"-----A---B".to_vec(), true));
    }

    #[test]
    fn what_is_whole_inflates_whatever_its_sum_says() {
        let mut packed = deflated(b"Potassium 6.9");
        let end = packed.len();
        packed[end - 1] ^= 0xff;
        packed.extend_from_slice(b"\r\n");
        assert_eq!(inflated(&packed), (b"Potassium 6.9".to_vec(), true));
        for rubbish in [&[0xff; 40][..], b""] {
            assert!(!inflated(rubbish).1);
        }
    }

    #[test]
    fn a_writer_that_flushed_and_never_finished_has_said_all() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"Potassium 6.9").unwrap();
        encoder.flush().unwrap();
        let flushed = encoder.get_ref().clone();
        assert_eq!(inflated(&flushed), (b"Potassium 6.9".to_vec(), true));
        assert!(!inflated(&flushed[..flushed.len() - 1]).1);
    }

    #[test]
    fn half_a_row_is_cut_and_letters_of_no_packing_are_none() {
        let parameters = Dict::from_bytes(b"<< /Predictor 12 /Columns 4 >>").unwrap();
        let rows = |length: usize| whole_rows((vec![0; length], true), &parameters).1;
        assert!(rows(0) && rows(5) && rows(50));
        assert!(!rows(3) && !rows(49));
        assert_eq!(hex(b"4G>"), None);
        assert_eq!(base85(b"abc\xff~>"), None);
        assert_eq!(base85(b"uuuuu~>"), None, "more than four bytes can be");
        assert_eq!(lzw(&[0xff; 4], true), None);
        assert_eq!(lzw(b"", true).unwrap(), (Vec::new(), false));
    }
}
