//! Plain text on pages: wrapped at words, tabs and form feeds kept.

use domain::access::page_loss::PageLoss;
use encoding_rs::Encoding;
use hayro::kurbo::{Affine, Shape as _};
use hayro::vello_cpu::color::palette::css::BLACK;

use super::canvas::{self, Canvas, Sheet};
use super::face::{ADVANCE, Face, cells};
use super::frame::{PageMeasure, Wish};
use super::limits::DrawingLimits;
use super::refusal::DrawError;
use super::shaping::is_from_the_right;
use commands::ports::rasteriser::ExceededLimit;

/// A page holds the customary 80 columns and a little more.
const COLUMNS: usize = 84;
const ROWS: u32 = 62;
const TAB: usize = 8;
/// Marks over one letter; what goes beyond is dropped, or a line of marks alone would never wrap.
const MARKS_MAX: usize = 4;
/// The width of A4 in points.
const PAPER_WIDTH: f64 = 595.28;
/// The shape of A4.
const HEIGHT_PER_WIDTH: f64 = 297.0 / 210.0;
const MARGIN_PER_WIDTH: f64 = 0.085;

/// The text of a file whose encoding is certain or declared: a mark at its beginning says more than its
/// sender does, and a sender more than nothing. What has neither is UTF-8 or not read: the bytes of all
/// others say nothing about themselves, and one letter read as another is worse than none.
pub(super) fn decode(
    document: Vec<u8>,
    declared: Option<&'static Encoding>,
) -> Result<String, DrawError> {
    let has_mark = Encoding::for_bom(&document).is_some();
    match declared.filter(|_| !has_mark) {
        Some(encoding) => {
            let text = encoding.decode_without_bom_handling_and_without_replacement(&document);
            Ok(text.ok_or(DrawError::Damaged)?.into_owned())
        }
        None => decode_certain(document),
    }
}

fn decode_certain(document: Vec<u8>) -> Result<String, DrawError> {
    let utf16 = |pairs: &[u8], read: fn([u8; 2]) -> u16| {
        let (pairs, odd) = pairs.as_chunks::<2>();
        let units = pairs.iter().map(|pair| read(*pair));
        let text = char::decode_utf16(units).collect::<Result<String, _>>();
        text.ok().filter(|_| odd.is_empty()).ok_or(DrawError::Damaged)
    };
    match document.as_slice() {
        [0xff, 0xfe, pairs @ ..] => utf16(pairs, u16::from_le_bytes),
        [0xfe, 0xff, pairs @ ..] => utf16(pairs, u16::from_be_bytes),
        _ => {
            let text = String::from_utf8(document).map_err(|_| DrawError::Damaged)?;
            Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        }
    }
}

/// Lays the whole text out and draws one page of it.
pub(super) fn draw(
    text: &str,
    page: u32,
    wish: Wish,
    limits: &DrawingLimits,
) -> Result<Sheet, DrawError> {
    let (rows, pages) = lay_out(text, page, limits.pages_max)?;
    if page == 0 || page > pages {
        return Err(DrawError::NoSuchPage { pages });
    }
    let framed =
        PageMeasure::points(PAPER_WIDTH, PAPER_WIDTH * HEIGHT_PER_WIDTH).framed(wish, limits)?;
    let margin = PAPER_WIDTH * MARGIN_PER_WIDTH;
    let letter = (PAPER_WIDTH - 2.0 * margin) / (COLUMNS as f64 * ADVANCE);
    let leading = (PAPER_WIDTH * HEIGHT_PER_WIDTH - 2.0 * margin) / f64::from(ROWS);
    let transform = framed.transform();
    let mut face = Face::embedded();
    let lacks = rows.iter().any(|row| !face.can_write(row));
    let missing = lacks.then_some(PageLoss::Letters).into_iter().collect();
    let canvas = Canvas::drawn(framed.width, framed.height, |context| {
        let mut baseline = margin + letter;
        for row in &rows {
            let line = face.line(row);
            let spare = match is_from_the_right(row) {
                true => COLUMNS as f64 * ADVANCE - line.bounding_box().x1,
                false => 0.0,
            };
            let at = transform
                * Affine::translate((margin + spare * letter, baseline))
                * Affine::scale(letter);
            canvas::fill(context, &line, at, BLACK);
            baseline += leading;
        }
    });
    Ok(Sheet { canvas, pages, frame: framed.shown, is_small: false, missing })
}

/// The rows of the wanted page and the number of all pages.
fn lay_out(text: &str, wanted: u32, pages_max: u32) -> Result<(Vec<String>, u32), DrawError> {
    let mut pages = Pages { wanted, pages_max, page: 1, rows: 0, kept: Vec::new() };
    let mut row = TextRow::default();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                pages.take(&row.end())?;
            }
            '\u{c}' => {
                if !row.letters.is_empty() {
                    pages.take(&row.end())?;
                }
                pages.feed();
            }
            '\t' => {
                for _ in 0..TAB - row.width % TAB {
                    row.push(' ', &mut pages)?;
                }
            }
            letter => row.push(letter, &mut pages)?,
        }
    }
    if !row.letters.is_empty() {
        pages.take(&row.end())?;
    }
    Ok((pages.kept, pages.page))
}

/// The row being filled.
#[derive(Default)]
struct TextRow {
    letters: Vec<char>,
    width: usize,
    marks: usize,
    ends_in_blank: bool,
}

impl TextRow {
    fn push(&mut self, letter: char, pages: &mut Pages) -> Result<(), DrawError> {
        let cells = cells(letter) as usize;
        if cells == 0 {
            if self.marks < MARKS_MAX {
                self.letters.push(letter);
                self.marks += 1;
            }
            return Ok(());
        }
        if self.width + cells > COLUMNS {
            // A blank that falls on the edge ends the row without showing on the next one.
            if letter == ' ' {
                self.ends_in_blank = true;
                return Ok(());
            }
            self.wrap(pages)?;
        }
        self.letters.push(letter);
        self.width += cells;
        self.marks = 0;
        Ok(())
    }

    /// Hands over what stands before the last blank, or the whole row where there is none.
    fn wrap(&mut self, pages: &mut Pages) -> Result<(), DrawError> {
        if self.ends_in_blank {
            return pages.take(&self.end());
        }
        let after_blank = self.letters.iter().rposition(|l| *l == ' ').map(|blank| blank + 1);
        // An indented word longer than the row must not push blank rows out for ever.
        let only_indent = |at: &usize| self.letters[..*at].iter().all(|l| *l == ' ');
        let cut = after_blank.filter(|at| !only_indent(at)).unwrap_or(self.letters.len());
        let rest = self.letters.split_off(cut);
        let full = self.end();
        self.width = rest.iter().map(|letter| cells(*letter) as usize).sum();
        self.letters = rest;
        pages.take(&full)
    }

    fn end(&mut self) -> String {
        let row = self.letters.iter().collect::<String>();
        *self = Self::default();
        row
    }
}

/// Counts every page and keeps the rows of one.
struct Pages {
    wanted: u32,
    pages_max: u32,
    page: u32,
    rows: u32,
    kept: Vec<String>,
}

impl Pages {
    fn take(&mut self, row: &str) -> Result<(), DrawError> {
        if self.rows == ROWS {
            self.page += 1;
            self.rows = 0;
        }
        if self.page > self.pages_max {
            let limit = u64::from(self.pages_max);
            return Err(DrawError::TooLarge { bound: ExceededLimit::Pages, limit });
        }
        self.rows += 1;
        if self.page == self.wanted {
            self.kept.push(row.trim_end().to_owned());
        }
        Ok(())
    }

    /// The next row starts a page; a feed at the very end or on an empty page adds none.
    fn feed(&mut self) {
        if self.rows > 0 {
            self.rows = ROWS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str, page: u32) -> Vec<String> {
        lay_out(text, page, 2_000).unwrap().0
    }

    fn pages(text: &str) -> u32 {
        lay_out(text, 1, 2_000).unwrap().1
    }

    #[test]
    fn a_line_from_the_right_ends_at_the_right_margin() {
        let inked = |text: &str| {
            let canvas = draw(text, 1, Wish::page(840), &DrawingLimits::default()).unwrap().canvas;
            let is_ink = |x: &u16| (0..canvas.height()).any(|y| canvas.pixel(*x, y)[0] < 128);
            let columns: Vec<u16> = (0..canvas.width()).filter(is_ink).collect();
            (columns[0], columns[columns.len() - 1])
        };
        let margin = (840.0 * MARGIN_PER_WIDTH) as u16;
        for text in ["אשלגן 4.1", "البوتاسيوم 4.1 mmol/l"] {
            let (from, to) = inked(text);
            assert!(from > 420 && (840 - margin - 4..=840 - margin + 1).contains(&to), "{to}");
        }
        assert!(inked("Potassium אשלגן").0 < margin + 8, "it begins from the left");
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        assert_eq!(page("a\nb\r\nc\rd\u{b}e\n\nf", 1), ["a", "b", "c", "d", "e", "", "f"]);
    }

    #[test]
    fn a_tab_moves_to_the_next_stop() {
        assert_eq!(
            page("a\tb\n1234567\tc\n12345678\td", 1)[..],
            ["a       b", "1234567 c", "12345678        d"]
        );
    }

    #[test]
    fn a_form_feed_starts_a_page() {
        assert_eq!(page("one\u{c}two\u{c}", 2), ["two"]);
        assert_eq!(pages("one\u{c}two\u{c}"), 2);
    }

    #[test]
    fn a_long_line_wraps_at_words_and_loses_none() {
        let text = "sodium 141 mmol per litre ".repeat(20);
        let rows = page(&text, 1);
        assert!(rows.len() > 1 && rows.iter().all(|row| row.len() <= COLUMNS));
        assert_eq!(rows.join(" "), text.trim_end());
    }

    #[test]
    fn a_word_longer_than_the_row_is_cut_at_the_edge() {
        let word = "x".repeat(COLUMNS * 2 + 5);
        assert_eq!(page(&word, 1).concat(), word);
        assert_eq!(page(&format!("    {word}"), 1).concat().trim_start(), word);
    }

    #[test]
    fn letters_of_two_columns_fill_a_row_with_half_as_many() {
        let text = "血液検査".repeat(30);
        let rows = page(&text, 1);
        assert!(rows.iter().all(|row| row.chars().count() <= COLUMNS / 2), "{rows:?}");
        assert_eq!(rows.concat(), text);
    }

    #[test]
    fn a_page_is_full_after_its_rows() {
        let rows = usize::try_from(ROWS).unwrap();
        assert_eq!(pages(&"x\n".repeat(rows)), 1);
        assert_eq!(pages(&"x\n".repeat(rows + 1)), 2);
        assert_eq!(page(&"x\n".repeat(rows + 1), 2), ["x"]);
    }

    #[test]
    fn an_empty_text_is_one_empty_page() {
        assert_eq!(lay_out("", 1, 2_000).unwrap(), (Vec::new(), 1));
    }

    #[test]
    fn more_pages_than_the_bound_are_refused() {
        let text = "x\n".repeat(usize::try_from(ROWS).unwrap() * 3 + 1);
        let refused = lay_out(&text, 1, 3).unwrap_err();
        assert_eq!(refused, DrawError::TooLarge { bound: ExceededLimit::Pages, limit: 3 });
    }

    #[test]
    fn a_flood_of_marks_stays_on_its_letter() {
        let text = format!("e{}x", "\u{301}".repeat(100_000));
        assert_eq!(page(&text, 1)[0].chars().count(), 2 + MARKS_MAX);
    }

    #[test]
    fn text_is_read_where_its_encoding_is_certain() {
        let of = |bytes: &[u8]| decode(bytes.to_vec(), None);
        assert_eq!(of("Größe".as_bytes()).unwrap(), "Größe");
        assert_eq!(of("\u{feff}Größe".as_bytes()).unwrap(), "Größe");
        assert_eq!(of(b"\xff\xfeG\0r\0\xf6\0").unwrap(), "Grö");
        assert_eq!(of(b"\xfe\xff\0G\0r\0\xf6").unwrap(), "Grö");
        assert_eq!(of(b"").unwrap(), "");
    }

    #[test]
    fn what_may_be_one_letter_or_another_is_damage() {
        let guesses: [&[u8]; 4] =
            [b"caf\xe9", b"\xff\xfeG\0r", b"\xff\xfe\x00\xd8", b"Potassium 4.1 \xff normal"];
        for bytes in guesses {
            assert_eq!(decode(bytes.to_vec(), None), Err(DrawError::Damaged));
        }
    }

    #[test]
    fn a_declared_encoding_reads_what_the_bytes_do_not_say() {
        let of = |bytes: &[u8], label: &str| {
            decode(bytes.to_vec(), Some(Encoding::for_label(label.as_bytes()).unwrap()))
        };
        assert_eq!(of(b"Gr\xf6\xdfe 5 \xb5g", "iso-8859-1").unwrap(), "Größe 5 µg");
        assert_eq!(of(b"\x80 5 \x96 10", "windows-1252").unwrap(), "€ 5 – 10");
        assert_eq!(of(b"\x8c\x8c\x89t", "shift_jis").unwrap(), "血液");
        assert_eq!(of(b"G\0r\0\xf6\0", "utf-16le").unwrap(), "Grö");
        assert_eq!(of(b"\0G\0r\0\xf6", "utf-16be").unwrap(), "Grö");
        assert_eq!(of("Größe".as_bytes(), "utf-8").unwrap(), "Größe");
        assert_eq!(of(b"\xef\xbb\xbfGr\xc3\xb6", "windows-1252").unwrap(), "Grö", "its mark");
        assert_eq!(of(b"\xfe\xff\0G", "utf-16le").unwrap(), "G", "its mark");
    }

    #[test]
    fn what_is_not_in_the_declared_encoding_is_damage() {
        let of = |bytes: &[u8], label: &str| {
            decode(bytes.to_vec(), Some(Encoding::for_label(label.as_bytes()).unwrap()))
        };
        assert_eq!(of(b"caf\xe9", "utf-8"), Err(DrawError::Damaged));
        assert_eq!(of(b"\x8c", "shift_jis"), Err(DrawError::Damaged));
        assert_eq!(of(b"G\0r", "utf-16le"), Err(DrawError::Damaged));
        assert_eq!(of(b"\0\xd8", "utf-16le"), Err(DrawError::Damaged));
    }
}
