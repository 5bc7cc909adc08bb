//! Whether a font's letters can be drawn as they are meant. The engine lets others stand in without a word.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hayro::hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery};
use hayro::hayro_interpret::{FontResolverFn, InterpreterSettings};
use hayro::hayro_syntax::object::{Array, Dict, Name, Stream, String as PdfString};

use super::streams;
use crate::rasteriser::face::SANS_FALLBACK;

/// In a font's flags: its letters are its own, not those of Latin text.
const SYMBOLIC: u32 = 1 << 2;

/// What the engine was handed for fonts that a document does not bring, to know it again.
#[derive(Clone, Default)]
pub(super) struct StandIns(Arc<Mutex<HashSet<usize>>>);

impl StandIns {
    fn keep(&self, font: Option<(FontData, u32)>) -> Option<(FontData, u32)> {
        if let Some((data, _)) = &font {
            self.known().insert(place(data));
        }
        font
    }

    /// Whether a font's data is that of a stand-in.
    pub(super) fn has(&self, data: &FontData) -> bool {
        self.known().contains(&place(data))
    }

    fn known(&self) -> MutexGuard<'_, HashSet<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the data lies: the same place is the same font.
pub(super) fn place(data: &FontData) -> usize {
    (**data).as_ref().as_ptr().addr()
}

/// How the engine finds fonts that a document does not bring: the fourteen that every reader has, ours for
/// those that name letters by number, and for all others the one of the fourteen that looks most like it.
pub(super) fn settings() -> (InterpreterSettings, StandIns) {
    let InterpreterSettings { font_resolver, .. } = InterpreterSettings::default();
    let stand_ins = StandIns::default();
    let kept = stand_ins.clone();
    let with_ours: FontResolverFn = Arc::new(move |query| match query {
        FontQuery::Fallback(FallbackFontQuery { character_collection: Some(_), .. }) => {
            kept.keep(Some((Arc::new(SANS_FALLBACK), 0)))
        }
        FontQuery::Fallback(_) | FontQuery::Standard(_) => kept.keep(font_resolver(query)),
    });
    let settings =
        InterpreterSettings { font_resolver: with_ours, ..InterpreterSettings::default() };
    (settings, stand_ins)
}

/// Whether a font's data is ours.
pub(super) fn is_ours(data: &FontData) -> bool {
    std::ptr::eq((**data).as_ref(), SANS_FALLBACK)
}

/// Whether the fourteen fonts have a letter, those of signs aside (Adobe's standard Latin letters and the
/// few more that theirs have).
pub(super) fn has_every_reader(letter: char) -> bool {
    matches!(letter, ' '..='~' | '¡'..='¬' | '®'..='±' | '´'..='¸' | 'º'..='ÿ')
        || "²³¹ıŁłŒœŠšŸŽžƒˆˇ˘˙˚˛˜˝–—‘’‚“”„†‡•…‰‹›⁄€™−ﬁﬂ".contains(letter)
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
                // Without its program nobody knows which letter a number stands for, unless the font says so
                // or its numbers are of a collection that is known (`listener` looks at each letter).
                Some(None) | None => !font.contains_key(b"ToUnicode") && !is_of_a_collection(font),
            }
        }
        Some(_) | None => match program(font) {
            // What stands in for it has the same letters, if they are Latin ones.
            Some(program) if opens(&program) => false,
            Some(_) | None => has_letters_of_its_own(font),
        },
    }
}

/// Whether a composite font's numbers are those of a collection of letters, so that ours can stand in for it
/// letter by letter.
fn is_of_a_collection(font: &Dict<'_>) -> bool {
    let descendants = font.get::<Array<'_>>(b"DescendantFonts");
    let descendant = descendants.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    let info = descendant.and_then(|font| font.get::<Dict<'_>>(b"CIDSystemInfo"));
    let ordering = info.and_then(|info| info.get::<PdfString<'_>>(b"Ordering"));
    let encoding = font.get::<Name<'_>>(b"Encoding");
    let identity = encoding.is_some_and(|name| name.as_str().starts_with("Identity"));
    match ordering.as_ref().map(PdfString::as_bytes) {
        Some(b"Japan1" | b"GB1" | b"CNS1" | b"Korea1" | b"KR") => true,
        Some(_) | None => !identity && font.get::<Name<'_>>(b"Encoding").is_some(),
    }
}

/// The font's program, as the document brings it.
fn program<'a>(font: &Dict<'a>) -> Option<Stream<'a>> {
    let descriptor = font.get::<Dict<'_>>(b"FontDescriptor")?;
    ["FontFile2", "FontFile3", "FontFile"]
        .iter()
        .find_map(|name| descriptor.get::<Stream<'_>>(name))
}

/// Whether the program is one that the engine takes; what its letters lack is found letter by letter.
fn opens(program: &Stream<'_>) -> bool {
    streams::unpacked(program).is_some_and(|unpacked| is_a_font(unpacked.data.into_owned()))
}

fn is_a_font(data: Vec<u8>) -> bool {
    let data: FontData = Arc::new(data);
    skrifa::Font::new(data, 0).is_some()
}

/// Whether a TrueType font holds an outline for a letter: if none comes of it, it is damaged.
pub(super) fn holds_an_outline(font: &[u8], letter: u32) -> bool {
    let number = |at: usize, bytes: usize| {
        let digits = font.get(at..at + bytes)?;
        Some(digits.iter().fold(0_usize, |number, digit| number << 8 | usize::from(*digit)))
    };
    let table = |name: &[u8]| {
        let tables = font.get(12..)?.as_chunks::<16>().0.iter().take(number(4, 2)?);
        let found = tables.enumerate().find(|(_, table)| table.starts_with(name))?;
        number(12 + found.0 * 16 + 8, 4)
    };
    let size = || {
        let (head, places) = (table(b"head")?, table(b"loca")?);
        let wide = if number(head + 50, 2)? == 0 { 2 } else { 4 };
        let at = places + usize::try_from(letter).ok()? * wide;
        number(at + wide, wide)?.checked_sub(number(at, wide)?)
    };
    size().is_some_and(|size| size > 0)
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
    // Writers call every font of theirs symbolic; these are known to be none.
    let is_latin = ["arial", "helvetica", "times", "courier"].iter().any(|one| name.contains(one));
    let symbolic = flags & SYMBOLIC != 0 && !font.contains_key(b"Encoding") && !is_latin;
    name.contains("dings") || name.contains("symbol") || symbolic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_program_is_what_can_be_opened_as_one() {
        let ours = include_bytes!("../../../assets/DejaVuSansMono.ttf");
        assert!(is_a_font(ours.to_vec()));
        for rubbish in [b"".as_slice(), b"no font at all", &[0; 100], &[0xff; 100], &ours[..8]] {
            assert!(!is_a_font(rubbish.to_vec()));
        }
    }

    #[test]
    fn a_letter_whose_outline_is_held_is_told_from_a_blank() {
        let ours = include_bytes!("../../../assets/DejaVuSansMono.ttf");
        let font = skrifa::Font::new(ours.as_slice(), 0).unwrap();
        let letter = |letter| font.charmap().map_unicode(letter).unwrap().to_u32();
        assert!(holds_an_outline(ours, letter('K')) && holds_an_outline(ours, letter('ř')));
        assert!(!holds_an_outline(ours, letter(' ')) && !holds_an_outline(ours, 1 << 30));
        assert!(!holds_an_outline(b"no font", 1));
    }

    #[test]
    fn every_reader_has_latin_letters() {
        assert!("Größe 4,1 µmol/l – ≈".chars().filter(|one| *one != '≈').all(has_every_reader));
        assert!(!"Ж≤क血".chars().any(has_every_reader));
    }
}
