//! Whether a compressed stream is there to its end. The engine takes what it gets of a cut one.

use std::io;

use flate2::read::DeflateDecoder;
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::Stream;

/// Whether the stream breaks off, or is no compressed data at all. Only deflate is looked into: it is what
/// nearly every stream is packed in, and the one packing whose end can be told.
pub(super) fn is_cut(stream: &Stream<'_>) -> bool {
    match stream.filters().first() {
        Some(Filter::FlateDecode) => inflate(&stream.raw_data(), &mut io::sink()).is_err(),
        Some(_) | None => false,
    }
}

/// Inflates zlib data; the sum at its end, which many writers get wrong, is not looked at.
pub(super) fn inflate(data: &[u8], to: &mut impl io::Write) -> io::Result<u64> {
    let headed = matches!(data, [first, second, ..]
        if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0);
    let data = if headed { &data[2..] } else { data };
    io::copy(&mut DeflateDecoder::new(data), to)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(words: &str) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(words.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_whole_inflates_whatever_its_sum_says() {
        let mut packed = packed("Potassium 6.9");
        let end = packed.len();
        packed[end - 1] ^= 0xff;
        packed.extend_from_slice(b"\r\n");
        let mut words = Vec::new();
        inflate(&packed, &mut words).unwrap();
        assert_eq!(words, b"Potassium 6.9");
    }

    #[test]
    fn what_breaks_off_or_is_rubbish_is_an_error() {
        let packed = packed(&"Potassium 6.9, sodium 141. ".repeat(40));
        assert!(inflate(&packed[..packed.len() / 2], &mut io::sink()).is_err());
        assert!(inflate(&[0xff; 40], &mut io::sink()).is_err());
        assert!(inflate(b"", &mut io::sink()).is_err());
    }
}
