//! Words as PDF strings hold them, and how a field says its letters are to look.

use hayro::vello_cpu::color::palette::css::BLACK;
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use crate::rasteriser::face::is_unseen;

/// What PDFDocEncoding has where Latin-1 has control characters (ISO 32000-1, annex D).
const DOC_ENCODING_18: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
const DOC_ENCODING_80: [char; 31] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™',
    'ﬁ', 'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž',
];

/// The words of a text string: UTF-16 or UTF-8 with a mark, else PDFDocEncoding.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let utf16 = |pairs: &[u8], read: fn([u8; 2]) -> u16| {
        let units = pairs.as_chunks::<2>().0.iter().map(|pair| read(*pair));
        char::decode_utf16(units).map(|letter| letter.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xfe, 0xff, pairs @ ..] => utf16(pairs, u16::from_be_bytes),
        [0xff, 0xfe, pairs @ ..] => utf16(pairs, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        _ => bytes.iter().map(|byte| letter(*byte)).collect(),
    }
}

fn letter(byte: u8) -> char {
    match byte {
        0x18..=0x1f => DOC_ENCODING_18[usize::from(byte - 0x18)],
        0x80..=0x9e => DOC_ENCODING_80[usize::from(byte - 0x80)],
        0xa0 => '€',
        latin => char::from(latin),
    }
}

/// Words one after another, without blanks and with letters that are written as one taken apart: as they
/// can be found among the letters of a page.
pub(super) fn joined(words: &str) -> String {
    let words = words.replace('ﬁ', "fi").replace('ﬂ', "fl");
    words.chars().filter(|letter| !is_blank(*letter)).collect()
}

/// Whether nobody sees a letter.
pub(super) fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || is_unseen(letter)
}

/// What formatted words say: XHTML without its tags.
pub(super) fn without_tags(words: &str) -> String {
    let mut parts = words.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (tag, after) = part.split_once('>').unwrap_or((part, ""));
        if matches!(tag, "/p" | "br/" | "br" | "/div") {
            text.push('\n');
        }
        text.push_str(after);
    }
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    signs.into_iter().fold(text, |text, (name, sign)| text.replace(name, sign)).trim().to_owned()
}

/// Size and colour of letters, of a default appearance such as `/Helv 12 Tf 0 g`.
pub(super) fn appearance(words: &[u8]) -> (f64, AlphaColor<Srgb>) {
    let words = String::from_utf8_lossy(words);
    let mut numbers: Vec<f32> = Vec::new();
    let (mut size, mut colour) = (0.0, BLACK);
    for word in words.split_ascii_whitespace() {
        if let Ok(number) = word.parse::<f32>() {
            numbers.push(number);
            continue;
        }
        match (word, numbers.as_slice()) {
            ("Tf", [.., last]) => size = f64::from(*last),
            ("g" | "rg" | "k", components) => colour = of_components(components).unwrap_or(colour),
            _ => {}
        }
        numbers.clear();
    }
    (if size.is_finite() { size.clamp(0.0, 200.0) } else { 0.0 }, colour)
}

/// A colour of one, three or four components, as arrays and operators have them.
pub(super) fn of_components(components: &[f32]) -> Option<AlphaColor<Srgb>> {
    let part = |value: f32| value.clamp(0.0, 1.0);
    let rgb = |r: f32, g: f32, b: f32| Some(AlphaColor::new([part(r), part(g), part(b), 1.0]));
    match components {
        [grey] => rgb(*grey, *grey, *grey),
        [r, g, b] => rgb(*r, *g, *b),
        [c, m, y, k] => rgb((1.0 - c) * (1.0 - k), (1.0 - m) * (1.0 - k), (1.0 - y) * (1.0 - k)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_out_of_every_encoding() {
        assert_eq!(decoded(b"6.9 mmol/l"), "6.9 mmol/l");
        assert_eq!(decoded(b"\xfe\xff\x00G\x00r\x00\xf6"), "Grö");
        assert_eq!(decoded(b"\xef\xbb\xbfGr\xc3\xb6"), "Grö");
        assert_eq!(decoded(b"Gr\xf6\xdfe \x84 \x80 \xa0"), "Größe — • €");
    }

    #[test]
    fn formatted_words_are_told_without_their_tags() {
        let words =
            "<?xml version=\"1.0\"?><body><p dir=\"ltr\">K &lt; 3.5</p><p>call <b>us</b></p>";
        assert_eq!(without_tags(words), "K < 3.5\ncall us");
        assert_eq!(without_tags("5 mmol &amp; more"), "5 mmol & more");
        assert_eq!(without_tags("<broken"), "");
    }

    #[test]
    fn words_are_found_whatever_blanks_stand_between() {
        assert_eq!(joined("ﬁnd \n it\u{ad}"), "findit");
    }

    #[test]
    fn an_appearance_says_size_and_colour() {
        assert_eq!(appearance(b"/Helv 18 Tf 0 g"), (18.0, BLACK));
        let (size, colour) = appearance(b"1 0 0 rg /Helv 0 Tf");
        assert_eq!((size, colour), (0.0, AlphaColor::new([1.0, 0.0, 0.0, 1.0])));
        assert_eq!(appearance(b"rubbish Tf rg 9e99 Tf"), (0.0, BLACK));
    }
}
