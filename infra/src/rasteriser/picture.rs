//! Pictures: PNG and JPEG, turned upright and made to fit, or a part of them.

mod large;
mod upright;

use std::cell::RefCell;
use std::io::Cursor;

use domain::access::page_loss::PageLoss;
use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::canvas::{Canvas, Sheet};
use super::frame::{Framed, PageMeasure, Wish};
use super::jpeg;
use super::limits::DrawingLimits;
use super::refusal::DrawError;
use commands::ports::page_region::{PageArea, PageSize};
use commands::ports::rasteriser::ExceededLimit;
use upright::Upright;

/// Bytes of one decoded pixel at most: four channels of 16 bits.
const PIXEL_BYTES_MAX: u64 = 8;
/// What a decoder may keep in any case, to say what a picture is.
const MEGAPIXEL: u64 = 1_000_000;

/// A decoded picture of more bytes does not lie there until another part of it is asked for: a process that
/// keeps a document may have so much and little more.
const KEPT_BYTES_MAX: usize = 96 << 20;

/// A pixel that is drawn stands for four by four of the picture's at most, or it is said that its details are
/// seen in a part of it only.
const LEAST_SCALE: f64 = 0.25;

/// A picture, kept as it was decoded for the parts of it that are asked for next.
pub(super) struct OpenPicture {
    document: Vec<u8>,
    decoded: RefCell<Option<DecodedPicture>>,
}

struct DecodedPicture {
    picture: DynamicImage,
    /// Whether data of it are missing or broken.
    is_cut: bool,
}

impl OpenPicture {
    pub(super) const fn new(document: Vec<u8>) -> Self {
        Self { document, decoded: RefCell::new(None) }
    }

    /// Decodes the picture and draws it as the only page. The bytes tell PNG from JPEG, because a wrong file
    /// ending on the uploader's side is no reason to show nothing.
    pub(super) fn draw(
        &self,
        page: u32,
        wish: Wish,
        limits: &DrawingLimits,
    ) -> Result<Sheet, DrawError> {
        let reader = ImageReader::new(Cursor::new(&self.document)).with_guessed_format();
        let mut reader = reader.map_err(|_| DrawError::Damaged)?;
        reader.limits(decoder_limits(limits));
        let format = reader.format();
        let mut decoder = reader.into_decoder().map_err(|error| refusal(&error, limits))?;
        let (width, height) = decoder.dimensions();
        // The header is only a claim, but it is what the decoder allocates by.
        let pixels = u64::from(width) * u64::from(height);
        if pixels > limits.picture_pixels_max {
            return Err(too_many_pixels(limits));
        }
        if page != 1 {
            return Err(DrawError::NoSuchPage { pages: 1 });
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let upright = Upright::new(orientation, PageSize { width, height });
        let (width, height) = upright.sides((width, height));
        let framed = PageMeasure::pixels(width, height).framed(wish, limits)?;
        let part = upright.kept(framed.shown.area);
        let turned = (orientation, upright);
        let (canvas, is_cut) = if pixels > limits.picture_whole_pixels_max {
            let (width, height) = upright.sides((framed.width, framed.height));
            let drawn = (width.into(), height.into());
            let document = (self.document.as_slice(), format);
            let (picture, is_cut) = large::decode(document, part, drawn, limits)?;
            (shrink(&picture, &framed, turned, limits)?, is_cut)
        } else {
            let whole = self.whole(decoder, format, limits)?;
            let PageArea { left, top, width, height } = part;
            let part = wish.region.map(|_| whole.picture.crop_imm(left, top, width, height));
            let picture = part.as_ref().unwrap_or(&whole.picture);
            let canvas = shrink(picture, &framed, turned, limits)?;
            (canvas, self.keep(whole))
        };
        let missing = is_cut.then_some(PageLoss::Picture).into_iter().collect();
        let is_small = framed.is_coarser(LEAST_SCALE, limits);
        Ok(Sheet { canvas, pages: 1, frame: framed.shown, is_small, missing })
    }

    /// All of it, as it was kept or else decoded now.
    fn whole(
        &self,
        decoder: impl ImageDecoder,
        format: Option<ImageFormat>,
        limits: &DrawingLimits,
    ) -> Result<DecodedPicture, DrawError> {
        if let Some(kept) = self.decoded.take() {
            return Ok(kept);
        }
        let picture =
            DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error, limits))?;
        // The decoder makes grey of what is not there.
        let is_jpeg = format == Some(ImageFormat::Jpeg);
        let is_cut = is_jpeg && !jpeg::is_whole(&self.document, None);
        Ok(DecodedPicture { picture, is_cut })
    }

    /// Keeps it if it is not too large to lie there. Whether it is cut.
    fn keep(&self, whole: DecodedPicture) -> bool {
        let is_cut = whole.is_cut;
        if whole.picture.as_bytes().len() <= KEPT_BYTES_MAX {
            self.decoded.replace(Some(whole));
        }
        is_cut
    }
}

/// Makes a picture as small as it is drawn, and turns it upright.
fn shrink(
    picture: &DynamicImage,
    framed: &Framed,
    (orientation, upright): (Orientation, Upright),
    limits: &DrawingLimits,
) -> Result<Canvas, DrawError> {
    let (width, height) = upright.sides((framed.width, framed.height));
    let drawn = (u32::from(width), u32::from(height));
    let mut picture = match framed.scale < 1.0 && (picture.width(), picture.height()) != drawn {
        true => picture.thumbnail_exact(drawn.0, drawn.1),
        false => picture.clone(),
    };
    // Turning comes last, when there is little left to turn.
    picture.apply_orientation(orientation);
    let opaque = !picture.color().has_alpha();
    let rgba = picture.into_rgba8();
    let side = |length: u32| u16::try_from(length).map_err(|_| too_many_pixels(limits));
    let (width, height) = (side(rgba.width())?, side(rgba.height())?);
    Ok(Canvas::from_rgba(width, height, rgba.into_raw(), opaque))
}

fn decoder_limits(limits: &DrawingLimits) -> image::Limits {
    let mut bounds = image::Limits::default();
    bounds.max_alloc =
        Some(limits.picture_whole_pixels_max.max(MEGAPIXEL).saturating_mul(PIXEL_BYTES_MAX));
    bounds
}

fn too_many_pixels(limits: &DrawingLimits) -> DrawError {
    DrawError::TooLarge { bound: ExceededLimit::PicturePixels, limit: limits.picture_pixels_max }
}

fn refusal(error: &ImageError, limits: &DrawingLimits) -> DrawError {
    match error {
        ImageError::Limits(_) => too_many_pixels(limits),
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::Unsupported(_)
        | ImageError::IoError(_) => DrawError::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn draw(
        document: &[u8],
        page: u32,
        wish: Wish,
        limits: &DrawingLimits,
    ) -> Result<Sheet, DrawError> {
        OpenPicture::new(document.to_vec()).draw(page, wish, limits)
    }

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, _| match x < width / 2 {
            true => Rgb([200, 0, 0]),
            false => Rgb([0, 0, 200]),
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_wide_picture_shrinks_to_the_wished_width() {
        let sheet = draw(
            &encoded(2_000, 500, ImageFormat::Png),
            1,
            Wish::page(1_000),
            &DrawingLimits::default(),
        )
        .unwrap();
        assert_eq!((sheet.canvas.width(), sheet.canvas.height()), (1_000, 250));
        assert_eq!(sheet.canvas.pixel(10, 10), [200, 0, 0]);
        assert_eq!(sheet.canvas.pixel(990, 10), [0, 0, 200]);
    }

    #[test]
    fn a_small_picture_keeps_its_pixels() {
        let sheet = draw(
            &encoded(64, 48, ImageFormat::Png),
            1,
            Wish::page(1_000),
            &DrawingLimits::default(),
        )
        .unwrap();
        assert_eq!((sheet.canvas.width(), sheet.canvas.height()), (64, 48));
    }

    #[test]
    fn a_photograph_taken_sideways_is_turned_upright() {
        let jpeg = encoded(400, 200, ImageFormat::Jpeg);
        // An Exif segment right after the start marker: orientation 6, "turn it clockwise".
        let mut exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
        exif.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
        let turned = [&jpeg[..2], &exif, &jpeg[2..]].concat();
        let sheet = draw(&turned, 1, Wish::page(1_000), &DrawingLimits::default()).unwrap();
        assert_eq!((sheet.canvas.width(), sheet.canvas.height()), (200, 400));
        let top = sheet.canvas.pixel(100, 10);
        assert!(top[0] > 150 && top[2] < 60, "{top:?}");
    }

    #[test]
    fn a_picture_beyond_the_pixel_bound_is_refused_before_it_is_decoded() {
        let limits = DrawingLimits { picture_pixels_max: 1_000, ..DrawingLimits::default() };
        let refused = draw(&encoded(64, 48, ImageFormat::Png), 1, Wish::page(1_000), &limits).err();
        let bound = ExceededLimit::PicturePixels;
        assert_eq!(refused, Some(DrawError::TooLarge { bound, limit: 1_000 }));
    }

    #[test]
    fn a_part_is_the_same_of_a_picture_that_was_kept() {
        let limits = DrawingLimits::default();
        let wish = Wish { region: Some("300,100,200,90".parse().unwrap()), width_px: 1_000 };
        let jpeg = encoded(640, 480, ImageFormat::Jpeg);
        for (document, is_cut) in [(&jpeg[..], false), (&jpeg[..jpeg.len() / 4 * 3], true)] {
            let open = OpenPicture::new(document.to_vec());
            open.draw(1, Wish::page(1_000), &limits).unwrap();
            assert!(open.decoded.borrow().is_some(), "it is not decoded again");
            let kept = open.draw(1, wish, &limits).unwrap();
            let anew = draw(document, 1, wish, &limits).unwrap();
            assert_eq!((kept.missing.is_empty(), anew.missing.is_empty()), (!is_cut, !is_cut));
            assert_eq!((kept.canvas.width(), kept.canvas.height()), (200, 90));
            for (x, y) in [(0, 0), (19, 40), (21, 40), (199, 89)] {
                assert_eq!(kept.canvas.pixel(x, y), anew.canvas.pixel(x, y));
            }
        }
    }

    #[test]
    fn a_picture_has_one_page() {
        let refused =
            draw(&encoded(8, 8, ImageFormat::Png), 2, Wish::page(1_000), &DrawingLimits::default())
                .err();
        assert_eq!(refused, Some(DrawError::NoSuchPage { pages: 1 }));
    }

    #[test]
    fn a_photograph_cut_short_is_drawn_and_said_to_be_cut() {
        let jpeg = encoded(640, 480, ImageFormat::Jpeg);
        let missing = |document| {
            let sheet = draw(document, 1, Wish::page(1_000), &DrawingLimits::default()).unwrap();
            sheet.missing.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(missing(&jpeg), []);
        assert_eq!(missing(&jpeg[..jpeg.len() / 4 * 3]), [PageLoss::Picture]);
    }

    #[test]
    fn a_png_cut_short_is_damage() {
        let png = encoded(300, 300, ImageFormat::Png);
        let refused =
            draw(&png[..png.len() / 2], 1, Wish::page(1_000), &DrawingLimits::default()).err();
        assert_eq!(refused, Some(DrawError::Damaged));
    }
}
