//! Whether a font's letters can be drawn as they are meant. The engine lets others stand in without a word.

use std::sync::Arc;

use hayro::hayro_interpret::font::{FallbackFontQuery, FontQuery};
use hayro::hayro_interpret::hayro_cmap::CidFamily;
use hayro::hayro_interpret::{FontResolverFn, InterpreterSettings};
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Dict, Name, Stream};

use super::streams::inflate;
use crate::rasteriser::face::DROID_SANS_FALLBACK;

/// In a font's flags: its letters are its own, not those of Latin text.
const SYMBOLIC: u32 = 1 << 2;

/// How the engine finds fonts that a document does not bring: the fourteen that every reader has, ours for
/// Chinese, Japanese and Korean, and for all others the one of the fourteen that looks most like it.
pub(super) fn settings() -> InterpreterSettings {
    let InterpreterSettings { font_resolver, .. } = InterpreterSettings::default();
    let with_ours: FontResolverFn = Arc::new(move |query| match query {
        FontQuery::Fallback(FallbackFontQuery { character_collection: Some(letters), .. })
            if letters.family != CidFamily::AdobeIdentity =>
        {
            Some((Arc::new(DROID_SANS_FALLBACK), 0))
        }
        FontQuery::Fallback(_) | FontQuery::Standard(_) => font_resolver(query),
    });
    InterpreterSettings { font_resolver: with_ours, ..InterpreterSettings::default() }
}

/// Whether letters of this font come out as others, or not at all.
pub(super) fn is_missing(font: &Dict<'_>) -> bool {
    let subtype = font.get::<Name<'_>>(b"Subtype");
    match subtype.as_deref() {
        // Its letters are drawings, which stand in the document or not.
        Some(b"Type3") => false,
        Some(b"Type0") => {
            let descendants = font.get::<Array<'_>>(b"DescendantFonts");
            let descendant = descendants.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
            match descendant.as_ref().map(program) {
                Some(Some(program)) => !opens(&program),
                // Without its program nobody knows which letter a number stands for, unless it is one.
                Some(None) | None => !codes_are_letters(font),
            }
        }
        Some(_) | None => match program(font) {
            Some(program) => !opens(&program),
            None => has_letters_of_its_own(font),
        },
    }
}

/// Whether the codes of a composite font are UTF-16, so that ours can stand in for it letter by letter. Other
/// codes are numbers in a collection of letters, and what they come to cannot be looked up here.
fn codes_are_letters(font: &Dict<'_>) -> bool {
    let encoding = font.get::<Name<'_>>(b"Encoding");
    encoding.is_some_and(|name| name.as_str().starts_with("Uni") && name.as_str().contains("UTF16"))
}

/// The font's program, as the document brings it.
fn program<'a>(font: &Dict<'a>) -> Option<Stream<'a>> {
    let descriptor = font.get::<Dict<'_>>(b"FontDescriptor")?;
    ["FontFile2", "FontFile3", "FontFile"]
        .iter()
        .find_map(|name| descriptor.get::<Stream<'_>>(name))
}

/// Whether the program can be one: it unpacks, and begins as one of the three kinds does.
fn opens(program: &Stream<'_>) -> bool {
    let raw = program.raw_data();
    let mut data = Vec::new();
    let data: &[u8] = match program.filters().as_slice() {
        [] => &raw,
        [Filter::FlateDecode] => match inflate(&raw, &mut data) {
            Ok(_) => &data,
            Err(_) => return false,
        },
        // Packed in a way that is looked into by the engine alone.
        _ => return program.decoded_data().is_ok_and(|data| begins_as_font(&data)),
    };
    begins_as_font(data)
}

fn begins_as_font(data: &[u8]) -> bool {
    match data {
        [0, 1, 0, 0, ..] | [b't', b'r', b'u', b'e', ..] | [b'O', b'T', b'T', b'O', ..] => {
            has_its_tables(data)
        }
        [b't', b't', b'c', b'f', ..] => data.len() > 64,
        // Type 1, as text and as a printer's file; CFF.
        [b'%', b'!', ..] | [0x80, 1, ..] | [1, _, 4..=255, 1..=4, ..] => data.len() > 64,
        _ => false,
    }
}

/// Whether the tables that an OpenType font names begin within it.
fn has_its_tables(data: &[u8]) -> bool {
    let tables = data.get(4..6).map_or(0, |count| u16::from_be_bytes([count[0], count[1]]));
    let records = data.get(12..12 + usize::from(tables) * 16).unwrap_or_default();
    let begins = |record: &[u8]| u32::from_be_bytes([record[8], record[9], record[10], record[11]]);
    let (records, _) = records.as_chunks::<16>();
    !records.is_empty() && records.iter().all(|record| (begins(record) as usize) < data.len())
}

/// Whether a font that is not in the document has letters that no Latin font can stand in for.
fn has_letters_of_its_own(font: &Dict<'_>) -> bool {
    let name = font.get::<Name<'_>>(b"BaseFont");
    let name = name.map(|name| name.as_str().to_ascii_lowercase()).unwrap_or_default();
    if name.ends_with("zapfdingbats") || name.ends_with("symbol") {
        return false;
    }
    let descriptor = font.get::<Dict<'_>>(b"FontDescriptor");
    let flags = descriptor.and_then(|font| font.get::<u32>(b"Flags")).unwrap_or(0);
    let symbolic = flags & SYMBOLIC != 0 && !font.contains_key(b"Encoding");
    name.contains("dings") || name.contains("symbol") || symbolic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_program_begins_as_one() {
        let ours = include_bytes!("../../../assets/DejaVuSansMono.ttf");
        assert!(begins_as_font(ours));
        assert!(!begins_as_font(&ours[..40]) && !begins_as_font(&ours[..ours.len() / 2]));
        assert!(begins_as_font(&[b"%!PS-AdobeFont-1.0".as_slice(), &[b' '; 64]].concat()));
        for rubbish in [b"".as_slice(), b"no font at all", &[0; 100], &[0xff; 100]] {
            assert!(!begins_as_font(rubbish));
        }
    }
}
