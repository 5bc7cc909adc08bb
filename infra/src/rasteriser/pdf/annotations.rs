//! What was written over a page and brings no picture of itself: filled fields, remarks, strokes. Other
//! readers draw them by what they say; the engine leaves them out, so they are drawn here, or said.

use std::collections::BTreeSet;

use domain::access::page_loss::PageLoss;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{BezPath, Rect};

use super::marks;
use super::overlay::{Overlay, Words};
use super::pdf_text;
use crate::rasteriser::face::Face;

const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;
/// Of a field: several lines; words that nobody is to read.
const MULTILINE: u32 = 1 << 12;
const SECRET: u32 = 1 << 13;
/// A field inherits from so many fields above it.
const PARENTS_MAX: usize = 32;

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
            Found::Nothing => {}
            Found::Drawn(overlays, _) if overlays.iter().all(|one| one.can_be_drawn(face)) => {
                written.overlays.extend(overlays);
            }
            Found::Drawn(_, loss) | Found::Lost(loss) => {
                written.missing.insert(loss);
            }
        }
    }
    written
}

/// What an annotation comes to.
enum Found {
    /// The engine draws it, or there is nothing to see.
    Nothing,
    /// To be drawn by us, and what is missing if it cannot be.
    Drawn(Vec<Overlay>, PageLoss),
    /// What is missing.
    Lost(PageLoss),
}

/// The form of the document, if it has one.
fn form_of<'a>(page: &Page<'a>) -> Option<Dict<'a>> {
    let xref = page.xref();
    xref.get::<Dict<'_>>(xref.root_id())?.get::<Dict<'_>>(b"AcroForm")
}

fn found(annotation: &Dict<'_>, form: Option<&Dict<'_>>) -> Found {
    let rect = annotation.get::<hayro::hayro_syntax::object::Rect>(b"Rect");
    let rect = rect.map(|rect| Rect::new(rect.x0, rect.y0, rect.x1, rect.y1).abs());
    let Some(rect) = rect.filter(|rect| rect.area() > 0.0) else { return Found::Nothing };
    if is_hidden(annotation) {
        return Found::Nothing;
    }
    let subtype = annotation.get::<Name<'_>>(b"Subtype");
    match subtype.as_deref().unwrap_or_default() {
        b"Widget" => field(annotation, rect, form),
        // Nothing of these is on a page: they lead elsewhere, or belong to a note beside them.
        b"Link" | b"Popup" | b"TrapNet" | b"PrinterMark" | b"Watermark" | b"Screen" => {
            Found::Nothing
        }
        _ if look(annotation).is_some() => Found::Nothing,
        b"FreeText" => match words_of(annotation) {
            Some(text) => {
                let (letter, colour) = letters(annotation, form);
                let (one_line, on_white) = (false, false);
                let words = Words { text, rect, letter, colour, one_line, on_white };
                let line = marks::leading_to(annotation);
                let overlays = line.into_iter().chain([Overlay::Words(words)]).collect();
                Found::Drawn(overlays, PageLoss::Remark)
            }
            None => Found::Nothing,
        },
        subtype => match marks::of(subtype, annotation, rect) {
            Some(overlays) => Found::Drawn(overlays, PageLoss::Remark),
            None => Found::Lost(PageLoss::Remark),
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

fn field(field: &Dict<'_>, rect: Rect, form: Option<&Dict<'_>>) -> Found {
    let value = inherited(field, b"V");
    let Some(Object::Name(kind)) = inherited(field, b"FT") else { return Found::Nothing };
    match &*kind {
        b"Tx" | b"Ch" => match value.as_ref().and_then(|value| words(value, field)) {
            Some(words) => filled(field, words, rect, form),
            None => Found::Nothing,
        },
        b"Btn" => {
            let state = field.get::<Name<'_>>(b"AS").or_else(|| match value {
                Some(Object::Name(state)) => Some(state),
                Some(_) | None => None,
            });
            let is_on = state.is_some_and(|state| &*state != b"Off");
            if is_on && look(field).is_none() { ticked(rect) } else { Found::Nothing }
        }
        b"Sig" if value.is_some() && look(field).is_none() => Found::Lost(PageLoss::FormField),
        _ => Found::Nothing,
    }
}

/// A field with words in it: drawn by the engine, unless it has no picture of them, or one of older words.
fn filled(field: &Dict<'_>, words: Vec<u8>, rect: Rect, form: Option<&Dict<'_>>) -> Found {
    let flags = match inherited(field, b"Ff") {
        Some(Object::Number(flags)) => u32::try_from(flags.as_i64()).unwrap_or(0),
        Some(_) | None => 0,
    };
    let text = pdf_text::decoded(&words);
    if text.trim().is_empty() || flags & SECRET != 0 {
        return Found::Nothing;
    }
    // The form may say that the pictures of its fields are older than their values.
    let needed = form.and_then(|form| form.get::<bool>(b"NeedAppearances")).unwrap_or(false);
    let on_white = look(field).is_some();
    if on_white && (!needed || shows(field, &words)) {
        return Found::Nothing;
    }
    let (letter, colour) = letters(field, form);
    let one_line = flags & MULTILINE == 0;
    let words = Words { text, rect, letter, colour, one_line, on_white };
    Found::Drawn(vec![Overlay::Words(words)], PageLoss::FormField)
}

/// A box that is ticked: a cross in it.
fn ticked(rect: Rect) -> Found {
    let inner = rect.inset(-rect.width().min(rect.height()) * 0.2);
    let mut path = BezPath::new();
    path.move_to((inner.x0, inner.y0));
    path.line_to((inner.x1, inner.y1));
    path.move_to((inner.x0, inner.y1));
    path.line_to((inner.x1, inner.y0));
    let width = (inner.width().min(inner.height()) * 0.12).max(0.8);
    let colour = hayro::vello_cpu::color::palette::css::BLACK;
    Found::Drawn(vec![Overlay::Strokes { path, width, colour }], PageLoss::FormField)
}

/// Size and colour of its letters, its own or those of the whole form.
fn letters(
    annotation: &Dict<'_>,
    form: Option<&Dict<'_>>,
) -> (f64, hayro::vello_cpu::color::AlphaColor<hayro::vello_cpu::color::Srgb>) {
    let own = match inherited(annotation, b"DA") {
        Some(Object::String(words)) => Some(words),
        Some(_) | None => None,
    };
    let words = own.or_else(|| form.and_then(|form| form.get::<PdfString<'_>>(b"DA")));
    pdf_text::appearance(words.as_ref().map(PdfString::as_bytes).unwrap_or_default())
}

/// A member of a field, its own or of a field above it.
fn inherited<'a>(field: &Dict<'a>, name: &[u8]) -> Option<Object<'a>> {
    let mut field = field.clone();
    for _ in 0..PARENTS_MAX {
        if let Some(found) = field.get::<Object<'_>>(name) {
            return Some(found);
        }
        field = field.get::<Dict<'_>>(b"Parent")?;
    }
    None
}

/// The words of a value; those of a list one after another, as the field shows them.
fn words(value: &Object<'_>, field: &Dict<'_>) -> Option<Vec<u8>> {
    match value {
        Object::String(words) => Some(shown(words.as_bytes(), field)),
        Object::Stream(words) => words.decoded_data().ok().map(|words| words.into_owned()),
        Object::Array(list) => {
            let words: Vec<_> =
                list.iter::<PdfString<'_>>().map(|part| shown(part.as_bytes(), field)).collect();
            Some(words.join(&b", "[..]))
        }
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::Name(_)
        | Object::Dict(_) => None,
    }
}

/// A choice as its field words it; its value may be a number or a code.
fn shown(value: &[u8], field: &Dict<'_>) -> Vec<u8> {
    let Some(Object::Array(choices)) = inherited(field, b"Opt") else { return value.to_vec() };
    let worded = choices.iter::<Object<'_>>().find_map(|choice| {
        let Object::Array(choice) = choice else { return None };
        let mut parts = choice.iter::<PdfString<'_>>();
        let is_it = parts.next()?.as_bytes() == value;
        is_it.then(|| parts.next()).flatten().map(|words| words.as_bytes().to_vec())
    });
    worded.unwrap_or_else(|| value.to_vec())
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

/// The picture an annotation brings of itself, in the state it is in.
fn look<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    match annotation.get::<Dict<'_>>(b"AP")?.get::<Object<'_>>(b"N")? {
        Object::Stream(look) => Some(look),
        Object::Dict(states) => states.get::<Stream<'_>>(&*annotation.get::<Name<'_>>(b"AS")?),
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::String(_)
        | Object::Name(_)
        | Object::Array(_) => None,
    }
}

/// Whether a field's picture has the words of its value in it.
fn shows(field: &Dict<'_>, words: &[u8]) -> bool {
    let drawn = look(field).and_then(|look| look.decoded_data().ok().map(|data| data.into_owned()));
    drawn.is_some_and(|drawn| drawn.windows(words.len()).any(|part| part == words))
}
