//! Goes through a page a second time without drawing it, and looks at what was drawn: pictures that are not
//! all there, and letters that their font does not have.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::access::page_loss::PageLoss;
use hayro::hayro_interpret::font::{
    FontData, Glyph, GlyphId, GlyphRun, OutlineGlyph, PositionedGlyph,
};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, Paint, SoftMask, interpret_page,
};
use hayro::hayro_syntax::object::Stream;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Rect};
use hayro::vello_cpu::color::AlphaColor;
use hayro::vello_cpu::color::palette::css::BLACK;

use super::fonts::{self, StandIns};
use super::instead::Instead;
use super::pdf_text::{self, is_blank};
use super::picture_data;
use crate::rasteriser::face::SANS_FALLBACK;

/// So many letters of a page are kept.
const LETTERS_MAX: usize = 1 << 20;
/// So many letters of a page are drawn by us.
const INSTEAD_MAX: usize = 20_000;

/// What was heard on the way through a page.
pub(super) struct Listened {
    /// What is missing of what the page draws.
    pub(super) missing: BTreeSet<PageLoss>,
    /// The letters that are to be seen, one after another, without blanks.
    pub(super) letters: String,
    /// Letters that are left out and that we may have.
    pub(super) instead: Vec<Instead>,
}

/// Goes through a page.
pub(super) fn listen(page: &Page<'_>) -> Listened {
    let (width, height) = page.render_dimensions();
    let everywhere = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let (settings, stand_ins) = fonts::settings();
    let cache = InterpreterCache::new();
    let mut context = Context::new(Affine::IDENTITY, everywhere, &cache, page.xref(), settings);
    let mut listener = Listener::new(stand_ins);
    interpret_page(page, &mut context, &mut listener);
    let Listener { missing, letters, instead, .. } = listener;
    Listened { missing, letters, instead }
}

struct Listener {
    missing: BTreeSet<PageLoss>,
    letters: String,
    instead: Vec<Instead>,
    /// Patterns, pictures and letters that were looked at: a page may use one of them a thousand times.
    seen: HashSet<u128>,
    /// Of each font, the letter that its first outline is shown for.
    first_letters: HashMap<Option<usize>, char>,
    /// What stands in for fonts that the document does not bring.
    stand_ins: StandIns,
    /// Ours among them; opened when one is met.
    ours: OnceCell<Option<skrifa::Font>>,
}

impl Listener {
    fn new(stand_ins: StandIns) -> Self {
        Self {
            missing: BTreeSet::new(),
            letters: String::new(),
            instead: Vec::new(),
            seen: HashSet::new(),
            first_letters: HashMap::new(),
            stand_ins,
            ours: OnceCell::new(),
        }
    }

    fn paint<'a>(&mut self, paint: &Paint<'a>) {
        let Paint::Pattern(pattern) = paint else { return };
        let Pattern::Tiling(tiles) = &**pattern else { return };
        if self.seen.insert(pattern.cache_key()) {
            tiles.interpret(self, Affine::IDENTITY, false);
        }
    }

    /// A mask is drawn too, though nobody sees it: what it lacks is missing where it should let through.
    fn mask(&mut self, mask: Option<&SoftMask<'_>>) {
        let Some(mask) = mask else { return };
        let mut key = DefaultHasher::new();
        mask.hash(&mut key);
        if self.seen.insert(key.finish().into()) {
            mask.interpret(self);
        }
    }

    fn letter<'a>(&mut self, letter: &PositionedGlyph<'a>, props: &DrawProps<'a>) {
        let meant = letter.as_unicode();
        if self.letters.len() < LETTERS_MAX {
            match &meant {
                Some(BfString::Char(meant)) => {
                    self.letters.push_str(&pdf_text::joined(meant.encode_utf8(&mut [0; 4])));
                }
                Some(BfString::String(meant)) => self.letters.push_str(&pdf_text::joined(meant)),
                None => {}
            }
        }
        match &**letter {
            // Letters that are drawings of their own, as scans of typed pages have them.
            Glyph::Type3(drawing) => {
                if self.seen.insert(drawing.cache_key()) {
                    let (at, paint) = (Affine::IDENTITY, &props.paint);
                    drawing.interpret(self, at, at, paint);
                }
            }
            Glyph::Outline(outline) => match self.shown(outline, meant.as_ref()) {
                Shown::AsMeant => {}
                Shown::Not(Some(meant)) if props.soft_mask.is_none() => {
                    self.draw_instead(meant, outline, props.transform * letter.transform(), props);
                }
                Shown::Not(_) | Shown::Another => {
                    self.missing.insert(PageLoss::Letters);
                }
            },
        }
    }

    fn draw_instead(
        &mut self,
        letter: char,
        outline: &OutlineGlyph,
        at: Affine,
        props: &DrawProps<'_>,
    ) {
        if self.instead.len() == INSTEAD_MAX {
            self.missing.insert(PageLoss::Letters);
            return;
        }
        let colour = match &props.paint {
            Paint::Color(colour) => AlphaColor::new(colour.to_rgba().components()),
            Paint::Pattern(_) => BLACK,
        };
        self.instead.push(Instead { letter, at, reach: outline.advance_width(), colour });
    }

    /// What is shown of a letter.
    fn shown(&mut self, letter: &OutlineGlyph, meant: Option<&BfString>) -> Shown {
        let data = letter.font_data().map(|font| font.data);
        let is_brought = data.as_ref().is_some_and(|data| !self.stand_ins.has(data));
        // The engine reads a code that its collection does not have as this one, which some call a blank.
        if letter.char_code() == 0 && data.is_some() && !is_brought {
            return Shown::Another;
        }
        let meant_letter = match meant {
            // A code that stands for nothing comes as one of these.
            Some(BfString::Char('\0' | '\u{fffd}')) if !is_brought => None,
            Some(BfString::Char(meant)) if is_blank(*meant) => return Shown::AsMeant,
            Some(BfString::Char(meant)) => Some(*meant),
            Some(BfString::String(meant)) if meant.chars().all(is_blank) => return Shown::AsMeant,
            Some(BfString::String(_)) | None => None,
        };
        if letter.glyph_id() == GlyphId::NOTDEF {
            return self.shown_of_none(letter, meant_letter, data.as_ref());
        }
        if self.is_another(letter, meant_letter) {
            return if is_empty(letter) { Shown::Not(meant_letter) } else { Shown::Another };
        }
        let known = letter.identifier().cache_key();
        if !self.seen.contains(&known) {
            if !is_empty(letter) {
                self.seen.insert(known);
            } else if meant_letter.is_some() {
                return Shown::Not(meant_letter);
            } else if data.is_some_and(|data| {
                fonts::holds_an_outline((*data).as_ref(), letter.glyph_id().to_u32())
            }) {
                return Shown::Another;
            }
        }
        Shown::AsMeant
    }

    /// What is shown where the font has no such letter: nothing, or what it has for that, mostly a box.
    fn shown_of_none(
        &mut self,
        letter: &OutlineGlyph,
        meant: Option<char>,
        data: Option<&FontData>,
    ) -> Shown {
        let is_stood_in = data.is_some_and(|data| self.stand_ins.has(data));
        match (is_empty(letter), meant) {
            (true, Some(meant)) => Shown::Not(Some(meant)),
            // A blank, as most fonts have one there.
            (true, None) if !is_stood_in => Shown::AsMeant,
            (true, None) => Shown::Another,
            // Some fonts have a letter of theirs there, but no font has two.
            (false, Some(meant)) if !is_stood_in => {
                let first = *self.first_letters.entry(data.map(fonts::place)).or_insert(meant);
                if first == meant { Shown::AsMeant } else { Shown::Another }
            }
            (false, _) => Shown::Another,
        }
    }

    /// Whether a letter of a stand-in is shown that is another than the document means: it is looked for by
    /// what it means and, where that finds none, taken by its number, which is that of another font.
    fn is_another(&self, letter: &OutlineGlyph, meant: Option<char>) -> bool {
        let Some(data) = letter.font_data().map(|font| font.data) else { return false };
        if !self.stand_ins.has(&data) {
            return false;
        }
        let Some(meant) = meant else { return true };
        if !fonts::is_ours(&data) {
            return !fonts::has_every_reader(meant);
        }
        let ours = self.ours.get_or_init(|| skrifa::Font::new(SANS_FALLBACK, 0));
        let known = ours.as_ref().and_then(|font| font.charmap().map_unicode(meant));
        known.is_none_or(|known| known.to_u32() != letter.glyph_id().to_u32())
    }

    fn picture(&mut self, key: u128, picture: &Stream<'_>) {
        if self.seen.insert(key) && !picture_data::is_whole(picture) {
            self.missing.insert(PageLoss::Picture);
        }
    }
}

/// What is shown in the place of a letter.
enum Shown {
    /// That letter, as far as can be told.
    AsMeant,
    /// Nothing; and which letter is meant, if that is known.
    Not(Option<char>),
    /// Another one, or a box.
    Another,
}

fn is_empty(letter: &OutlineGlyph) -> bool {
    letter.outline().segments().next().is_none()
}

impl<'a> Device<'a> for Listener {
    fn draw_path(&mut self, _: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint);
    }

    fn draw_rect(&mut self, _: &Rect, props: DrawProps<'a>, _: &DrawMode) {
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint);
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_clip_rect(&mut self, _: &Rect) {}

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.mask(mask.as_ref());
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        // Words under a scan, put there to be searched: nobody is to see them.
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint);
        run.glyphs().iter().for_each(|letter| self.letter(letter, &props));
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.mask(props.soft_mask.as_ref());
        let key = image.cache_key();
        match &image {
            Image::Stencil(stencil) => self.picture(key, stencil.stream()),
            Image::Raster(raster) => self.picture(key, raster.stream()),
        }
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
