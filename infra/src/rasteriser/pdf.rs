//! PDF pages, through hayro, which brings stand-ins for the fourteen standard fonts.

use hayro::hayro_interpret::{InterpreterSettings, TransformExt};
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::kurbo::Affine;
use hayro::{RenderCache, RenderSettings};

use super::canvas::{self, Canvas, Sheet};
use super::limits::DrawingLimits;
use super::refusal::DrawError;
use commands::ports::rasteriser::ExceededLimit;

/// Draws one page of a PDF. A file that opens with the empty password (an "owner password" only)
/// is drawn; one that asks for a password is not.
pub(super) fn draw(
    document: Vec<u8>,
    page: u32,
    width_px: u32,
    limits: &DrawingLimits,
) -> Result<Sheet, DrawError> {
    let pdf = Pdf::new(document).map_err(|error| match error {
        LoadPdfError::Decryption(_) => DrawError::Encrypted,
        LoadPdfError::Invalid => DrawError::Damaged,
    })?;
    let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    if pages > limits.pages_max {
        let limit = u64::from(limits.pages_max);
        return Err(DrawError::TooLarge { bound: ExceededLimit::Pages, limit });
    }
    if pages == 0 {
        return Err(DrawError::Damaged);
    }
    let index = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
    let found = index.and_then(|index| pdf.pages().get(index));
    let found = found.ok_or(DrawError::NoSuchPage { pages })?;

    let (width, height) = found.render_dimensions();
    let (scale, width, height) = canvas::fit(f64::from(width), f64::from(height), width_px, limits)
        .ok_or(DrawError::Damaged)?;
    let transform = Affine::scale(scale) * found.initial_transform(true).to_kurbo();
    let canvas = Canvas::drawn(width, height, |context| {
        hayro::render_into(
            found,
            &RenderCache::new(),
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            context,
            transform,
        );
        // A broken page may leave layers open, which the rasteriser would take for a mistake of ours.
        context.reset_mask();
    });
    Ok(Sheet { canvas, pages })
}
