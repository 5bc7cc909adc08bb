//! Pictures of more pixels than fit into memory: read row by row or block by block, and no more is kept of
//! them than is drawn.

mod blocks;
mod part;

use std::io::Cursor;

use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, RgbImage, RgbaImage};
use png::{ColorType, DecodingError, Transformations};

use self::part::{DecodedPart, WantedPart};
use super::too_many_pixels;
use crate::rasteriser::limits::DrawingLimits;
use crate::rasteriser::refusal::DrawError;
use commands::ports::page_region::PageArea;

/// What is kept of rows until they are made smaller.
const ROWS_BYTES: usize = 32 << 20;
/// What is kept of blocks.
const BLOCKS_BYTES_MAX: u64 = 400 << 20;

/// A part of a picture in about the size it is drawn in, and whether data of it are broken.
pub(super) fn decode(
    (document, format): (&[u8], Option<ImageFormat>),
    part: PageArea,
    drawn: (u32, u32),
    limits: &DrawingLimits,
) -> Result<(DynamicImage, bool), DrawError> {
    if format == Some(ImageFormat::Jpeg) {
        return jpeg(document, part, drawn.0, limits);
    }
    if format == Some(ImageFormat::Png) {
        return Ok((png(document, part, drawn, limits)?, false));
    }
    Err(too_many_pixels(limits))
}

fn jpeg(
    document: &[u8],
    PageArea { left, top, width, height }: PageArea,
    drawn_width: u32,
    limits: &DrawingLimits,
) -> Result<(DynamicImage, bool), DrawError> {
    let wanted = WantedPart { left, top, width, height, drawn_width };
    // What is not read block by block (arithmetic codes, four colours) would have to be read as a whole.
    let part = blocks::decode(document, wanted, BLOCKS_BYTES_MAX);
    let DecodedPart { width, height, rgb, is_broken } =
        part.map_err(|_| too_many_pixels(limits))?;
    let picture = RgbImage::from_raw(width, height, rgb).ok_or(DrawError::Damaged)?;
    Ok((picture.into(), is_broken))
}

/// A picture whose rows come several times over, coarse ones first, would have to be kept.
fn png(
    document: &[u8],
    part: PageArea,
    drawn: (u32, u32),
    limits: &DrawingLimits,
) -> Result<DynamicImage, DrawError> {
    let refused = |error: DecodingError| match error {
        DecodingError::LimitsExceeded => too_many_pixels(limits),
        DecodingError::IoError(_) | DecodingError::Format(_) | DecodingError::Parameter(_) => {
            DrawError::Damaged
        }
    };
    let mut decoder = png::Decoder::new(Cursor::new(document));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(refused)?;
    if reader.info().interlaced {
        return Err(too_many_pixels(limits));
    }
    let (colours, _) = reader.output_color_type();
    let samples = colours.samples();
    let row = part.left as usize * samples..(part.left + part.width) as usize * samples;
    for _ in 0..part.top {
        reader.next_row().map_err(refused)?;
    }
    let mut strips = Strips::new(part, drawn, row.len());
    while let Some((rows, height)) = strips.next() {
        let mut kept = Vec::with_capacity(rows as usize * row.len());
        for _ in 0..rows {
            let read = reader.next_row().map_err(refused)?.ok_or(DrawError::Damaged)?;
            kept.extend_from_slice(read.data().get(row.clone()).ok_or(DrawError::Damaged)?);
        }
        let strip = picture(colours, (part.width, rows), kept).ok_or(DrawError::Damaged)?;
        let is_smaller = (part.width, rows) != (drawn.0, height);
        let strip = if is_smaller { strip.thumbnail_exact(drawn.0, height) } else { strip };
        strips.done.extend_from_slice(strip.into_rgba8().as_raw());
    }
    let rgba = RgbaImage::from_raw(drawn.0, drawn.1, strips.done).ok_or(DrawError::Damaged)?;
    Ok(rgba.into())
}

fn picture(colours: ColorType, (width, height): (u32, u32), kept: Vec<u8>) -> Option<DynamicImage> {
    match colours {
        ColorType::Grayscale => GrayImage::from_raw(width, height, kept).map(Into::into),
        ColorType::GrayscaleAlpha => GrayAlphaImage::from_raw(width, height, kept).map(Into::into),
        ColorType::Rgb => RgbImage::from_raw(width, height, kept).map(Into::into),
        ColorType::Rgba => RgbaImage::from_raw(width, height, kept).map(Into::into),
        // Expanded when it was read.
        ColorType::Indexed => None,
    }
}

/// The rows that become some of the drawn rows, strip after strip.
struct Strips {
    rows: u64,
    drawn: u64,
    /// Drawn rows made of one strip.
    step: u64,
    at: u64,
    done: Vec<u8>,
}

impl Strips {
    fn new(part: PageArea, drawn: (u32, u32), row_bytes: usize) -> Self {
        let (rows, height) = (u64::from(part.height), u64::from(drawn.1.max(1)));
        let together = (ROWS_BYTES / row_bytes.max(1)) as u64;
        let step = (together * height / rows.max(1)).max(1);
        let done = Vec::with_capacity(drawn.0 as usize * drawn.1 as usize * 4);
        Self { rows, drawn: height, step, at: 0, done }
    }

    /// How many rows come next, and how many drawn ones they become.
    fn next(&mut self) -> Option<(u32, u32)> {
        let end = (self.at + self.step).min(self.drawn);
        let row = |drawn: u64| drawn * self.rows / self.drawn;
        let rows = row(end) - row(self.at);
        let drawn = end - self.at;
        self.at = end;
        (drawn > 0).then(|| Some((u32::try_from(rows).ok()?, u32::try_from(drawn).ok()?)))?
    }
}
