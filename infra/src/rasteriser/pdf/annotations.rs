//! What was written over a page and brings no picture of itself: filled fields, remarks, strokes. Other
//! readers draw them by what they say; the engine leaves them out.

use std::collections::BTreeSet;

use domain::access::page_loss::PageLoss;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream, String as PdfString};
use hayro::hayro_syntax::page::Page;

const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;
/// A field inherits from so many fields above it.
const PARENTS_MAX: usize = 32;

/// What of it is not on the page.
pub(super) fn not_drawn(page: &Page<'_>) -> BTreeSet<PageLoss> {
    let look = Look { values_come_first: values_come_first(page) };
    let annotations = page.raw().get::<Array<'_>>(b"Annots");
    let annotations = annotations.iter().flat_map(Array::iter::<Dict<'_>>);
    annotations.filter_map(|annotation| look.at(&annotation)).collect()
}

/// Whether the form says that the pictures of its fields may be older than their values.
fn values_come_first(page: &Page<'_>) -> bool {
    let xref = page.xref();
    let catalogue = xref.get::<Dict<'_>>(xref.root_id());
    let form = catalogue.and_then(|catalogue| catalogue.get::<Dict<'_>>(b"AcroForm"));
    form.and_then(|form| form.get::<bool>(b"NeedAppearances")).unwrap_or(false)
}

struct Look {
    values_come_first: bool,
}

impl Look {
    /// What of one annotation is not drawn.
    fn at(&self, annotation: &Dict<'_>) -> Option<PageLoss> {
        let flags = annotation.get::<u32>(b"F").unwrap_or(0);
        let rect = annotation.get::<Rect>(b"Rect");
        let seen = rect.is_some_and(|rect| rect.width() > 0.0 && rect.height() > 0.0);
        if flags & (HIDDEN | NO_VIEW) != 0 || !seen {
            return None;
        }
        let subtype = annotation.get::<Name<'_>>(b"Subtype");
        match subtype.as_deref().unwrap_or_default() {
            b"Widget" => self.is_field_lost(annotation).then_some(PageLoss::FormField),
            // Nothing of these is on a page: they lead elsewhere, or belong to a note beside them.
            b"Link" | b"Popup" | b"TrapNet" | b"PrinterMark" | b"Watermark" | b"Screen" => None,
            // A note's words show when somebody points at it, and nobody points at a picture.
            b"Text" => has_words(annotation).then_some(PageLoss::Remark),
            _ => (!has_look(annotation)).then_some(PageLoss::Remark),
        }
    }

    fn is_field_lost(&self, field: &Dict<'_>) -> bool {
        let value = inherited(field, b"V");
        let kind = match inherited(field, b"FT") {
            Some(Object::Name(kind)) => kind,
            Some(_) | None => return false,
        };
        match &*kind {
            b"Tx" | b"Ch" => {
                let Some(words) = value.as_ref().and_then(words) else { return false };
                let stale = || self.values_come_first && !shows(field, &words);
                !words.is_empty() && (!has_look(field) || stale())
            }
            b"Btn" => {
                let state = field.get::<Name<'_>>(b"AS").or_else(|| match value {
                    Some(Object::Name(state)) => Some(state),
                    Some(_) | None => None,
                });
                state.is_some_and(|state| &*state != b"Off") && !has_look(field)
            }
            b"Sig" => value.is_some() && !has_look(field),
            _ => false,
        }
    }
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

/// The words of a value; those of a list one after the other.
fn words(value: &Object<'_>) -> Option<Vec<u8>> {
    match value {
        Object::String(words) => Some(words.as_bytes().to_vec()),
        Object::Stream(words) => words.decoded_data().ok().map(|words| words.into_owned()),
        Object::Array(list) => {
            Some(list.iter::<PdfString<'_>>().flat_map(|part| part.as_bytes().to_vec()).collect())
        }
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::Name(_)
        | Object::Dict(_) => None,
    }
}

fn has_words(annotation: &Dict<'_>) -> bool {
    let words = annotation.get::<PdfString<'_>>(b"Contents");
    words.is_some_and(|words| words.as_bytes().iter().any(|byte| !byte.is_ascii_whitespace()))
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

fn has_look(annotation: &Dict<'_>) -> bool {
    look(annotation).is_some()
}

/// Whether a field's picture has the words of its value in it.
fn shows(field: &Dict<'_>, words: &[u8]) -> bool {
    let drawn = look(field).and_then(|look| look.decoded_data().ok().map(|data| data.into_owned()));
    drawn.is_some_and(|drawn| drawn.windows(words.len()).any(|part| part == words))
}
