//! Strokes and areas that somebody put over a page: a word struck out, a line drawn, a part marked.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro::kurbo::{BezPath, Ellipse, Point, Rect, Shape as _, Vec2};
use hayro::vello_cpu::color::palette::css::{BLACK, YELLOW};
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use super::overlay::{Align, Overlay, Words};
use super::pdf_text::of_components;

/// Points of one mark; a scribble has some thousands.
const POINTS_MAX: usize = 200_000;

/// What is to be drawn of a mark; none where it cannot be drawn as it is meant.
pub(super) fn of(subtype: &[u8], mark: &Dict<'_>, rect: Rect) -> Option<Vec<Overlay>> {
    let colour = colour(mark, b"C");
    let ink = colour.unwrap_or(BLACK);
    match subtype {
        b"StrikeOut" => of_text(mark, ink, |[a, b, c, d]| (a.midpoint(c), b.midpoint(d))),
        b"Underline" | b"Squiggly" => of_text(mark, ink, |[_, _, c, d]| (c, d)),
        b"Highlight" => {
            let opacity = mark.get::<f32>(b"CA").unwrap_or(1.0).clamp(0.0, 1.0);
            let colour = colour.unwrap_or(YELLOW).with_alpha(opacity);
            let area = |[a, b, c, d]: [Point; 4]| Overlay::Mark {
                path: line(&[a, b, d, c], true),
                colour,
            };
            Some(quads(mark)?.into_iter().map(area).collect())
        }
        b"Ink" => {
            let strokes = mark.get::<Array<'_>>(b"InkList")?;
            let strokes = strokes.iter::<Array<'_>>().map(|stroke| points(&stroke));
            let strokes = strokes.collect::<Option<Vec<_>>>()?;
            let path = strokes.iter().flat_map(|stroke| line(stroke, false)).collect();
            Some(vec![stroke(mark, path, ink)?])
        }
        b"Line" => {
            let along = points(&mark.get::<Array<'_>>(b"L")?)?;
            with_ends(mark, &along, vec![stroke(mark, line(&along, false), ink)?], ink)
        }
        b"PolyLine" => {
            let corners = points(&mark.get::<Array<'_>>(b"Vertices")?)?;
            let drawn = enclosed(mark, line(&corners, false), ink)?;
            with_ends(mark, &corners, drawn, ink)
        }
        b"Polygon" => {
            let corners = points(&mark.get::<Array<'_>>(b"Vertices")?)?;
            enclosed(mark, line(&corners, true), ink)
        }
        b"Caret" => Some(vec![Overlay::Area { path: caret(rect), colour: ink }]),
        b"Text" => Some(note(rect, colour.unwrap_or(YELLOW))),
        b"Stamp" => Some(stamp(mark, rect)),
        b"Square" => enclosed(mark, rect.inset(-thickness(mark) / 2.0).to_path(0.1), ink),
        b"Circle" => {
            let inner = rect.inset(-thickness(mark) / 2.0);
            enclosed(mark, Ellipse::from_rect(inner).to_path(0.1), ink)
        }
        _ => None,
    }
}

/// A line along each stretch of text.
fn of_text(
    mark: &Dict<'_>,
    colour: AlphaColor<Srgb>,
    along: fn([Point; 4]) -> (Point, Point),
) -> Option<Vec<Overlay>> {
    let stroke = |quad: [Point; 4]| {
        let (from, to) = along(quad);
        let width = (quad[0].distance(quad[2]) * 0.07).clamp(0.5, 2.5);
        Overlay::Strokes { path: line(&[from, to], false), width, colour }
    };
    Some(quads(mark)?.into_iter().map(stroke).collect())
}

/// The stretches of text: upper left, upper right, lower left, lower right of each, as all programs write
/// them.
fn quads(mark: &Dict<'_>) -> Option<Vec<[Point; 4]>> {
    let points = points(&mark.get::<Array<'_>>(b"QuadPoints")?)?;
    let (quads, rest) = points.as_chunks::<4>();
    (rest.is_empty() && !quads.is_empty()).then(|| quads.to_vec())
}

fn points(numbers: &Array<'_>) -> Option<Vec<Point>> {
    let numbers: Vec<f32> = numbers.iter::<f32>().take(POINTS_MAX * 2).collect();
    let (pairs, odd) = numbers.as_chunks::<2>();
    let point = |pair: &[f32; 2]| Point::new(f64::from(pair[0]), f64::from(pair[1]));
    let points: Vec<_> = pairs.iter().map(point).collect();
    let sound = odd.is_empty() && points.len() > 1 && points.iter().all(|point| point.is_finite());
    sound.then_some(points)
}

fn line(points: &[Point], closed: bool) -> BezPath {
    let mut path = BezPath::new();
    for (index, point) in points.iter().enumerate() {
        if index == 0 { path.move_to(*point) } else { path.line_to(*point) }
    }
    if closed {
        path.close_path();
    }
    path
}

/// A stroke along a path; none where the mark is to have no thickness.
fn stroke(mark: &Dict<'_>, path: BezPath, colour: AlphaColor<Srgb>) -> Option<Overlay> {
    let width = thickness(mark);
    (width > 0.0).then_some(Overlay::Strokes { path, width, colour })
}

/// An outline, and what fills it if it is filled.
fn enclosed(mark: &Dict<'_>, path: BezPath, ink: AlphaColor<Srgb>) -> Option<Vec<Overlay>> {
    let filled = colour(mark, b"IC").map(|colour| Overlay::Area { path: path.clone(), colour });
    let overlays: Vec<_> = filled.into_iter().chain(stroke(mark, path, ink)).collect();
    (!overlays.is_empty()).then_some(overlays)
}

/// How thick its line is, one point where it does not say.
pub(super) fn thickness(mark: &Dict<'_>) -> f64 {
    let style = mark.get::<Dict<'_>>(b"BS").and_then(|style| style.get::<f32>(b"W"));
    let border = || mark.get::<Array<'_>>(b"Border").and_then(|border| border.iter::<f32>().nth(2));
    let width = f64::from(style.or_else(border).unwrap_or(1.0));
    if width.is_finite() { width.clamp(0.0, 50.0) } else { 1.0 }
}

/// A line and what stands at its ends (ISO 32000-1, table 176); none where that is not known.
fn with_ends(
    mark: &Dict<'_>,
    along: &[Point],
    mut drawn: Vec<Overlay>,
    ink: AlphaColor<Srgb>,
) -> Option<Vec<Overlay>> {
    let ends: Vec<Vec<u8>> = match mark.get::<Object<'_>>(b"LE") {
        Some(Object::Name(end)) => vec![b"None".to_vec(), end.to_vec()],
        Some(Object::Array(ends)) => ends.iter::<Name<'_>>().map(|end| end.to_vec()).collect(),
        Some(_) => return None,
        None => Vec::new(),
    };
    let ([first, second, ..], [.., last_but_one, last]) = (along, along) else { return None };
    let inside = colour(mark, b"IC");
    for (end, (from, to)) in ends.iter().zip([(second, first), (last_but_one, last)]) {
        if end == b"None" || from == to {
            continue;
        }
        let (path, closed) = end_of(end, *from, *to, thickness(mark).max(1.0))?;
        if closed && let Some(colour) = inside {
            drawn.push(Overlay::Area { path: path.clone(), colour });
        }
        drawn.push(Overlay::Strokes { path, width: thickness(mark).max(0.5), colour: ink });
    }
    Some(drawn)
}

/// The shape at the end of a line that comes from `from`, and whether it has an inside; none where its name
/// is not known.
fn end_of(name: &[u8], from: Point, to: Point, width: f64) -> Option<(BezPath, bool)> {
    let size = (width * 4.0).clamp(6.0, 30.0);
    let back = (from - to).normalize() * size;
    let aside = Vec2::new(-back.y, back.x);
    let head = |back: Vec2| [to + back + aside * 0.5, to, to + back - aside * 0.5];
    let round = |path: Rect| Ellipse::from_rect(path).to_path(0.05);
    let around = Rect::from_center_size(to, (size, size));
    Some(match name {
        b"OpenArrow" => (line(&head(back), false), false),
        b"ClosedArrow" => (line(&head(back), true), true),
        b"ROpenArrow" => (line(&head(-back), false), false),
        b"RClosedArrow" => (line(&head(-back), true), true),
        b"Butt" => (line(&[to + aside * 0.5, to - aside * 0.5], false), false),
        b"Slash" => {
            let slant = aside * 0.5 + back * 0.3;
            (line(&[to + slant, to - slant], false), false)
        }
        b"Square" => (around.to_path(0.05), true),
        b"Circle" => (round(around), true),
        b"Diamond" => {
            let (back, aside) = (back * 0.5, aside * 0.5);
            (line(&[to + back, to + aside, to - back, to - aside], true), true)
        }
        _ => return None,
    })
}

/// The line that leads from a remark to what it is about.
pub(super) fn leading_to(mark: &Dict<'_>) -> Option<Overlay> {
    let path = line(&points(&mark.get::<Array<'_>>(b"CL")?)?, false);
    stroke(mark, path, colour(mark, b"C").unwrap_or(BLACK))
}

/// The sign that something is to be put in.
fn caret(rect: Rect) -> BezPath {
    let mut path = BezPath::new();
    let middle = rect.center().x;
    path.move_to((rect.x0, rect.y0));
    path.quad_to((middle, rect.y0), (middle, rect.y1));
    path.quad_to((middle, rect.y0), (rect.x1, rect.y0));
    path.close_path();
    path
}

/// The sign that a note is here: a small sheet with lines, at the upper left as others put it.
fn note(rect: Rect, colour: AlphaColor<Srgb>) -> Vec<Overlay> {
    let (width, height) = (rect.width().clamp(8.0, 20.0), rect.height().clamp(8.0, 20.0));
    let sheet = Rect::new(rect.x0, rect.y1 - height, rect.x0 + width, rect.y1);
    let row = |part: f64| {
        let y = sheet.y1 - sheet.height() * part;
        line(&[Point::new(sheet.x0 + width * 0.2, y), Point::new(sheet.x1 - width * 0.2, y)], false)
    };
    let lines = [0.3, 0.5, 0.7].into_iter().flat_map(row).chain(sheet.to_path(0.1)).collect();
    vec![
        Overlay::Area { path: sheet.to_path(0.1), colour },
        Overlay::Strokes { path: lines, width: 1.0, colour: BLACK },
    ]
}

/// A stamp by its name (ISO 32000-1, 12.5.6.12): its words in a frame, in red.
fn stamp(mark: &Dict<'_>, rect: Rect) -> Vec<Overlay> {
    let name = mark.get::<Name<'_>>(b"Name");
    let name = name.as_ref().map_or("Draft", |name| name.as_str());
    let mut text = String::new();
    for letter in name.trim_start_matches('#').chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(letter.to_uppercase());
    }
    let colour = AlphaColor::from_rgba8(190, 20, 20, 255);
    let frame = rect.inset(-rect.height().min(rect.width()) * 0.08);
    // Half a letter's size each, capitals a little more, as many as there are.
    let letter = frame.width() / (text.chars().count().max(1) as f64 * 0.75);
    let letter = letter.min(frame.height() * 0.7);
    let (align, one_line, cells) = (Align::Middle, true, 0);
    let words = Words { text, rect: frame, letter, colour, align, one_line, cells };
    let width = (frame.height() * 0.05).clamp(0.8, 4.0);
    vec![Overlay::Strokes { path: frame.to_path(0.1), width, colour }, Overlay::Words(words)]
}

/// A colour under a name; none where it is to have none.
pub(super) fn colour(mark: &Dict<'_>, name: &[u8]) -> Option<AlphaColor<Srgb>> {
    let components: Vec<f32> = mark.get::<Array<'_>>(name)?.iter::<f32>().take(5).collect();
    of_components(&components)
}
