//! PDF pages, through hayro, which brings stand-ins for the fourteen standard fonts. What the engine leaves
//! out without a word is looked for here (`docs/adr/0022-what-is-missing-on-a-page-is-said.md`).

mod annotations;
mod boxes;
mod content;
mod fields;
mod fonts;
mod groups;
mod instead;
mod listener;
mod marks;
mod overlay;
mod pdf_text;
mod picture_data;
mod resources;
mod streams;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::access::page_loss::PageLoss;
use hayro::hayro_interpret::{
    InterpreterSettings, InterpreterWarning, RenderContent, TransformExt,
};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::kurbo::Affine;
use hayro::{RenderCache, RenderSettings};

use self::overlay::Overlay;
use super::canvas::{Canvas, Sheet};
use super::face::Face;
use super::frame::{PageMeasure, Wish};
use super::limits::DrawingLimits;
use super::refusal::DrawError;
use commands::ports::rasteriser::ExceededLimit;

/// Pixels a point has at least, or letters of ten points are not to be read and that is said.
const LEAST_SCALE: f64 = 0.7;

/// A PDF that opened, and how many pages it has: at least one.
pub(super) struct OpenPdf {
    pdf: Pdf,
    pages: u32,
}

impl OpenPdf {
    /// A file that opens with the empty password (an "owner password" only) does; one that asks for a
    /// password does not.
    pub(super) fn new(document: Vec<u8>, limits: &DrawingLimits) -> Result<Self, DrawError> {
        let opened = Pdf::new(document).map_err(|error| match error {
            LoadPdfError::Decryption(_) => DrawError::Encrypted,
            LoadPdfError::Invalid => DrawError::Damaged,
        })?;
        let mended = boxes::mended(&opened).and_then(|again| Pdf::new(again).ok());
        let as_many = |again: &Pdf| again.pages().len() == opened.pages().len();
        let pdf = mended.filter(as_many).unwrap_or(opened);
        let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
        if pages > limits.pages_max {
            let limit = u64::from(limits.pages_max);
            return Err(DrawError::TooLarge { bound: ExceededLimit::Pages, limit });
        }
        if pages == 0 {
            return Err(DrawError::Damaged);
        }
        Ok(Self { pdf, pages })
    }

    /// Draws one page.
    pub(super) fn draw(
        &self,
        page: u32,
        wish: Wish,
        limits: &DrawingLimits,
    ) -> Result<Sheet, DrawError> {
        let index = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
        let pages = self.pages;
        let found = index.and_then(|index| self.pdf.pages().get(index));
        let found = found.ok_or(DrawError::NoSuchPage { pages })?;
        let undone = groups::undone(&self.pdf, found).and_then(|again| Pdf::new(again).ok());
        let again = index.zip(undone.as_ref()).and_then(|(at, pdf)| pdf.pages().get(at));
        draw(again.unwrap_or(found), pages, wish, limits)
    }
}

fn draw(
    found: &Page<'_>,
    pages: u32,
    wish: Wish,
    limits: &DrawingLimits,
) -> Result<Sheet, DrawError> {
    let (width, height) = found.render_dimensions();
    let paper = PageMeasure::points(f64::from(width), f64::from(height));
    let framed = paper.framed(wish, limits)?;
    let transform = framed.transform() * found.initial_transform(true).to_kurbo();
    let heard = Heard::default();
    let drawn = |content| drawn((found, &heard, content), transform, (framed.width, framed.height));
    let mut canvas = drawn(RenderContent::all());
    let highlights = annotations::highlights(found);
    if !highlights.is_empty() {
        let places: Vec<_> =
            highlights.iter().map(|place| transform.transform_rect_bbox(*place)).collect();
        let (page, over) = (drawn(RenderContent::PAGE), drawn(RenderContent::ANNOTATIONS));
        canvas.lay_over_each_other(&page, &over, &places);
    }
    let mut face = Face::proportional();
    let listened = listener::listen(found);
    let written = annotations::written_over(found, &listened.letters, &mut face);
    let mut missing = what_is_missing(found, &heard);
    missing.extend(listened.missing);
    missing.extend(written.missing);
    let mut overlays = Vec::with_capacity(listened.instead.len());
    for letter in &listened.instead {
        match letter.overlay(&mut face) {
            Some(overlay) => overlays.push(overlay),
            None => {
                missing.insert(PageLoss::Letters);
            }
        }
    }
    overlays.extend(written.overlays);
    let (marks, inked): (Vec<_>, Vec<_>) = overlays.into_iter().partition(Overlay::shows_through);
    if !marks.is_empty() {
        canvas.darken(|context| {
            marks.iter().for_each(|one| one.draw(context, &mut face, transform));
        });
    }
    if !inked.is_empty() {
        canvas.paint(|context| {
            inked.iter().for_each(|one| one.draw(context, &mut face, transform));
        });
    }
    let is_small = framed.is_coarser(LEAST_SCALE, limits);
    Ok(Sheet { canvas, pages, frame: framed.shown, is_small, missing })
}

/// What the engine makes of a page, or of a part of what is on it.
fn drawn(
    (page, heard, content): (&Page<'_>, &Heard, RenderContent),
    transform: Affine,
    (width, height): (u16, u16),
) -> Canvas {
    Canvas::drawn(width, height, |context| {
        let settings = InterpreterSettings { render_content: content, ..heard.settings() };
        let cache = RenderCache::new();
        hayro::render_into(page, &cache, &settings, &RenderSettings::default(), context, transform);
        // A broken page may leave layers open, which the rasteriser would take for a mistake of ours.
        context.reset_mask();
    })
}

/// What the engine says of a page, and what it does not say and can be found out.
fn what_is_missing(page: &Page<'_>, heard: &Heard) -> BTreeSet<PageLoss> {
    let mut missing = heard.losses();
    if !boxes::has_a_size(page) {
        missing.insert(PageLoss::Content);
    }
    missing.extend(resources::what_does_not_open(page));
    missing
}

/// What the engine warned of while it drew.
#[derive(Default)]
struct Heard(Arc<Mutex<BTreeSet<PageLoss>>>);

impl Heard {
    fn settings(&self) -> InterpreterSettings {
        let warnings = Arc::clone(&self.0);
        let warning_sink = Arc::new(move |warning| {
            let loss = match warning {
                InterpreterWarning::UnsupportedFont => PageLoss::Font,
                InterpreterWarning::ImageDecodeFailure => PageLoss::Picture,
                // Said of every box that is not ticked, too: `annotations` looks closer.
                InterpreterWarning::UnresolvedAnnotationAppearance => return,
                // A later engine may warn of more; what it is, nobody here knows yet.
                _ => PageLoss::Content,
            };
            warnings.lock().unwrap_or_else(PoisonError::into_inner).insert(loss);
        });
        InterpreterSettings { warning_sink, ..fonts::settings().0 }
    }

    fn losses(&self) -> BTreeSet<PageLoss> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
