//! One page from bytes to PNG, inside whatever process calls it.

use super::limits::DrawingLimits;
use super::refusal::DrawError;
use super::{pdf, picture, text, watermark};
use commands::ports::rasteriser::{DrawnPage, PageJob};

/// The media types we draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaKind {
    Pdf,
    Picture,
    Text,
}

impl MediaKind {
    pub(super) fn of(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/pdf" => Some(Self::Pdf),
            "image/png" | "image/jpeg" => Some(Self::Picture),
            "text/plain" => Some(Self::Text),
            _ => None,
        }
    }
}

/// Draws one page and stamps it. No page leaves without its watermark, so this is the only way.
pub(super) fn draw(
    job: &PageJob,
    document: Vec<u8>,
    limits: &DrawingLimits,
) -> Result<DrawnPage, DrawError> {
    let kind = MediaKind::of(&job.media_type).ok_or(DrawError::NotDrawable)?;
    let sheet = match kind {
        MediaKind::Pdf => pdf::draw(document, job.page, job.width_px, limits)?,
        MediaKind::Picture => picture::draw(&document, job.page, job.width_px, limits)?,
        MediaKind::Text => text::draw(&document, job.page, job.width_px, limits)?,
    };
    let stamped = watermark::stamp(&sheet, job);
    Ok(DrawnPage { png: stamped.into_png()?, pages: sheet.pages, missing: sheet.missing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_of_a_media_type_do_not_matter() {
        assert_eq!(MediaKind::of("text/plain; charset=utf-8"), Some(MediaKind::Text));
        assert_eq!(MediaKind::of("Application/PDF"), Some(MediaKind::Pdf));
        assert_eq!(MediaKind::of("image/JPEG"), Some(MediaKind::Picture));
    }

    #[test]
    fn other_types_are_not_drawn() {
        for media_type in ["application/dicom", "text/html", "image/svg+xml", ""] {
            assert_eq!(MediaKind::of(media_type), None);
        }
    }
}
