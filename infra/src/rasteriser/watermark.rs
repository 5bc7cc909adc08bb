//! The reader's name, the time and the event over every page, and the same in a line below it.

use hayro::kurbo::{self, Affine, BezPath, Rect, Shape, Stroke, StrokeOpts};
use hayro::vello_cpu::RenderContext;
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use super::canvas::{self, Sheet};
use super::face::{ADVANCE, Face, columns};
use super::notice::Notice;
use commands::ports::page_region::{PageArea, PageFrame};
use commands::ports::rasteriser::PageJob;

/// Narrower pages are laid on paper of this width, so that the footer stays readable.
const WIDTH_PX_MIN: u16 = 480;
const LINES_MAX: usize = 4;
const LETTERS_MAX: usize = 64;
/// Up to the right, about 27 degrees: crosses lines of text without following any.
const SLOPE_RADIANS: f64 = -0.47;
const LEADING: f64 = 1.35;
/// Dark letters show on paper, their light rim on an X-ray; together they show on any grey.
const INK: AlphaColor<Srgb> = AlphaColor::from_rgba8(45, 60, 120, 52);
const RIM: AlphaColor<Srgb> = AlphaColor::from_rgba8(235, 240, 255, 66);
const RIM_WIDTH: f64 = 0.07;
const FOOTER_INK: AlphaColor<Srgb> = AlphaColor::from_rgba8(60, 60, 70, 255);
const FOOTER_RULE: AlphaColor<Srgb> = AlphaColor::from_rgba8(190, 190, 200, 255);

/// Lays the page on its paper and writes over it.
pub(super) fn stamp(mut sheet: Sheet, job: &PageJob) -> Sheet {
    let mut face = Face::embedded();
    let lines = tidied(&legible(job, &mut face));
    let width = sheet.canvas.width().max(WIDTH_PX_MIN);
    let footer = Footer::new(&lines, &place(job, &sheet), f64::from(width));
    let notice = Notice::of(&sheet.missing, sheet.is_small, f64::from(width));
    let above = notice.as_ref().map_or(0, Notice::height);
    let page_end = above.saturating_add(sheet.canvas.height());
    let mut canvas = sheet.canvas.on_paper(width, above, footer.height());
    let (width, page_end) = (f64::from(width), f64::from(page_end));
    canvas.paint(|context| {
        if let Some(notice) = &notice {
            notice.draw(context, &mut face, width);
        }
        context.push_clip_rect(&Rect::new(0.0, 0.0, width, page_end));
        repeat(context, &mut face, &lines, width, page_end);
        context.pop_clip();
        footer.draw(context, &mut face, width, page_end);
    });
    sheet.canvas = canvas;
    sheet
}

/// The lines, with the reader's id in place of a name that cannot be written: a mark of boxes names nobody.
fn legible(job: &PageJob, face: &mut Face) -> Vec<String> {
    let mut lines = job.watermark.clone();
    if let Some(name) = lines.first_mut()
        && !face.can_write(name)
    {
        name.clone_from(&job.reader_id);
    }
    lines
}

/// The lines come from names: no line breaks, no endless ones.
fn tidied(lines: &[String]) -> Vec<String> {
    let shorten = |line: &String| {
        let mut letters: String =
            line.chars().filter(|l| !l.is_control()).take(LETTERS_MAX + 1).collect();
        if letters.chars().count() > LETTERS_MAX {
            letters = letters.chars().take(LETTERS_MAX - 1).chain(['…']).collect();
        }
        letters
    };
    lines.iter().take(LINES_MAX).map(shorten).filter(|line| !line.trim().is_empty()).collect()
}

/// Sets the block again and again, every second row shifted, over the page and a little beyond.
fn repeat(context: &mut RenderContext, face: &mut Face, lines: &[String], width: f64, height: f64) {
    let letter = (width / 52.0).clamp(12.0, 44.0);
    let longest = lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let block = block(face, lines);
    let block_width = longest as f64 * ADVANCE * letter;
    let block_height = lines.len() as f64 * LEADING * letter;
    let rim = kurbo::stroke(block.iter(), &Stroke::new(RIM_WIDTH), &StrokeOpts::default(), 0.01);
    let step = (block_width + 5.0 * letter, block_height + 4.0 * letter);
    let reach = width.hypot(height) / 2.0;
    let middle = Affine::translate((width / 2.0, height / 2.0)) * Affine::rotate(SLOPE_RADIANS);
    let mut y = -reach;
    let mut shifted = false;
    while y < reach {
        let mut x = -reach - if shifted { step.0 / 2.0 } else { 0.0 };
        while x < reach {
            let at = middle * Affine::translate((x, y)) * Affine::scale(letter);
            canvas::fill(context, &rim, at, RIM);
            canvas::fill(context, &block, at, INK);
            x += step.0;
        }
        y += step.1;
        shifted = !shifted;
    }
}

fn block(face: &mut Face, lines: &[String]) -> BezPath {
    let mut block = BezPath::new();
    let mut baseline = 1.0;
    for line in lines {
        block.extend(Affine::translate((0.0, baseline)) * face.line(line));
        baseline += LEADING;
    }
    block
}

/// Which page it is, and which part of it.
fn place(job: &PageJob, sheet: &Sheet) -> String {
    let page = format!("page {} of {}", job.page, sheet.pages);
    let PageFrame { full, area, .. } = sheet.frame;
    if area == full.all() {
        return page;
    }
    let PageArea { left, top, width, height } = area;
    format!("{page}, part {left},{top},{width},{height} of {} x {}", full.width, full.height)
}

/// The strip below the page, where the same words can be read without effort.
struct Footer {
    rows: Vec<String>,
    letter: f64,
}

impl Footer {
    fn new(lines: &[String], place: &str, width: f64) -> Self {
        let letter = (width / 78.0).clamp(11.0, 30.0);
        let most = ((width - 2.0 * letter) / (letter * ADVANCE)) as usize;
        let mut rows: Vec<String> = Vec::new();
        for part in lines.iter().map(String::as_str).chain([place]) {
            match rows.last_mut() {
                Some(row) if columns(row) + 3 + columns(part) <= most => {
                    row.push_str(" · ");
                    row.push_str(part);
                }
                Some(_) | None => rows.push(part.to_owned()),
            }
        }
        Self { rows, letter }
    }

    fn height(&self) -> u16 {
        ((self.rows.len() as f64 * LEADING + 1.0) * self.letter).ceil() as u16
    }

    fn draw(&self, context: &mut RenderContext, face: &mut Face, width: f64, top: f64) {
        let rule = Rect::new(0.0, 0.0, width, 1.0).to_path(0.1);
        canvas::fill(context, &rule, Affine::translate((0.0, top)), FOOTER_RULE);
        let mut baseline = top + 1.4 * self.letter;
        for row in &self.rows {
            let at = Affine::translate((self.letter, baseline)) * Affine::scale(self.letter);
            canvas::fill(context, &face.line(row), at, FOOTER_INK);
            baseline += LEADING * self.letter;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use commands::ports::page_region::PageSize;
    use domain::access::page_loss::PageLoss;

    use commands::ports::rasteriser::PageEncoding;

    use super::*;
    use crate::rasteriser::canvas::Canvas;

    fn stamped(paper: [u8; 3], lines: &[&str]) -> Canvas {
        let rgba = [paper[0], paper[1], paper[2], 255].repeat(600 * 800);
        let canvas = Canvas::from_rgba(600, 800, rgba, true);
        stamp(sheet(canvas, BTreeSet::new()), &job(lines)).canvas
    }

    fn sheet(canvas: Canvas, missing: BTreeSet<PageLoss>) -> Sheet {
        let full = PageSize { width: 600, height: 800 };
        let frame = PageFrame { full, area: full.all(), drawn: full };
        Sheet { canvas, pages: 3, frame, is_small: false, missing }
    }

    fn job(lines: &[&str]) -> PageJob {
        PageJob {
            media_type: "application/pdf".to_owned(),
            page: 2,
            region: None,
            watermark: lines.iter().map(ToString::to_string).collect(),
            reader_id: "doctor:17".to_owned(),
            width_px: 600,
            encoding: PageEncoding::Png,
        }
    }

    #[test]
    fn a_name_that_cannot_be_written_gives_way_to_the_readers_id() {
        let mut face = Face::embedded();
        assert_eq!(legible(&job(&["Dr Bo Lind", "noon"]), &mut face), ["Dr Bo Lind", "noon"]);
        assert_eq!(legible(&job(&["Dr 田中", "noon"]), &mut face), ["Dr 田中", "noon"]);
        assert_eq!(legible(&job(&["डॉ. आशा", "noon"]), &mut face), ["डॉ. आशा", "noon"]);
        assert_eq!(legible(&job(&["ডাঃ আশা", "noon"]), &mut face), ["doctor:17", "noon"]);
    }

    #[test]
    fn what_is_missing_is_said_above_the_page_and_not_over_it() {
        let whole = stamped([255; 3], &["Dr Bo Lind"]);
        let canvas = Canvas::from_rgba(600, 800, [255; 4].repeat(600 * 800), true);
        let missing = [PageLoss::Picture].into();
        let cut = stamp(sheet(canvas, missing), &job(&["Dr Bo Lind"])).canvas;
        assert!(cut.height() > whole.height() + 20);
        let red = |canvas: &Canvas| {
            let all = (0..canvas.height()).flat_map(|y| (0..600).map(move |x| (x, y)));
            all.filter(|(x, y)| matches!(canvas.pixel(*x, *y), [150..=255, 0..60, 0..60])).count()
        };
        assert!(red(&cut) > 200 && red(&whole) == 0, "{} {}", red(&cut), red(&whole));
    }

    /// Pixels of the page itself that no longer have the paper's colour.
    fn changed(canvas: &Canvas, paper: [u8; 3]) -> usize {
        let all = (0..800).flat_map(|y| (0..600).map(move |x| (x, y)));
        let far = |a: u8, b: u8| a.abs_diff(b) > 12;
        all.filter(|(x, y)| {
            let pixel = canvas.pixel(*x, *y);
            (0..3).any(|channel| far(pixel[channel], paper[channel]))
        })
        .count()
    }

    #[test]
    fn the_mark_shows_on_paper_on_film_and_on_grey() {
        for paper in [[255, 255, 255], [0, 0, 0], [128, 128, 128]] {
            let canvas = stamped(paper, &["Dr Bo Lind", "2026-03-01 10:00 UTC"]);
            let share = changed(&canvas, paper) * 100 / (600 * 800);
            assert!((3..30).contains(&share), "{paper:?}: {share} % of the page");
        }
    }

    #[test]
    fn no_quarter_of_the_page_is_free_of_it() {
        let canvas = stamped([255; 3], &["Dr Bo Lind"]);
        for (left, top) in [(0, 0), (300, 0), (0, 400), (300, 400)] {
            let quarter = (top..top + 400).flat_map(|y| (left..left + 300).map(move |x| (x, y)));
            let marked = quarter.filter(|(x, y)| canvas.pixel(*x, *y) != [255; 3]).count();
            assert!(marked > 1_000, "{left},{top}: {marked}");
        }
    }

    #[test]
    fn what_is_below_stays_readable() {
        let canvas = stamped([255; 3], &["Dr Bo Lind"]);
        let darkest = (0..800).flat_map(|y| (0..600).map(move |x| (x, y)));
        let darkest = darkest.map(|(x, y)| canvas.pixel(x, y)[0]).min().unwrap();
        assert!(darkest > 150, "{darkest}");
    }

    #[test]
    fn names_cannot_break_the_layout() {
        let long = "N".repeat(5_000);
        let lines = tidied(&[long, "a\nb".to_owned(), "  ".to_owned()]);
        assert_eq!(lines[0].chars().count(), LETTERS_MAX);
        assert_eq!(lines[1..], ["ab"]);
    }

    #[test]
    fn the_footer_wraps_on_narrow_pages_and_keeps_every_part() {
        let lines = vec!["Dr Bo Lind".to_owned(), "x".repeat(40), "y".repeat(36)];
        let footer = Footer::new(&lines, "page 1 of 9", 480.0);
        let all = footer.rows.join(" ");
        assert!(footer.rows.len() > 1);
        assert!(lines.iter().all(|line| all.contains(line)) && all.contains("page 1 of 9"));
    }
}
