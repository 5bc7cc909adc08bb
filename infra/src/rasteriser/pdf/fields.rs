//! Fields of a form that bring no picture of themselves, or one of an older value: their frame, and what is
//! filled into them, as the form says it is to stand there.

use domain::access::page_loss::PageLoss;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use hayro::kurbo::{self, BezPath, Ellipse, Point, Rect, Shape as _};
use hayro::vello_cpu::color::palette::css::{BLACK, WHITE};
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use super::marks;
use super::overlay::{Align, Overlay, Words};
use super::pdf_text;

/// Several lines; words that nobody is to read; the name of a file.
const MULTILINE: u32 = 1 << 12;
const SECRET: u32 = 1 << 13;
const FILE: u32 = 1 << 20;
/// A cell for each letter.
const COMB: u32 = 1 << 24;
/// Of a button: one of several; one that is pressed and keeps nothing.
const RADIO: u32 = 1 << 15;
const PRESSED: u32 = 1 << 16;
/// A field inherits from so many fields above it.
const PARENTS_MAX: usize = 32;
/// So many cells are drawn.
const CELLS_MAX: u32 = 1_000;
/// A dash, and what is between two, where nothing is said.
const DASH_USUAL: f32 = 3.0;

/// What something that was written over a page comes to.
pub(super) enum FoundOver {
    /// The engine draws it, or there is nothing to see.
    Nothing,
    /// To be drawn by us, and what is missing if it cannot be.
    Drawn(Vec<Overlay>, PageLoss),
    /// What is missing.
    Lost(PageLoss),
}

/// What there is to see of a field.
pub(super) fn found(field: &Dict<'_>, rect: Rect, form: Option<&Dict<'_>>) -> FoundOver {
    let value = inherited(field, b"V");
    let Some(Object::Name(kind)) = inherited(field, b"FT") else { return FoundOver::Nothing };
    match &*kind {
        b"Tx" | b"Ch" => match value.as_ref().and_then(|value| words(value, field)) {
            Some(words) => filled(field, words, rect, form),
            None => framed(field, rect, Vec::new()),
        },
        b"Btn" => button(field, value.as_ref(), rect, form),
        b"Sig" if value.is_some() && look(field).is_none() => FoundOver::Lost(PageLoss::FormField),
        _ => FoundOver::Nothing,
    }
}

/// A field with words in it: drawn by the engine, unless it has no picture of them, or one of older words.
fn filled(field: &Dict<'_>, words: Vec<u8>, rect: Rect, form: Option<&Dict<'_>>) -> FoundOver {
    let flags = flags(field);
    let text = pdf_text::decoded(&words);
    if text.trim().is_empty() || flags & SECRET != 0 {
        return framed(field, rect, Vec::new());
    }
    // The form may say that the pictures of its fields are older than their values.
    let needed = form.and_then(|form| form.get::<bool>(b"NeedAppearances")).unwrap_or(false);
    let is_older = look(field).is_some();
    if is_older && (!needed || shows(field, &words)) {
        return FoundOver::Nothing;
    }
    let (letter, colour) = letters(field, form);
    let cells = cells(field).filter(|cells| text.chars().count() <= *cells as usize);
    let words = Words {
        text,
        rect: rect.inset(-border(field).map_or(0.0, |border| border.1)),
        letter,
        colour,
        align: align(field, form),
        one_line: flags & MULTILINE == 0,
        cells: cells.unwrap_or(0),
    };
    let paper = is_older.then(|| Overlay::Area { path: rect.to_path(0.1), colour: WHITE });
    let drawn = frame(field, rect).into_iter().chain([Overlay::Words(words)]);
    FoundOver::Drawn(paper.into_iter().chain(drawn).collect(), PageLoss::FormField)
}

/// A button: whether it is on, or what stands on it.
fn button(
    field: &Dict<'_>,
    value: Option<&Object<'_>>,
    rect: Rect,
    form: Option<&Dict<'_>>,
) -> FoundOver {
    if flags(field) & PRESSED != 0 {
        let style = field.get::<Dict<'_>>(b"MK");
        let caption = style.and_then(|style| style.get::<PdfString<'_>>(b"CA"));
        let text = caption.map(|words| pdf_text::decoded(words.as_bytes())).unwrap_or_default();
        let (letter, colour) = letters(field, form);
        let (align, one_line, cells) = (Align::Middle, true, 0);
        let words = Words { text, rect, letter, colour, align, one_line, cells };
        let words = (!words.text.trim().is_empty()).then_some(Overlay::Words(words));
        return framed(field, rect, words.into_iter().collect());
    }
    let state = field.get::<Name<'_>>(b"AS").or_else(|| match value {
        Some(Object::Name(state)) => Some(state.clone()),
        Some(_) | None => None,
    });
    let is_on = state.is_some_and(|state| &*state != b"Off");
    framed(field, rect, if is_on { vec![tick(rect)] } else { Vec::new() })
}

/// Its frame and what is in it, if the engine draws nothing of the field.
fn framed(field: &Dict<'_>, rect: Rect, inside: Vec<Overlay>) -> FoundOver {
    // Of a button in a state that it has no picture of, there is one of another state.
    let has_any = field.get::<Dict<'_>>(b"AP").is_some_and(|looks| looks.contains_key(b"N"));
    let frame = if has_any { Vec::new() } else { frame(field, rect) };
    if look(field).is_some() || frame.is_empty() && inside.is_empty() {
        return FoundOver::Nothing;
    }
    FoundOver::Drawn(frame.into_iter().chain(inside).collect(), PageLoss::FormField)
}

/// What fills a field below its words, its border, and the lines between its cells (ISO 32000-1, 12.5.6.19).
fn frame(field: &Dict<'_>, rect: Rect) -> Vec<Overlay> {
    let style = field.get::<Dict<'_>>(b"MK");
    let is_round = is_button(field) && flags(field) & (RADIO | PRESSED) == RADIO;
    let outline = |rect: Rect| match is_round {
        true => Ellipse::from_rect(rect).to_path(0.05),
        false => rect.to_path(0.1),
    };
    let fill = style.and_then(|style| marks::colour(&style, b"BG"));
    let fill = fill.map(|colour| Overlay::Area { path: outline(rect), colour });
    let border = border(field).map(|(colour, width)| {
        let kind = field.get::<Dict<'_>>(b"BS").and_then(|style| style.get::<Name<'_>>(b"S"));
        let inner = rect.inset(-width / 2.0);
        let mut path = match kind.as_deref() {
            Some(b"U") => straight((inner.x0, inner.y0), (inner.x1, inner.y0)),
            Some(b"D") => kurbo::dash(outline(inner).iter(), 0.0, &dashes(field)).collect(),
            Some(_) | None => outline(inner),
        };
        let cells = cells(field).unwrap_or(1);
        for cell in 1..cells {
            let x = rect.x0 + rect.width() * f64::from(cell) / f64::from(cells);
            path.extend(straight((x, rect.y0), (x, rect.y1)));
        }
        Overlay::Strokes { path, width, colour }
    });
    fill.into_iter().chain(border).collect()
}

fn is_button(field: &Dict<'_>) -> bool {
    matches!(inherited(field, b"FT"), Some(Object::Name(kind)) if &*kind == b"Btn")
}

/// Colour and width of a field's border, if it has one.
fn border(field: &Dict<'_>) -> Option<(AlphaColor<Srgb>, f64)> {
    let colour = marks::colour(&field.get::<Dict<'_>>(b"MK")?, b"BC")?;
    let width = marks::thickness(field);
    (width > 0.0).then_some((colour, width))
}

fn dashes(field: &Dict<'_>) -> Vec<f64> {
    let said = field.get::<Dict<'_>>(b"BS").and_then(|style| style.get::<Array<'_>>(b"D"));
    let said: Vec<f32> = said.map(|said| said.iter::<f32>().take(8).collect()).unwrap_or_default();
    let sound = !said.is_empty() && said.iter().all(|length| (0.1..1_000.0).contains(length));
    let lengths = if sound { said } else { vec![DASH_USUAL] };
    // One alone is as long as what follows it.
    let lengths = if lengths.len() == 1 { lengths.repeat(2) } else { lengths };
    lengths.into_iter().map(f64::from).collect()
}

fn straight(from: (f64, f64), to: (f64, f64)) -> BezPath {
    let mut path = BezPath::new();
    path.move_to(Point::from(from));
    path.line_to(Point::from(to));
    path
}

/// How many cells a field has, one for each letter.
fn cells(field: &Dict<'_>) -> Option<u32> {
    let Some(Object::Number(most)) = inherited(field, b"MaxLen") else { return None };
    let cells = u32::try_from(most.as_i64()).ok().filter(|cells| (1..=CELLS_MAX).contains(cells));
    cells.filter(|_| flags(field) & (COMB | MULTILINE | SECRET | FILE) == COMB)
}

fn flags(field: &Dict<'_>) -> u32 {
    match inherited(field, b"Ff") {
        Some(Object::Number(flags)) => u32::try_from(flags.as_i64()).unwrap_or(0),
        Some(_) | None => 0,
    }
}

/// Where in its rectangle a line stands, by what the field or the whole form says.
pub(super) fn align(field: &Dict<'_>, form: Option<&Dict<'_>>) -> Align {
    let own = match inherited(field, b"Q") {
        Some(Object::Number(said)) => Some(said.as_i64()),
        Some(_) | None => None,
    };
    match own.or_else(|| form.and_then(|form| form.get::<i32>(b"Q")).map(i64::from)) {
        Some(1) => Align::Middle,
        Some(2) => Align::End,
        Some(_) | None => Align::Start,
    }
}

/// The sign in a box that is ticked: a cross.
fn tick(rect: Rect) -> Overlay {
    let inner = rect.inset(-rect.width().min(rect.height()) * 0.2);
    let mut path = straight((inner.x0, inner.y0), (inner.x1, inner.y1));
    path.extend(straight((inner.x0, inner.y1), (inner.x1, inner.y0)));
    let width = (inner.width().min(inner.height()) * 0.12).max(0.8);
    Overlay::Strokes { path, width, colour: BLACK }
}

/// Size and colour of its letters, its own or those of the whole form.
pub(super) fn letters(annotation: &Dict<'_>, form: Option<&Dict<'_>>) -> (f64, AlphaColor<Srgb>) {
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

/// The picture an annotation brings of itself, in the state it is in.
pub(super) fn look<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
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
