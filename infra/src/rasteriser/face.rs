//! The typefaces we bring ourselves, for plain text, watermarks and what is written over pages: DejaVu Sans
//! Mono, whose equal widths keep the columns of a plain-text table in line; DejaVu Sans for words that stand
//! in no columns; and Sans Fallback for Chinese, Japanese and Korean, whose letters take two columns.
//! Scripts that are joined or ordered have fonts of their own in `shaping`.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::shaping::{self, Script, Shaper, is_joined_or_ordered};
use hayro::kurbo::{Affine, BezPath, Rect, Shape};
use skrifa::{DrawMemory, Font, GlyphId, PathSink, ScalerFont};

static DEJAVU_SANS_MONO: &[u8] = include_bytes!("../../assets/DejaVuSansMono.ttf");

static DEJAVU_SANS: &[u8] = include_bytes!("../../assets/DejaVuSans.ttf");

/// Letters of Chinese, Japanese and Korean, and Latin, Greek and Cyrillic ones beside them; also what stands
/// in where a PDF names letters by number and does not bring them.
pub(super) static SANS_FALLBACK: &[u8] = include_bytes!("../../assets/SansFallback.ttf");

/// The width of a column, in parts of the letter size.
pub(super) const ADVANCE: f64 = 1_233.0 / 2_048.0;

/// Letters as outlines, one unit high, on a baseline at 0 with y pointing down.
pub(super) struct Face {
    scaler: Option<ScalerFont>,
    /// Whether letters stand in columns of the same width.
    in_columns: bool,
    /// Opened for the first letter that needs it.
    wide: OnceCell<Option<ScalerFont>>,
    shaper: Shaper,
    known: HashMap<char, BezPath>,
}

impl Face {
    /// The typefaces that are part of the program, letters in columns.
    pub(super) fn embedded() -> Self {
        Self::of(DEJAVU_SANS_MONO, true)
    }

    /// The typefaces that are part of the program, each letter as wide as it is.
    pub(super) fn proportional() -> Self {
        Self::of(DEJAVU_SANS, false)
    }

    fn of(font: &'static [u8], in_columns: bool) -> Self {
        let (scaler, wide) = (opened(font), OnceCell::new());
        Self { scaler, in_columns, wide, shaper: Shaper::default(), known: HashMap::new() }
    }

    /// One line of text as one outline, so that half-transparent letters never darken twice. It reaches no
    /// further than [`Self::reach`] says.
    pub(super) fn line(&mut self, text: &str) -> BezPath {
        if !text.chars().any(is_joined_or_ordered) {
            return self.side_by_side(text.chars());
        }
        let mut outline = BezPath::new();
        let mut x = 0.0;
        for stretch in shaping::stretches(text) {
            let shaped = stretch.script.and_then(|script| self.shaper.shaped(script, &stretch));
            let (part, reach) = shaped.unwrap_or_else(|| {
                let reach = self.reach(stretch.text);
                let letters = stretch.text.chars();
                let part = match stretch.from_the_right {
                    true => self.side_by_side(letters.rev().map(shaping::mirrored)),
                    false => self.side_by_side(letters),
                };
                (part, reach)
            });
            outline.extend(Affine::translate((x, 0.0)) * part);
            x += reach;
        }
        let most = self.reach(text);
        if x > most { Affine::scale_non_uniform(most / x, 1.0) * outline } else { outline }
    }

    /// How far a line reaches, in parts of the letter size; of joined letters, how far at most.
    pub(super) fn reach(&self, text: &str) -> f64 {
        match self.in_columns {
            true => columns(text) as f64 * ADVANCE,
            false => text.chars().map(|letter| self.advance(letter)).sum(),
        }
    }

    /// How far it is from a letter to the next one.
    fn advance(&self, letter: char) -> f64 {
        let evenly = f64::from(cells(letter)) * ADVANCE;
        if self.in_columns || cells(letter) != 1 {
            return evenly;
        }
        let scaler = self.scaler.as_ref();
        let own = scaler.and_then(|scaler| {
            let glyph = scaler.font().charmap().map_unicode(letter)?;
            Some(f64::from(scaler.linear_glyph_metrics().h_advance(glyph)))
        });
        own.unwrap_or(evenly)
    }

    /// Letters that stand for themselves, each in its columns.
    fn side_by_side(&mut self, text: impl Iterator<Item = char>) -> BezPath {
        let mut outline = BezPath::new();
        let (mut before, mut x) = (0.0, 0.0);
        for letter in text {
            let width = self.advance(letter);
            // A mark stands over the letter before it.
            let at = if width == 0.0 { before } else { x };
            (before, x) = (at, x + width);
            outline.extend(Affine::translate((at, 0.0)) * self.letter(letter));
        }
        outline
    }

    /// Whether every letter of a text comes out as it is meant: a typeface has it, and its script is one that
    /// is joined and ordered here, or needs neither. A control character is no letter.
    pub(super) fn can_write(&mut self, text: &str) -> bool {
        let mut letters = text.chars().filter(|letter| !letter.is_control());
        letters.all(|letter| match Script::of(letter) {
            Some(script) => is_unseen(letter) || self.shaper.has(script, letter),
            None => !is_joined_or_ordered(letter) && self.letter(letter) != missing(),
        })
    }

    fn letter(&mut self, letter: char) -> BezPath {
        if let Some(outline) = self.known.get(&letter) {
            return outline.clone();
        }
        let outline = self.outline(letter);
        self.known.insert(letter, outline.clone());
        outline
    }

    fn outline(&self, letter: char) -> BezPath {
        if letter.is_whitespace() || is_unseen(letter) {
            return BezPath::new();
        }
        let narrow = self.scaler.as_ref().and_then(|scaler| drawn(scaler, letter));
        if narrow.is_some() || cells(letter) < 2 {
            return narrow.unwrap_or_else(missing);
        }
        let wide = self.wide.get_or_init(|| opened(SANS_FALLBACK));
        let wide = wide.as_ref().and_then(|scaler| drawn(scaler, letter));
        // A letter is as wide as it is high, two columns are a little wider.
        wide.map_or_else(missing, |outline| Affine::translate((ADVANCE - 0.5, 0.0)) * outline)
    }
}

fn opened(font: &'static [u8]) -> Option<ScalerFont> {
    Font::new(font, 0).map(|font| ScalerFont::unhinted(font, Some(1.0)))
}

/// A letter as a typeface has it.
fn drawn(scaler: &ScalerFont, letter: char) -> Option<BezPath> {
    let glyph = scaler.font().charmap().map_unicode(letter)?;
    if glyph == GlyphId::NOTDEF {
        return None;
    }
    let mut pen = Pen(BezPath::new());
    scaler.outline(glyph)?.draw(DrawMemory::Scratch, &mut pen).ok()?;
    Some(pen.0)
}

/// The columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|letter| cells(letter) as usize).sum()
}

/// How many cells a letter takes: none for marks that stand over the one before, two for the letters of
/// Chinese, Japanese and Korean (UAX #11) and, at most, for those that are joined or ordered, else one.
pub(super) fn cells(letter: char) -> u32 {
    let is_mark =
        matches!(letter, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}');
    match letter {
        _ if is_mark || is_unseen(letter) => 0,
        _ if is_joined_or_ordered(letter) => 2,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Characters that steer a layout engine and are never seen themselves.
pub(super) fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// The box for what the typeface lacks: the reader sees that something is there.
fn missing() -> BezPath {
    let mut outline = Rect::new(0.08, -0.72, 0.52, 0.0).to_path(0.01);
    // The inner edge runs the other way round, which leaves it empty.
    outline.extend(Rect::new(0.13, -0.67, 0.47, -0.05).to_path(0.01).reverse_subpaths());
    outline
}

/// Takes an outline with y pointing up and turns it over.
pub(super) struct Pen(pub(super) BezPath);

impl PathSink for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to((x, -y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to((x, -y));
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.0.quad_to((cx0, -cy0), (x, -y));
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.0.curve_to((cx0, -cy0), (cx1, -cy1), (x, -y));
    }

    fn close(&mut self) {
        self.0.close_path();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_european_languages_are_there() {
        let face = Face::embedded();
        for letter in "AZaz09äßéñçøłžșğΩβЖяµ°²½–…€≤≥±".chars() {
            assert_ne!(face.outline(letter), missing(), "{letter}");
        }
    }

    #[test]
    fn what_the_typeface_lacks_shows_as_a_box() {
        let face = Face::embedded();
        for letter in ['\u{20001}', 'ক', '\u{7}'] {
            assert_eq!(face.outline(letter), missing());
        }
    }

    #[test]
    fn what_comes_out_otherwise_than_meant_is_known() {
        let mut face = Face::embedded();
        for good in ["Dr Bo Lind", "Müller-Łoś", "Ζωή Ωμέγα", "Кремль", "a\tb\u{7}", ""]
        {
            assert!(face.can_write(good), "{good}");
        }
        for good in ["血液検査 カリウム", "血钾 4.1 毫摩尔", "헤모글로빈", "。「」"]
        {
            assert!(face.can_write(good), "{good}");
        }
        for good in ["البوتاسيوم", "אשלגן", "पोटैशियम", "பொட்டாசியம்", "โพแทสเซียม"]
        {
            assert!(face.can_write(good), "{good}");
        }
        for bad in ["পটাসিয়াম", "ပိုတက်စီယမ်", "ܐܒܓ", "血\u{20001}"]
        {
            assert!(!face.can_write(bad), "{bad}");
        }
    }

    #[test]
    fn every_letter_advances_by_the_same_width() {
        let face = Face::embedded();
        let scaler = face.scaler.unwrap();
        for letter in ['i', 'W', 'Ж', '0'] {
            let glyph = scaler.font().charmap().map_unicode(letter).unwrap();
            let advance = f64::from(scaler.linear_glyph_metrics().h_advance(glyph));
            assert!((advance - ADVANCE).abs() < 0.001, "{letter}: {advance}");
        }
    }

    #[test]
    fn words_in_no_columns_are_as_wide_as_they_are() {
        let mut face = Face::proportional();
        assert!(face.reach("ill") < face.reach("WWW") / 2.0);
        assert!((face.reach("6.9 mmol/l") - 5.4).abs() < 0.5, "{}", face.reach("6.9 mmol/l"));
        for text in ["Załącznik 6.9", "血液 4.1", "البوتاسيوم 4.1", "பொட்டாசியம் 4.1"]
        {
            let outline = face.line(text).bounding_box();
            assert!(face.can_write(text) && outline.x1 <= face.reach(text) + 0.2, "{text}");
        }
    }

    #[test]
    fn a_letter_of_two_columns_stays_within_them() {
        let mut face = Face::embedded();
        for letter in ["血", "カ", "헤", "龍"] {
            let outline = face.line(letter).bounding_box();
            assert!(outline.x0 >= 0.0 && outline.x1 <= 2.0 * ADVANCE, "{letter}: {outline:?}");
        }
        assert_eq!(columns("K 血液 4.1"), 10);
    }

    #[test]
    fn a_joined_line_stays_within_its_columns() {
        let mut face = Face::embedded();
        let lines = ["பொட்டாசியம் 4.1 mmol/l", "البوتاسيوم 4.1", "אשלגן (4.1)", "पोटैशियम", "ஔஔஔஔஔஔஔஔ"];
        for line in lines {
            let outline = face.line(line).bounding_box();
            let most = columns(line) as f64 * ADVANCE;
            assert!(
                outline.width() > 1.0 && outline.x1 <= most + 0.2,
                "{line}: {outline:?} {most}"
            );
        }
    }

    #[test]
    fn a_mark_takes_no_cell() {
        let mut face = Face::embedded();
        let plain = face.line("ex").bounding_box();
        let marked = face.line("e\u{301}x").bounding_box();
        assert!((plain.x1 - marked.x1).abs() < 0.001);
        assert!(marked.y0 < plain.y0);
    }
}
