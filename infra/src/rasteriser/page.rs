//! One page from bytes to a picture, inside whatever process calls it.

use domain::access::page_loss::PageLoss;

use encoding_rs::Encoding;

use super::canvas::Sheet;
use super::frame::Wish;
use super::limits::DrawingLimits;
use super::refusal::DrawError;
use super::{pdf, picture, text, watermark};
use commands::ports::rasteriser::{DocumentLook, DrawnPage, PageEncoding, PageJob};

/// The media types we draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaKind {
    Pdf,
    Picture,
    /// In this encoding, if one was said.
    Text(Option<&'static Encoding>),
}

impl MediaKind {
    pub(super) fn of(media_type: &str) -> Option<Self> {
        let mut parts = media_type.split(';').map(str::trim);
        match parts.next()?.to_ascii_lowercase().as_str() {
            "application/pdf" => Some(Self::Pdf),
            "image/png" | "image/jpeg" => Some(Self::Picture),
            "text/plain" => {
                let declared = parts.find_map(|part| part.strip_prefix("charset="));
                // What nobody can read is not drawn as if nothing had been said.
                let encoding =
                    declared.map(|label| Encoding::for_label_no_replacement(label.as_bytes()));
                Some(Self::Text(match encoding {
                    None => None,
                    Some(known) => Some(known?),
                }))
            }
            _ => None,
        }
    }
}

/// A document, opened once for all the pages that are drawn of it.
pub(super) enum OpenDocument {
    Pdf(pdf::OpenPdf),
    Picture(picture::OpenPicture),
    Text(String),
}

impl OpenDocument {
    /// Reads as much of it as tells what it is.
    pub(super) fn new(
        media_type: &str,
        document: Vec<u8>,
        limits: &DrawingLimits,
    ) -> Result<Self, DrawError> {
        Ok(match MediaKind::of(media_type).ok_or(DrawError::NotDrawable)? {
            MediaKind::Pdf => Self::Pdf(pdf::OpenPdf::new(document, limits)?),
            MediaKind::Picture => Self::Picture(picture::OpenPicture::new(document)),
            MediaKind::Text(declared) => Self::Text(text::decode(document, declared)?),
        })
    }

    fn sheet(&self, page: u32, wish: Wish, limits: &DrawingLimits) -> Result<Sheet, DrawError> {
        match self {
            Self::Pdf(pdf) => pdf.draw(page, wish, limits),
            Self::Picture(picture) => picture.draw(page, wish, limits),
            Self::Text(text) => text::draw(text, page, wish, limits),
        }
    }
}

/// Draws one page and stamps it. No page leaves without its watermark, so this is the only way.
pub(super) fn draw(
    document: &OpenDocument,
    job: &PageJob,
    limits: &DrawingLimits,
) -> Result<DrawnPage, DrawError> {
    let wish = Wish { region: job.region, width_px: job.width_px };
    let sheet = document.sheet(job.page, wish, limits)?;
    let Sheet { canvas, pages, frame, missing, .. } = watermark::stamp(sheet, job);
    let picture = canvas.encoded(job.encoding)?;
    Ok(DrawnPage { picture, pages, frame, missing })
}

/// Draws a page that nobody asked for and throws it away: what a first page costs only because it is the
/// first has been paid then.
pub(super) fn warm_up(width_px: u32, limits: &DrawingLimits) {
    let job = PageJob {
        media_type: String::new(),
        page: 1,
        region: None,
        watermark: vec!["0123456789".to_owned()],
        reader_id: String::new(),
        width_px,
        encoding: PageEncoding::Png,
    };
    // A failure here is one that the first page meets too, and tells.
    let _ = draw(&OpenDocument::Text("-".to_owned()), &job, limits);
}

/// Draws the first pages for nobody, small, and says what is missing on them.
pub(super) fn look(
    media_type: &str,
    document: Vec<u8>,
    limits: &DrawingLimits,
) -> Result<DocumentLook, DrawError> {
    let opened = OpenDocument::new(media_type, document, limits)?;
    let mut look = DocumentLook::default();
    for page in 1..=limits.looked_at_max {
        let missing = match opened.sheet(page, Wish::page(limits.width_px_min), limits) {
            Ok(sheet) => {
                look.pages = sheet.pages;
                sheet.missing
            }
            Err(DrawError::NoSuchPage { .. }) => break,
            // The first page tells of the document; a later one of itself.
            Err(error) if page == 1 => return Err(error),
            Err(_) => [PageLoss::Unreadable].into(),
        };
        look.looked_at = page;
        if !missing.is_empty() {
            look.missing.insert(page, missing);
        }
    }
    Ok(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_of_a_media_type_do_not_matter() {
        assert_eq!(MediaKind::of("text/plain"), Some(MediaKind::Text(None)));
        assert_eq!(MediaKind::of("text/plain; format=flowed"), Some(MediaKind::Text(None)));
        assert_eq!(MediaKind::of("Application/PDF"), Some(MediaKind::Pdf));
        assert_eq!(MediaKind::of("image/JPEG"), Some(MediaKind::Picture));
    }

    #[test]
    fn a_declared_encoding_is_known_by_any_of_its_labels_or_the_text_is_not_drawn() {
        for (label, encoding) in [
            ("utf-8", encoding_rs::UTF_8),
            ("iso-8859-1", encoding_rs::WINDOWS_1252),
            ("windows-1252", encoding_rs::WINDOWS_1252),
            ("shift_jis", encoding_rs::SHIFT_JIS),
            ("sjis", encoding_rs::SHIFT_JIS),
            ("utf-16", encoding_rs::UTF_16LE),
            ("utf-16be", encoding_rs::UTF_16BE),
        ] {
            let of = MediaKind::of(&format!("text/plain; charset={label}"));
            assert_eq!(of, Some(MediaKind::Text(Some(encoding))), "{label}");
        }
        for unknown in ["klingon", "iso-2022-kr", "utf-7", ""] {
            assert_eq!(MediaKind::of(&format!("text/plain; charset={unknown}")), None, "{unknown}");
        }
    }

    #[test]
    fn other_types_are_not_drawn() {
        for media_type in ["application/dicom", "text/html", "image/svg+xml", ""] {
            assert_eq!(MediaKind::of(media_type), None);
        }
    }
}
