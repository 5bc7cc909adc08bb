//! The pixels a page is drawn on: white paper, paint over it, a picture out.

use std::collections::BTreeSet;

use commands::ports::rasteriser::PageEncoding;
use domain::access::page_loss::PageLoss;
use hayro::kurbo::{Affine, BezPath, Point, Rect};
use hayro::vello_cpu::color::{AlphaColor, Srgb, palette::css::WHITE};
use hayro::vello_cpu::peniko::ImageAlphaType;
use hayro::vello_cpu::{
    PixelMetadata, Pixels, Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit,
};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use image_webp::WebPEncoder;

use super::limits::DrawingLimits;
use super::refusal::DrawError;
use commands::ports::page_region::PageFrame;

/// No side of a page is longer, whatever its shape; the drawing library counts in 16 bits.
const SIDE_PX_MAX: f64 = 8_192.0;

/// A page before it is stamped, how many there are, and what is not on it.
pub(super) struct Sheet {
    pub(super) canvas: Canvas,
    pub(super) pages: u32,
    /// What of its page it shows, and how large.
    pub(super) frame: PageFrame,
    /// Whether what is fine on it can be seen in a smaller part only.
    pub(super) is_small: bool,
    /// What of it could not be drawn.
    pub(super) missing: BTreeSet<PageLoss>,
}

/// Paper of a size.
pub(super) struct Canvas {
    pixels: Pixmap,
}

impl Canvas {
    /// White paper.
    pub(super) fn white(width: u16, height: u16) -> Self {
        let mut canvas = Self { pixels: Pixmap::new(width, height) };
        canvas.pixels.data_as_u8_slice_mut().fill(0xff);
        canvas.pixels.set_may_have_transparency(false);
        canvas
    }

    pub(super) fn width(&self) -> u16 {
        self.pixels.width()
    }

    pub(super) fn height(&self) -> u16 {
        self.pixels.height()
    }

    /// Paints over what is there. `scene` is told nothing of the pixels below it.
    pub(super) fn paint(&mut self, scene: impl FnOnce(&mut RenderContext)) {
        let mut context = RenderContext::new(self.width(), self.height());
        scene(&mut context);
        context.flush();
        let settings = RasterizerSettings {
            target_init: TargetInit::SrcOver,
            ..RasterizerSettings::default()
        };
        context.render_with(&mut self.pixels, &mut Resources::default(), settings);
    }

    /// Lays a scene over what is there as ink on paper is laid: what lies below shows through it.
    pub(super) fn darken(&mut self, scene: impl FnOnce(&mut RenderContext)) {
        let laid = Self::drawn(self.width(), self.height(), scene);
        let over = laid.pixels.data_as_u8_slice();
        for (below, over) in self.pixels.data_as_u8_slice_mut().iter_mut().zip(over) {
            *below = darkened(*below, *over);
        }
    }

    /// Within these places, shows two sheets of the same size laid over each other, each through the other.
    pub(super) fn lay_over_each_other(&mut self, one: &Self, other: &Self, places: &[Rect]) {
        let width = usize::from(self.width());
        let (one, other) = (one.pixels.data_as_u8_slice(), other.pixels.data_as_u8_slice());
        let ours = self.pixels.data_as_u8_slice_mut();
        for (index, ((ours, one), other)) in
            ours.chunks_exact_mut(4).zip(one.chunks_exact(4)).zip(other.chunks_exact(4)).enumerate()
        {
            let at = Point::new((index % width) as f64 + 0.5, (index / width) as f64 + 0.5);
            if places.iter().any(|place| place.inflate(1.0, 1.0).contains(at)) {
                for ((ours, one), other) in ours.iter_mut().zip(one).zip(other) {
                    *ours = darkened(*one, *other);
                }
            }
        }
    }

    /// Draws a whole scene on white paper at once.
    pub(super) fn drawn(width: u16, height: u16, scene: impl FnOnce(&mut RenderContext)) -> Self {
        let mut context = RenderContext::new(width, height);
        scene(&mut context);
        context.flush();
        let mut pixels = Pixmap::new(width, height);
        let settings = RasterizerSettings {
            target_init: TargetInit::Clear(WHITE),
            ..RasterizerSettings::default()
        };
        context.render_with(&mut pixels, &mut Resources::default(), settings);
        Self { pixels }
    }

    /// Lays it in the middle of wider paper, with so many rows of paper above and below. Where there is
    /// nothing but rows below to add, no pixel moves.
    pub(super) fn on_paper(mut self, width: u16, above: u16, below: u16) -> Self {
        let height = self.height().saturating_add(above).saturating_add(below);
        if width == self.width() && above == 0 {
            let page_bytes = self.pixels.data_as_u8_slice().len();
            self.pixels.resize(width, height);
            self.pixels.data_as_u8_slice_mut()[page_bytes..].fill(0xff);
            self.pixels.set_may_have_transparency(false);
            return self;
        }
        let mut paper = Self::white(width, height);
        paper.place(&self, (width.saturating_sub(self.width()) / 2, above));
        paper
    }

    /// Puts another sheet on this one, its upper left corner at `x`, `y`; what sticks out is cut.
    fn place(&mut self, sheet: &Self, (x, y): (u16, u16)) {
        let row_bytes = usize::from(sheet.width().min(self.width().saturating_sub(x))) * 4;
        let left = usize::from(x) * 4;
        let from = sheet.pixels.data_as_u8_slice().chunks_exact(usize::from(sheet.width()) * 4);
        let width_bytes = usize::from(self.width()) * 4;
        let to = self.pixels.data_as_u8_slice_mut().chunks_exact_mut(width_bytes);
        let to = to.skip(usize::from(y));
        for (to, from) in to.zip(from) {
            to[left..left + row_bytes].copy_from_slice(&from[..row_bytes]);
        }
    }

    /// Rows of RGBA with straight alpha, laid on white.
    pub(super) fn from_rgba(width: u16, height: u16, mut rgba: Vec<u8>, opaque: bool) -> Self {
        if !opaque {
            rgba.chunks_exact_mut(4).for_each(lay_on_white);
        }
        let metadata = PixelMetadata::new(ImageAlphaType::AlphaPremultiplied, false);
        Self { pixels: Pixmap::from_parts(rgba, width, height, metadata) }
    }

    /// The picture without an alpha channel; speed matters more than the last tenth of size.
    pub(super) fn encoded(self, encoding: PageEncoding) -> Result<Vec<u8>, DrawError> {
        let (width, height) = (u32::from(self.width()), u32::from(self.height()));
        let rgb = match self.pixels.try_take_rgb8(ImageAlphaType::AlphaPremultiplied) {
            Pixels::Rgb8(rgb) => rgb,
            // Paper is opaque and stays so: this arm only keeps the promise if it ever is not.
            Pixels::Rgba8(mut rgba) => {
                rgba.chunks_exact_mut(4).for_each(lay_on_white);
                rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
            }
        };
        match encoding {
            PageEncoding::Png => png(&rgb, width, height),
            PageEncoding::WebP => webp(&rgb, width, height),
        }
    }

    #[cfg(test)]
    pub(super) fn pixel(&self, x: u16, y: u16) -> [u8; 3] {
        let pixel = self.pixels.sample(x, y);
        [pixel.r, pixel.g, pixel.b]
    }
}

/// One colour seen through another.
fn darkened(below: u8, over: u8) -> u8 {
    u8::try_from((u16::from(below) * u16::from(over) + 127) / 255).unwrap_or(u8::MAX)
}

/// One filter for all rows: the picture of a page is within a twentieth of the size that choosing anew for
/// each row gives, that of a photograph within a hundredth, in two thirds of the time.
fn png(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, DrawError> {
    let mut png = Vec::with_capacity(rgb.len() / 8);
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Paeth)
        .write_image(rgb, width, height, ExtendedColorType::Rgb8)
        .map_err(|_| DrawError::Damaged)?;
    Ok(png)
}

fn webp(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, DrawError> {
    let mut webp = Vec::with_capacity(rgb.len() / 8);
    WebPEncoder::new(&mut webp)
        .encode(rgb, width, height, image_webp::ColorType::Rgb8)
        .map_err(|_| DrawError::Damaged)?;
    Ok(webp)
}

/// Blends one pixel with white paper.
fn lay_on_white(pixel: &mut [u8]) {
    let alpha = u16::from(pixel[3]);
    for channel in pixel.iter_mut().take(3) {
        let over_white = u16::from(*channel) * alpha + 255 * (255 - alpha);
        *channel = u8::try_from((over_white + 127) / 255).unwrap_or(u8::MAX);
    }
    pixel[3] = u8::MAX;
}

/// Fills one shape.
pub(super) fn fill(
    context: &mut RenderContext,
    shape: &BezPath,
    at: Affine,
    colour: AlphaColor<Srgb>,
) {
    context.set_transform(at);
    context.set_paint(colour);
    context.fill_path(shape);
}

/// Scales a sheet of any size to the wished width, or as near as the bounds on pixels allow;
/// `None` for sizes that are no sizes. The caller's figures come from the document: trust none.
pub(super) fn fit(
    width: f64,
    height: f64,
    width_px: u32,
    limits: &DrawingLimits,
) -> Option<(f64, u16, u16)> {
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return None;
    }
    let wished = f64::from(limits.width_px(width_px)) / width;
    let by_side = SIDE_PX_MAX / width.max(height);
    // Two roots, because the product of two giant sides overflows.
    let by_area = (limits.page_pixels_max as f64).sqrt() / (width.sqrt() * height.sqrt());
    let scale = wished.min(by_side).min(by_area);
    Some((scale, side(width * scale)?, side(height * scale)?))
}

/// Whether a sheet comes out at a smaller scale than `least` even at the widest that one may ask for.
pub(super) fn is_coarser((width, height): (f64, f64), least: f64, limits: &DrawingLimits) -> bool {
    fit(width, height, limits.width_px_max, limits).is_some_and(|(scale, ..)| scale < least)
}

pub(super) fn side(length: f64) -> Option<u16> {
    length.is_finite().then(|| length.round().clamp(1.0, SIDE_PX_MAX) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_is_coarser_than_a_wall_chart() {
        let coarser = |size, least| is_coarser(size, least, &DrawingLimits::default());
        assert!(!coarser((3_370.0, 2_384.0), 0.7), "A0 across");
        assert!(coarser((30_000.0, 400.0), 0.7));
        assert!(coarser((400.0, 30_000.0), 0.7), "upright too");
        assert!(!coarser((9_000.0, 7_000.0), 0.25));
        assert!(!coarser((0.0, 400.0), 0.7), "what is no size is something else");
    }

    #[test]
    fn an_a4_page_gets_the_wished_width() {
        let (_, width, height) = fit(595.0, 842.0, 1_240, &DrawingLimits::default()).unwrap();
        assert_eq!((width, height), (1_240, 1_755));
    }

    #[test]
    fn no_shape_of_page_goes_over_the_pixel_bound() {
        let limits = DrawingLimits::default();
        let sides = [1e-6, 1.0, 14_400.0, 1e9, 3e38];
        for width in sides {
            for height in sides {
                let (_, w, h) = fit(width, height, u32::MAX, &limits).unwrap();
                let pixels = u64::from(w) * u64::from(h);
                let slack = limits.page_pixels_max / 100 + 8_192;
                assert!(pixels <= limits.page_pixels_max + slack, "{width} x {height}: {w} x {h}");
            }
        }
    }

    #[test]
    fn a_page_without_a_size_is_refused() {
        for (width, height) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert!(fit(width, height, 1_240, &DrawingLimits::default()).is_none());
        }
    }

    #[test]
    fn a_picture_is_the_same_however_it_is_encoded() {
        let (width, height) = (61, 37);
        let noisy = |n: u32| n.wrapping_mul(2_654_435_761).to_be_bytes()[0];
        let rgb: Vec<u8> = (0..width * height * 3).map(noisy).collect();
        let png = png(&rgb, width, height).unwrap();
        let png = image::load_from_memory_with_format(&png, image::ImageFormat::Png).unwrap();
        assert_eq!(png.into_rgb8().into_raw(), rgb);
        let webp = webp(&rgb, width, height).unwrap();
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(webp)).unwrap();
        assert_eq!((decoder.dimensions(), decoder.has_alpha()), ((width, height), false));
        let mut read = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut read).unwrap();
        assert!(read == rgb);
    }

    #[test]
    fn transparent_pixels_become_paper() {
        let canvas = Canvas::from_rgba(2, 1, vec![10, 20, 30, 0, 10, 20, 30, 255], false);
        assert_eq!(canvas.pixel(0, 0), [255, 255, 255]);
        assert_eq!(canvas.pixel(1, 0), [10, 20, 30]);
    }
}
