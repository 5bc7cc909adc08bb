//! What was written over a page and brings no picture of itself: fields, remarks, strokes. Other readers
//! draw them by what they say; the engine leaves them out, so they are drawn here, or said.

use std::collections::BTreeSet;

use domain::access::page_loss::PageLoss;
use hayro::hayro_syntax::object::{Array, Dict, Name, Stream, String as PdfString};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::Rect;

use super::fields::{self, FoundOver, look};
use super::marks;
use super::overlay::{Overlay, Words};
use super::pdf_text;
use crate::rasteriser::face::Face;

const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;

/// What is to be drawn over a page, and what of it cannot be.
#[derive(Default)]
pub(super) struct WrittenOver {
    pub(super) overlays: Vec<Overlay>,
    pub(super) missing: BTreeSet<PageLoss>,
}

/// Looks at everything that was put over a page; `letters` are those that are to be seen on it.
pub(super) fn written_over(page: &Page<'_>, letters: &str, face: &mut Face) -> WrittenOver {
    let form = form_of(page);
    let annotations = page.raw().get::<Array<'_>>(b"Annots");
    let annotations = annotations.iter().flat_map(Array::iter::<Dict<'_>>);
    let mut written = WrittenOver::default();
    for annotation in annotations {
        if says_more(&annotation, letters) {
            written.missing.insert(PageLoss::Remark);
        }
        match found(&annotation, form.as_ref()) {
            FoundOver::Nothing => {}
            FoundOver::Drawn(overlays, _) if overlays.iter().all(|one| one.can_be_drawn(face)) => {
                written.overlays.extend(overlays);
            }
            FoundOver::Drawn(_, loss) | FoundOver::Lost(loss) => {
                written.missing.insert(loss);
            }
        }
    }
    written
}

/// The form of the document, if it has one.
fn form_of<'a>(page: &Page<'a>) -> Option<Dict<'a>> {
    let xref = page.xref();
    xref.get::<Dict<'_>>(xref.root_id())?.get::<Dict<'_>>(b"AcroForm")
}

fn found(annotation: &Dict<'_>, form: Option<&Dict<'_>>) -> FoundOver {
    let rect = annotation.get::<hayro::hayro_syntax::object::Rect>(b"Rect");
    let rect = rect.map(|rect| Rect::new(rect.x0, rect.y0, rect.x1, rect.y1).abs());
    let Some(rect) = rect.filter(|rect| rect.area() > 0.0) else { return FoundOver::Nothing };
    if is_hidden(annotation) {
        return FoundOver::Nothing;
    }
    let subtype = annotation.get::<Name<'_>>(b"Subtype");
    match subtype.as_deref().unwrap_or_default() {
        b"Widget" => fields::found(annotation, rect, form),
        // Nothing of these is on a page: they lead elsewhere, or belong to a note beside them.
        b"Link" | b"Popup" | b"TrapNet" | b"PrinterMark" | b"Watermark" | b"Screen" => {
            FoundOver::Nothing
        }
        _ if look(annotation).is_some() => FoundOver::Nothing,
        b"FreeText" => match words_of(annotation) {
            Some(text) => {
                let (letter, colour) = fields::letters(annotation, form);
                let (align, one_line, cells) = (fields::align(annotation, form), false, 0);
                let words = Words { text, rect, letter, colour, align, one_line, cells };
                let line = marks::leading_to(annotation);
                let overlays = line.into_iter().chain([Overlay::Words(words)]).collect();
                FoundOver::Drawn(overlays, PageLoss::Remark)
            }
            None => FoundOver::Nothing,
        },
        subtype => match marks::of(subtype, annotation, rect) {
            Some(overlays) => FoundOver::Drawn(overlays, PageLoss::Remark),
            None => FoundOver::Lost(PageLoss::Remark),
        },
    }
}

fn is_hidden(annotation: &Dict<'_>) -> bool {
    annotation.get::<u32>(b"F").unwrap_or(0) & (HIDDEN | NO_VIEW) != 0
}

/// Whether a remark has words that stand nowhere on the page: those of a note or a mark show when somebody
/// points at it, and nobody points at a picture.
fn says_more(annotation: &Dict<'_>, letters: &str) -> bool {
    let subtype = annotation.get::<Name<'_>>(b"Subtype");
    let is_remark = match subtype.as_deref().unwrap_or_default() {
        b"Text" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut" | b"Ink" | b"Line"
        | b"Square" | b"Circle" | b"Polygon" | b"PolyLine" | b"Caret" | b"Stamp"
        | b"FileAttachment" | b"Redact" => true,
        // What these say is written on the page, by the engine or here, or said to be missing.
        _ => false,
    };
    is_remark
        && !is_hidden(annotation)
        && words_of(annotation).is_some_and(|words| !letters.contains(&pdf_text::joined(&words)))
}

/// Where the page has highlights that bring a picture of themselves. The engine may lay that over the words
/// it is to bring out.
pub(super) fn highlights(page: &Page<'_>) -> Vec<Rect> {
    let annotations = page.raw().get::<Array<'_>>(b"Annots");
    let annotations = annotations.iter().flat_map(Array::iter::<Dict<'_>>);
    let is_one = |annotation: &Dict<'_>| {
        let subtype = annotation.get::<Name<'_>>(b"Subtype");
        subtype.as_deref() == Some(b"Highlight".as_slice())
            && !is_hidden(annotation)
            && look(annotation).is_some()
    };
    let place = |annotation: Dict<'_>| {
        let rect = annotation.get::<hayro::hayro_syntax::object::Rect>(b"Rect")?;
        Some(Rect::new(rect.x0, rect.y0, rect.x1, rect.y1))
    };
    annotations.filter(is_one).filter_map(place).collect()
}

/// What a remark says, in plain or in formatted words.
fn words_of(annotation: &Dict<'_>) -> Option<String> {
    let plain = annotation.get::<PdfString<'_>>(b"Contents");
    let plain = plain.map(|words| pdf_text::decoded(words.as_bytes()));
    let formatted = || {
        let words = match annotation.get::<Stream<'_>>(b"RC") {
            Some(words) => words.decoded_data().ok()?.into_owned(),
            None => annotation.get::<PdfString<'_>>(b"RC")?.as_bytes().to_vec(),
        };
        Some(pdf_text::without_tags(&pdf_text::decoded(&words)))
    };
    let some = |words: &String| !words.trim().is_empty();
    plain.filter(some).or_else(|| formatted().filter(some))
}
