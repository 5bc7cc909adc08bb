//! Scripts whose letters change, join or move beside one another, or run from right to left: laid out by the
//! rules of Unicode (UAX #9) and of their fonts, not letter by letter.

use std::collections::HashMap;
use std::ops::Range;

use harfrust::{Buffer, Direction, ShapeOptions, ShaperFont};
use hayro::kurbo::{Affine, BezPath};
use skrifa::{DrawMemory, Font, GlyphId, ScalerFont};
use unicode_bidi::BidiInfo;

use super::face::{Pen, is_unseen};

/// Positions come back in parts of a letter's size.
const SCALE: i32 = 1 << 16;

/// A script that one of our fonts is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Script {
    Arabic,
    Hebrew,
    Devanagari,
    Tamil,
    Thai,
}

impl Script {
    /// The script of a letter, if it is one of these.
    pub(super) fn of(letter: char) -> Option<Self> {
        match letter {
            '\u{590}'..='\u{5ff}' | '\u{fb1d}'..='\u{fb4f}' => Some(Self::Hebrew),
            '\u{600}'..='\u{6ff}'
            | '\u{750}'..='\u{77f}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}' => Some(Self::Arabic),
            '\u{900}'..='\u{97f}' | '\u{a8e0}'..='\u{a8ff}' => Some(Self::Devanagari),
            '\u{b80}'..='\u{bff}' => Some(Self::Tamil),
            '\u{e00}'..='\u{e7f}' => Some(Self::Thai),
            _ => None,
        }
    }

    fn font(self) -> &'static [u8] {
        match self {
            Self::Arabic => include_bytes!("../../assets/NotoNaskhArabic-Regular.ttf"),
            Self::Hebrew => include_bytes!("../../assets/NotoSansHebrew-Regular.ttf"),
            Self::Devanagari => include_bytes!("../../assets/NotoSansDevanagari-Regular.ttf"),
            Self::Tamil => include_bytes!("../../assets/NotoSansTamil-Regular.ttf"),
            Self::Thai => include_bytes!("../../assets/NotoSansThai-Regular.ttf"),
        }
    }
}

/// Whether a letter cannot stand for itself: it is joined, moved or ordered, by us or by nobody here.
pub(super) fn is_joined_or_ordered(letter: char) -> bool {
    matches!(
        letter,
        '\u{590}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1cff}'
            | '\u{a800}'..='\u{abff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{11fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

/// A stretch of a line that is drawn from one font in one direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch<'a> {
    pub(super) text: &'a str,
    /// None for letters that stand side by side.
    pub(super) script: Option<Script>,
    pub(super) from_the_right: bool,
}

/// Whether a line begins at the right, by its first letter that has a direction (UAX #9, rules P2 and P3).
pub(super) fn is_from_the_right(line: &str) -> bool {
    // Bidirectional text is rare, and looking for it costs more than most lines do.
    line.chars().any(is_joined_or_ordered)
        && BidiInfo::new(line, None).paragraphs.first().is_some_and(|first| first.level.is_rtl())
}

/// The stretches of a line, in the order in which they are seen from left to right.
pub(super) fn stretches(line: &str) -> Vec<Stretch<'_>> {
    let bidi = BidiInfo::new(line, None);
    let mut seen = Vec::new();
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let from_the_right = levels.get(run.start).is_some_and(|level| level.is_rtl());
            let mut parts = by_script(line, run);
            if from_the_right {
                parts.reverse();
            }
            let stretch = |(range, script): (Range<usize>, _)| {
                Some(Stretch { text: line.get(range)?, script, from_the_right })
            };
            seen.extend(parts.into_iter().filter_map(stretch));
        }
    }
    seen
}

/// Cuts a run where its script changes. Marks and what steers the joining stay with the letter before them.
fn by_script(line: &str, run: Range<usize>) -> Vec<(Range<usize>, Option<Script>)> {
    let mut parts: Vec<(Range<usize>, Option<Script>)> = Vec::new();
    for (at, letter) in line.get(run.clone()).unwrap_or_default().char_indices() {
        let at = run.start + at..run.start + at + letter.len_utf8();
        let script = Script::of(letter);
        match parts.last_mut() {
            Some((part, before)) if *before == script || is_unseen(letter) => part.end = at.end,
            Some(_) | None => parts.push((at, script)),
        }
    }
    parts
}

/// The fonts, each opened when its script is met.
#[derive(Default)]
pub(super) struct Shaper(HashMap<Script, Option<ScalerFont>>);

impl Shaper {
    fn font(&mut self, script: Script) -> Option<&ScalerFont> {
        let opened =
            || Font::new(script.font(), 0).map(|font| ScalerFont::unhinted(font, Some(1.0)));
        self.0.entry(script).or_insert_with(opened).as_ref()
    }

    /// Whether the script's font has a letter.
    pub(super) fn has(&mut self, script: Script, letter: char) -> bool {
        let font = self.font(script);
        let glyph = font.and_then(|scaler| scaler.font().charmap().map_unicode(letter));
        glyph.is_some_and(|glyph| glyph != GlyphId::NOTDEF)
    }

    /// A stretch as one outline on a baseline at 0, and how far it reaches; none if it cannot be laid out.
    pub(super) fn shaped(
        &mut self,
        script: Script,
        stretch: &Stretch<'_>,
    ) -> Option<(BezPath, f64)> {
        let scaler = self.font(script)?;
        let mut buffer = Buffer::new();
        buffer.push_str(stretch.text);
        buffer.set_direction(match stretch.from_the_right {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        });
        buffer.guess_segment_properties();
        let font = ShaperFont::new(scaler.font()).with_scale(SCALE);
        harfrust::shape(&font, &mut buffer, ShapeOptions::new()).ok()?;
        let mut outline = BezPath::new();
        let mut x = 0.0;
        let part = |length: i32| f64::from(length) / f64::from(SCALE);
        for (glyph, place) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
            let mut pen = Pen(BezPath::new());
            if let Some(shape) = scaler.outline(GlyphId::new(glyph.glyph_id)) {
                shape.draw(DrawMemory::Scratch, &mut pen).ok()?;
            }
            let at = (x + part(place.x_offset), -part(place.y_offset));
            outline.extend(Affine::translate(at) * pen.0);
            x += part(place.x_advance);
        }
        Some((outline, x))
    }
}

/// A bracket as it is seen from the other side (UAX #9, rule L4).
pub(super) fn mirrored(letter: char) -> char {
    match letter {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        '≤' => '≥',
        '≥' => '≤',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Shape as _;

    use super::*;

    fn seen(line: &str) -> Vec<(&str, bool)> {
        stretches(line).into_iter().map(|part| (part.text, part.from_the_right)).collect()
    }

    #[test]
    fn a_line_from_the_right_is_seen_from_its_end() {
        assert_eq!(seen("אשלגן 4.1"), [("4.1", false), (" ", true), ("אשלגן", true)]);
        assert_eq!(seen("K = 4.1 mmol/l"), [("K = 4.1 mmol/l", false)]);
    }

    #[test]
    fn a_line_begins_where_its_first_letter_does() {
        for line in ["אשלגן 4.1", "  4.1 البوتاسيوم", "(אשלגן) K"] {
            assert!(is_from_the_right(line), "{line}");
        }
        for line in ["", "4.1", "K = אשלגן", "पोटैशियम", "血液"] {
            assert!(!is_from_the_right(line), "{line}");
        }
    }

    #[test]
    fn a_script_is_a_stretch_of_its_own_and_keeps_what_steers_it() {
        assert_eq!(seen("पोटैशियम 4.1"), [("पोटैशियम", false), (" 4.1", false)]);
        assert_eq!(seen("क\u{94d}\u{200d}ष"), [("क\u{94d}\u{200d}ष", false)]);
    }

    #[test]
    fn letters_are_joined() {
        let mut shaper = Shaper::default();
        let mut width = |text: &str, script, from_the_right| {
            let stretch = Stretch { text, script: Some(script), from_the_right };
            shaper.shaped(script, &stretch).unwrap().1
        };
        // Two letters beside each other take another room than each alone: they have other shapes.
        let joined = width("بت", Script::Arabic, true);
        let alone = width("ب", Script::Arabic, true) + width("ت", Script::Arabic, true);
        assert!((joined - alone).abs() > 0.05, "{joined} {alone}");
        let conjunct = width("क्ष", Script::Devanagari, false);
        let letters = width("क", Script::Devanagari, false) + width("ष", Script::Devanagari, false);
        assert!(letters - conjunct > 0.1, "{conjunct} {letters}");
    }

    #[test]
    fn a_vowel_stands_before_the_letter_it_is_written_after() {
        let mut shaper = Shaper::default();
        let mut outline = |text: &str| {
            let stretch = Stretch { text, script: Some(Script::Tamil), from_the_right: false };
            shaper.shaped(Script::Tamil, &stretch).unwrap().0
        };
        // "ke": the sign for e comes first, so that ka begins further to the right than alone.
        let (alone, with_vowel) = (outline("க").bounding_box(), outline("கெ").bounding_box());
        assert!(with_vowel.width() > alone.width() * 1.5, "{alone:?} {with_vowel:?}");
    }
}
