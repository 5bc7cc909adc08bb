//! Goes through a page a second time without drawing it, and looks at what was drawn: pictures that are not
//! all there, and letters that their font does not have.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::access::page_loss::PageLoss;
use hayro::hayro_interpret::font::{FontData, Glyph, GlyphId, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, Paint, SoftMask, interpret_page,
};
use hayro::hayro_syntax::object::Stream;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Rect};

use super::{fonts, picture_data};
use crate::rasteriser::face::DROID_SANS_FALLBACK;

/// What is missing of what the page draws.
pub(super) fn listen(page: &Page<'_>) -> BTreeSet<PageLoss> {
    let (width, height) = page.render_dimensions();
    let everywhere = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let settings = fonts::settings();
    let cache = InterpreterCache::new();
    let mut context = Context::new(Affine::IDENTITY, everywhere, &cache, page.xref(), settings);
    let mut listener = Listener::default();
    interpret_page(page, &mut context, &mut listener);
    listener.missing
}

#[derive(Default)]
struct Listener {
    missing: BTreeSet<PageLoss>,
    /// Patterns and pictures that were looked at: a page may use one of them a thousand times.
    seen: HashSet<u128>,
    /// What stands in for fonts that the document does not bring; opened when one is met.
    stand_in: OnceCell<Option<skrifa::Font>>,
}

impl Listener {
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

    /// Letters that are drawings of their own, as scans of typed pages have them.
    fn drawn_letters<'a>(&mut self, run: &GlyphRun<'_, 'a>, paint: &Paint<'a>) {
        for glyph in run.glyphs() {
            let Glyph::Type3(letter) = &**glyph else { continue };
            if self.seen.insert(letter.cache_key()) {
                letter.interpret(self, Affine::IDENTITY, Affine::IDENTITY, paint);
            }
        }
    }

    /// Whether a letter of ours stands in that is another than the document means, or none.
    fn is_another(&self, glyph: &Glyph<'_>) -> bool {
        let Glyph::Outline(outline) = glyph else { return false };
        let data = outline.font_data().map(|font| font.data);
        let is_ours = |data: FontData| std::ptr::eq((*data).as_ref(), DROID_SANS_FALLBACK);
        if !data.is_some_and(is_ours) {
            return false;
        }
        // Only fonts whose codes are letters themselves are stood in for (`fonts::settings`).
        let Some(letter) = char::from_u32(outline.char_code()) else { return true };
        let stand_in = self.stand_in.get_or_init(|| skrifa::Font::new(DROID_SANS_FALLBACK, 0));
        let known = stand_in.as_ref().and_then(|font| font.charmap().map_unicode(letter));
        let is_there = known.is_some() && outline.glyph_id() != GlyphId::NOTDEF;
        !letter.is_whitespace() && !is_there
    }

    fn picture(&mut self, key: u128, picture: &Stream<'_>) {
        if self.seen.insert(key) && !picture_data::is_whole(picture) {
            self.missing.insert(PageLoss::Picture);
        }
    }
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
        self.drawn_letters(run, &props.paint);
        if run.glyphs().iter().any(|glyph| is_missing(glyph) || self.is_another(glyph)) {
            self.missing.insert(PageLoss::Letters);
        }
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

/// Whether a letter that somebody would see has no shape in its font. Blanks, tabs and line ends have none
/// anywhere.
fn is_missing(glyph: &Glyph<'_>) -> bool {
    let Glyph::Outline(outline) = glyph else { return false };
    let blank = |letter: char| letter.is_whitespace() || letter.is_control();
    let is_blank = match outline.as_unicode() {
        Some(BfString::Char(meant)) => blank(meant),
        Some(BfString::String(meant)) => meant.chars().all(blank),
        None => outline.char_code() <= 32 || outline.char_code() == 160,
    };
    outline.glyph_id() == GlyphId::NOTDEF && !is_blank
}
