//! What of a page is drawn, and at which scale: all of it, or the part that somebody asked for.

use hayro::kurbo::Affine;

use super::canvas;
use super::limits::DrawingLimits;
use super::refusal::DrawError;
use commands::ports::page_region::{PageArea, PageFrame, PageRegion, PageSize};

/// What is asked of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// Which part; all of it where none is named.
    pub(super) region: Option<PageRegion>,
    /// How many pixels wide; less where there are no more.
    pub(super) width_px: u32,
}

impl Wish {
    /// All of a page.
    pub(super) const fn page(width_px: u32) -> Self {
        Self { region: None, width_px }
    }
}

/// Full pixels in a point: 300 to the inch.
const PER_POINT: f64 = 300.0 / 72.0;
/// What a product is off for being a product, and no further pixel.
const ROUNDING: f64 = 1e-6;
/// What is drawn of curves and letters is drawn no larger than so many pixels for a full one.
const ENLARGED_MAX: f64 = 8.0;

/// A page's own measures, before anybody asks for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageMeasure {
    width: f64,
    height: f64,
    /// Full pixels in one unit.
    per_unit: f64,
    /// The largest scales at which all of it and a part of it are drawn, in pixels for a full one.
    enlarged_max: (f64, f64),
}

impl PageMeasure {
    /// A page of curves and letters, measured in points.
    pub(super) const fn points(width: f64, height: f64) -> Self {
        Self { width, height, per_unit: PER_POINT, enlarged_max: (f64::INFINITY, ENLARGED_MAX) }
    }

    /// A picture, measured in its pixels. It is never blown up: invented pixels have no place in a finding.
    pub(super) fn pixels(width: u32, height: u32) -> Self {
        let enlarged_max = (1.0, 1.0);
        Self { width: width.into(), height: height.into(), per_unit: 1.0, enlarged_max }
    }

    /// What is drawn of it. A page without a size has nothing to draw.
    pub(super) fn framed(self, wish: Wish, limits: &DrawingLimits) -> Result<Framed, DrawError> {
        let full = self.full().ok_or(DrawError::Damaged)?;
        let (area, at) = match wish.region {
            None => (full.all(), (0.0, 0.0, self.width, self.height)),
            Some(region) => {
                let area = region.within(full).ok_or(DrawError::NoSuchRegion { full })?;
                (area, self.units(area))
            }
        };
        let (left, top, width, height) = at;
        let fitted = canvas::fit(width, height, wish.width_px, limits).ok_or(DrawError::Damaged)?;
        let (mut scale, mut width_px, mut height_px) = fitted;
        let (of_all, of_a_part) = self.enlarged_max;
        let largest = if wish.region.is_some() { of_a_part } else { of_all } * self.per_unit;
        if scale > largest {
            scale = largest;
            let side = |length: f64| canvas::side(length * scale).ok_or(DrawError::Damaged);
            (width_px, height_px) = (side(width)?, side(height)?);
        }
        let drawn = PageSize { width: width_px.into(), height: height_px.into() };
        let shown = PageFrame { full, area, drawn };
        let (width, height) = (width_px, height_px);
        Ok(Framed { shown, left, top, scale, width, height, of: at })
    }

    /// The page in full pixels; what is begun counts.
    fn full(self) -> Option<PageSize> {
        let side = |length: f64| {
            let pixels = (length * self.per_unit - ROUNDING).ceil().max(1.0);
            // `as` stops at the largest number of 32 bits.
            (pixels.is_finite() && length > 0.0).then_some(pixels as u32)
        };
        Some(PageSize { width: side(self.width)?, height: side(self.height)? })
    }

    /// A part in the paper's own units: left, top, width, height.
    fn units(self, area: PageArea) -> (f64, f64, f64, f64) {
        let unit = |pixels: u32| f64::from(pixels) / self.per_unit;
        let (left, top) = (unit(area.left), unit(area.top));
        let width = unit(area.width).min(self.width - left);
        (left, top, width, unit(area.height).min(self.height - top))
    }
}

/// What is drawn of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed {
    /// The same, as it is told.
    pub(super) shown: PageFrame,
    left: f64,
    top: f64,
    /// Drawn pixels in one of the paper's units.
    pub(super) scale: f64,
    /// In pixels.
    pub(super) width: u16,
    /// In pixels.
    pub(super) height: u16,
    of: (f64, f64, f64, f64),
}

impl Framed {
    /// From the page's own measures to drawn pixels.
    pub(super) fn transform(&self) -> Affine {
        Affine::scale(self.scale) * Affine::translate((-self.left, -self.top))
    }

    /// Whether it comes out at a smaller scale than `least` even at the widest that one may ask for.
    pub(super) fn is_coarser(&self, least: f64, limits: &DrawingLimits) -> bool {
        let (.., width, height) = self.of;
        canvas::is_coarser((width, height), least, limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro::kurbo::Point;

    fn framed(paper: PageMeasure, region: &str, width_px: u32) -> Result<Framed, DrawError> {
        let region = (!region.is_empty()).then(|| region.parse().unwrap());
        paper.framed(Wish { region, width_px }, &DrawingLimits::default())
    }

    #[test]
    fn a_page_is_as_wide_as_it_is_wished_and_full_at_300_to_the_inch() {
        let a4 = framed(PageMeasure::points(595.28, 841.89), "", 1_240).unwrap();
        assert_eq!((a4.width, a4.height), (1_240, 1_754));
        assert_eq!(a4.shown.full, PageSize { width: 2_481, height: 3_508 });
        assert_eq!(a4.shown.area, a4.shown.full.all());
        let strip = framed(PageMeasure::points(30_000.0, 400.0), "", 1_240).unwrap();
        assert_eq!(strip.shown.full, PageSize { width: 125_000, height: 1_667 });
    }

    #[test]
    fn a_part_of_a_strip_is_drawn_pixel_by_pixel() {
        let strip = framed(PageMeasure::pixels(30_000, 400), "12000,0,1240,400", 1_240).unwrap();
        assert_eq!((strip.width, strip.height, strip.scale), (1_240, 400, 1.0));
        assert_eq!(strip.transform() * Point::new(12_000.0, 0.0), Point::ORIGIN);
        let all = framed(PageMeasure::pixels(30_000, 400), "", 1_240).unwrap();
        assert!(all.is_coarser(0.25, &DrawingLimits::default()) && all.height == 17);
        assert!(!strip.is_coarser(0.25, &DrawingLimits::default()));
    }

    #[test]
    fn a_picture_is_never_blown_up_and_letters_so_far_and_no_further() {
        let tiny = framed(PageMeasure::pixels(64, 48), "0,0,8,4", 1_240).unwrap();
        assert_eq!((tiny.width, tiny.height), (8, 4));
        assert_eq!(framed(PageMeasure::pixels(64, 48), "", 1_240).unwrap().width, 64);
        let letter = framed(PageMeasure::points(595.28, 841.89), "100,100,100,100", 1_240).unwrap();
        assert_eq!((letter.width, letter.height), (800, 800));
    }

    #[test]
    fn what_lies_beside_the_page_is_no_part_of_it() {
        let full = PageSize { width: 64, height: 48 };
        let beside = framed(PageMeasure::pixels(64, 48), "64,0,1,1", 1_240).err();
        assert_eq!(beside, Some(DrawError::NoSuchRegion { full }));
        let nothing = framed(PageMeasure::points(0.0, 48.0), "pct:0,0,50,50", 1_240).err();
        assert_eq!(nothing, Some(DrawError::Damaged));
        let cut = framed(PageMeasure::pixels(64, 48), "60,40,100,100", 1_240).unwrap().shown.area;
        assert_eq!(cut, PageArea { left: 60, top: 40, width: 4, height: 8 });
    }
}
