//! Strokes and areas that somebody put over a page: a word struck out, a line drawn, a part marked.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro::kurbo::{BezPath, Ellipse, Point, Rect, Shape as _};
use hayro::vello_cpu::color::palette::css::{BLACK, YELLOW};
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use super::overlay::Overlay;
use super::pdf_text::of_components;

/// How much of a marked text shows through.
const MARK_ALPHA: f32 = 0.4;
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
            let colour = colour.unwrap_or(YELLOW).with_alpha(MARK_ALPHA);
            let area = |[a, b, c, d]: [Point; 4]| Overlay::Area {
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
        b"Line" if ends_plainly(mark) => {
            let ends = points(&mark.get::<Array<'_>>(b"L")?)?;
            Some(vec![stroke(mark, line(&ends, false), ink)?])
        }
        b"PolyLine" | b"Polygon" if ends_plainly(mark) => {
            let corners = points(&mark.get::<Array<'_>>(b"Vertices")?)?;
            enclosed(mark, line(&corners, subtype == b"Polygon"), ink)
        }
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

fn thickness(mark: &Dict<'_>) -> f64 {
    let style = mark.get::<Dict<'_>>(b"BS").and_then(|style| style.get::<f32>(b"W"));
    let border = || mark.get::<Array<'_>>(b"Border").and_then(|border| border.iter::<f32>().nth(2));
    let width = f64::from(style.or_else(border).unwrap_or(1.0));
    if width.is_finite() { width.clamp(0.0, 50.0) } else { 1.0 }
}

/// A line with an arrow, a dot or a bar at its end means more than a line.
fn ends_plainly(mark: &Dict<'_>) -> bool {
    match mark.get::<Object<'_>>(b"LE") {
        Some(Object::Name(end)) => &*end == b"None",
        Some(Object::Array(ends)) => ends.iter::<Name<'_>>().all(|end| &*end == b"None"),
        Some(_) => false,
        None => true,
    }
}

fn colour(mark: &Dict<'_>, name: &[u8]) -> Option<AlphaColor<Srgb>> {
    let components: Vec<f32> = mark.get::<Array<'_>>(name)?.iter::<f32>().take(5).collect();
    of_components(&components)
}
