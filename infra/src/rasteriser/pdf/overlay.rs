//! Draws what was written over a page and brings no picture of itself: words in a rectangle, strokes, a
//! highlight, a tick. Plainly, in our typefaces: it is to be read, not to look as its writer's program would
//! draw it.

use hayro::kurbo::{self, Affine, BezPath, Rect, Shape as _, Stroke, StrokeOpts};
use hayro::vello_cpu::RenderContext;
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use crate::rasteriser::canvas;
use crate::rasteriser::face::Face;
use crate::rasteriser::shaping::is_from_the_right;

/// Smaller letters nobody reads: words that would need them are said to be missing instead.
const LETTER_MIN: f64 = 4.0;
/// Where the document leaves the size to its reader.
const LETTER_USUAL: f64 = 12.0;
const LEADING: f64 = 1.2;
const PADDING: f64 = 2.0;
/// So many letters of one value; a form's field holds no book.
const LETTERS_MAX: usize = 20_000;

/// Something to be drawn over a page, in the page's own coordinates: y points up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Overlay {
    /// Words in a rectangle, from its upper left corner on.
    Words(Words),
    /// Lines.
    Strokes { path: BezPath, width: f64, colour: AlphaColor<Srgb> },
    /// A filled area, letters among them.
    Area { path: BezPath, colour: AlphaColor<Srgb> },
    /// A marked area; what lies below shows through.
    Mark { path: BezPath, colour: AlphaColor<Srgb> },
}

/// Words and where they stand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) rect: Rect,
    /// Size of a letter; 0 where it is left to the reader.
    pub(super) letter: f64,
    pub(super) colour: AlphaColor<Srgb>,
    /// Where in the rectangle each line stands.
    pub(super) align: Align,
    /// One line in the middle of the rectangle, as a field of a form has it.
    pub(super) one_line: bool,
    /// So many cells side by side, each for one letter of one line; 0 for none.
    pub(super) cells: u32,
}

/// Where a line stands between the sides of its rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Where a line begins: right in scripts that are written from there.
    Start,
    Middle,
    /// At the right.
    End,
}

impl Overlay {
    /// Whether all of it can be drawn: every letter is to be had, and the words fit at a size that can be
    /// read.
    pub(super) fn can_be_drawn(&self, face: &mut Face) -> bool {
        match self {
            Self::Words(words) => words.laid_out(face).is_some() && face.can_write(&words.text),
            Self::Strokes { .. } | Self::Area { .. } | Self::Mark { .. } => true,
        }
    }

    /// Whether it is laid over what is there like ink, and hides nothing.
    pub(super) fn shows_through(&self) -> bool {
        match self {
            Self::Mark { .. } => true,
            Self::Words(_) | Self::Strokes { .. } | Self::Area { .. } => false,
        }
    }

    /// Draws it; `page` takes the page's coordinates to those of the picture.
    pub(super) fn draw(&self, context: &mut RenderContext, face: &mut Face, page: Affine) {
        match self {
            Self::Words(words) => words.draw(context, face, page),
            Self::Strokes { path, width, colour } => {
                let drawn =
                    kurbo::stroke(path.iter(), &Stroke::new(*width), &StrokeOpts::default(), 0.05);
                canvas::fill(context, &drawn, page, *colour);
            }
            Self::Area { path, colour } | Self::Mark { path, colour } => {
                canvas::fill(context, path, page, *colour);
            }
        }
    }
}

impl Words {
    /// Size of a letter, and the rows; none if they do not fit.
    fn laid_out(&self, face: &Face) -> Option<(f64, Vec<String>)> {
        if self.text.chars().count() > LETTERS_MAX {
            return None;
        }
        let (width, height) = (self.rect.width() - 2.0 * PADDING, self.rect.height());
        let wished = match self.letter > 0.0 {
            true => self.letter,
            false if self.one_line => (height * 0.7).clamp(LETTER_MIN, LETTER_USUAL),
            false => LETTER_USUAL,
        };
        let mut letter = wished.max(LETTER_MIN);
        loop {
            let most = (width / letter).max(0.0);
            let rows = match self.one_line {
                true => vec![self.text.clone()],
                false => wrapped(&self.text, most, face),
            };
            let wide = match self.cell() {
                None => rows.iter().all(|row| face.reach(row) <= most),
                Some(cell) => {
                    let fits =
                        |one: char| face.reach(one.encode_utf8(&mut [0; 4])) * letter <= cell;
                    self.text.chars().all(fits)
                }
            };
            // The first row needs no leading above it.
            let high = (rows.len() as f64 - 1.0) * letter * LEADING + letter <= height.max(letter);
            if wide && high {
                return Some((letter, rows));
            }
            letter *= 0.9;
            if letter < LETTER_MIN {
                return None;
            }
        }
    }

    fn draw(&self, context: &mut RenderContext, face: &mut Face, page: Affine) {
        let Some((letter, rows)) = self.laid_out(face) else { return };
        let mut baseline = match self.one_line {
            true => self.rect.center().y - letter * 0.36,
            false => self.rect.y1 - letter,
        };
        let upright = Affine::scale_non_uniform(letter, -letter);
        for row in rows {
            for (line, x) in self.placed(&row, letter, face) {
                let at = page * Affine::translate((x, baseline)) * upright;
                canvas::fill(context, &line, at, self.colour);
            }
            baseline -= letter * LEADING;
        }
    }

    /// What is drawn of a row, and where it begins: all of it, or each letter in its cell.
    fn placed(&self, row: &str, letter: f64, face: &mut Face) -> Vec<(BezPath, f64)> {
        let Rect { x0, x1, .. } = self.rect;
        if let Some(cell) = self.cell() {
            let spare = (self.cells as usize).saturating_sub(row.chars().count());
            let first = match self.align {
                Align::Start => 0,
                Align::Middle => spare / 2,
                Align::End => spare,
            };
            let in_its_cell = |(index, one): (usize, char)| {
                let mut held = [0; 4];
                let one = one.encode_utf8(&mut held);
                let middle = x0 + cell * ((first + index) as f64 + 0.5);
                (face.line(one), middle - face.reach(one) * letter / 2.0)
            };
            return row.chars().enumerate().map(in_its_cell).collect();
        }
        let line = face.line(row);
        let reach = line.bounding_box().x1 * letter;
        let x = match self.align {
            Align::Start if is_from_the_right(row) => x1 - PADDING - reach,
            Align::Start => x0 + PADDING,
            Align::Middle => x0.midpoint(x1) - reach / 2.0,
            Align::End => x1 - PADDING - reach,
        };
        vec![(line, x)]
    }

    /// The width of a cell; none if the letters do not stand in cells.
    fn cell(&self) -> Option<f64> {
        let in_cells = self.cells > 0 && self.one_line && !is_from_the_right(&self.text);
        in_cells.then(|| self.rect.width() / f64::from(self.cells))
    }
}

/// Rows that reach so far at most, cut at blanks where there are any.
fn wrapped(text: &str, most: f64, face: &Face) -> Vec<String> {
    let mut rows = Vec::new();
    for line in text.split(['\n', '\r']) {
        let (mut row, mut reach) = (String::new(), 0.0);
        for word in line.split(' ') {
            if !row.is_empty() {
                if reach + face.reach(" ") + face.reach(word) > most {
                    rows.push(std::mem::take(&mut row));
                    reach = 0.0;
                } else {
                    row.push(' ');
                    reach += face.reach(" ");
                }
            }
            for letter in word.chars() {
                let further = face.reach(letter.encode_utf8(&mut [0; 4]));
                if !row.is_empty() && reach + further > most {
                    rows.push(std::mem::take(&mut row));
                    reach = 0.0;
                }
                row.push(letter);
                reach += further;
            }
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use hayro::vello_cpu::color::palette::css::BLACK;

    use super::*;

    fn words(text: &str, (width, height): (f64, f64), letter: f64) -> Words {
        let rect = Rect::new(10.0, 10.0, 10.0 + width, 10.0 + height);
        let text = text.to_owned();
        let (align, one_line, cells) = (Align::Start, false, 0);
        Words { text, rect, letter, colour: BLACK, align, one_line, cells }
    }

    #[test]
    fn words_keep_their_size_where_they_fit_and_shrink_where_they_do_not() {
        let face = Face::proportional();
        let (letter, rows) = words("Nodule 12 mm", (400.0, 40.0), 14.0).laid_out(&face).unwrap();
        assert_eq!((letter, rows.len()), (14.0, 1));
        let (letter, rows) = words("Nodule 12 mm", (60.0, 20.0), 14.0).laid_out(&face).unwrap();
        assert!((LETTER_MIN..14.0).contains(&letter), "{letter}, {rows:?}");
    }

    #[test]
    fn words_that_nobody_could_read_are_not_drawn() {
        let long = "right upper lobe, follow up ".repeat(40);
        assert!(words(&long, (60.0, 20.0), 14.0).laid_out(&Face::proportional()).is_none());
        let script = Overlay::Words(words("পটাসিয়াম", (400.0, 40.0), 14.0));
        assert!(!script.can_be_drawn(&mut Face::embedded()));
    }

    #[test]
    fn no_letter_is_lost_where_a_line_is_cut() {
        let text = "a bb ccc dddddddddddd e";
        let face = Face::embedded();
        let five = face.reach("12345") + 0.01;
        let rows = wrapped(text, five, &face);
        assert!(rows.iter().all(|row| row.chars().count() <= 5), "{rows:?}");
        assert_eq!(rows.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(wrapped("one\ntwo", five, &face), ["one", "two"]);
    }
}
