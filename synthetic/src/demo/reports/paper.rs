//! Sheets of A4 with a letterhead, as PDF: text, rules, boxes, three fonts every reader has. Places are in
//! points from the upper left corner.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use super::case::{Case, SYNTHETIC};
use super::chance::Chance;

const WIDTH: f64 = 595.0;
const HEIGHT: f64 = 842.0;
pub(super) const LEFT: f64 = 62.0;
pub(super) const RIGHT: f64 = 533.0;
const TOP: f64 = 150.0;
const BOTTOM: f64 = 760.0;
const BODY: f64 = 10.0;
const LEADING: f64 = 14.5;

/// The fonts, by their names in the file.
#[derive(Clone, Copy)]
pub(super) enum Font {
    Plain,
    Bold,
    Italic,
}

impl Font {
    const ALL: [Self; 3] = [Self::Plain, Self::Bold, Self::Italic];

    /// What pages call it, and what readers do.
    fn names(self) -> (Name<'static>, Name<'static>) {
        match self {
            Self::Plain => (Name(b"F1"), Name(b"Helvetica")),
            Self::Bold => (Name(b"F2"), Name(b"Helvetica-Bold")),
            Self::Italic => (Name(b"F3"), Name(b"Times-Italic")),
        }
    }
}

/// A colour by its three shares.
type Colour = (f32, f32, f32);
pub(super) const BLACK: Colour = (0.1, 0.1, 0.12);
pub(super) const GREY: Colour = (0.45, 0.45, 0.5);
pub(super) const RED: Colour = (0.72, 0.1, 0.1);
const TINT: Colour = (0.93, 0.95, 0.97);

/// Who writes: name, place and colour of a clinic that does not exist.
pub(super) struct Letterhead {
    pub(super) name: &'static str,
    pub(super) lines: [&'static str; 2],
    pub(super) colour: Colour,
}

/// A document that grows page by page.
pub(super) struct Paper {
    head: &'static Letterhead,
    pages: Vec<Content>,
    y: f64,
}

impl Paper {
    pub(super) fn new(head: &'static Letterhead) -> Self {
        let mut paper = Self { head, pages: Vec::new(), y: TOP };
        paper.page();
        paper
    }

    /// Starts a page with the letterhead on it.
    pub(super) fn page(&mut self) {
        self.pages.push(Content::new());
        self.y = TOP;
        let Letterhead { name, lines, colour } = self.head;
        self.area(0.0, 0.0, WIDTH, 10.0, *colour);
        // A cross in a square, as half of all clinics have it.
        self.area(LEFT, 40.0, 34.0, 34.0, *colour);
        self.area(LEFT + 14.0, 46.0, 6.0, 22.0, (1.0, 1.0, 1.0));
        self.area(LEFT + 6.0, 54.0, 22.0, 6.0, (1.0, 1.0, 1.0));
        self.text(LEFT + 46.0, 55.0, Font::Bold, 16.0, *colour, name);
        self.text(LEFT + 46.0, 70.0, Font::Plain, 8.5, GREY, lines[0]);
        self.right(RIGHT, 70.0, 8.5, GREY, lines[1]);
        self.rule(LEFT, RIGHT, 84.0, 0.8, *colour);
        self.text(LEFT, 100.0, Font::Bold, 8.0, RED, SYNTHETIC);
    }

    /// The block that says whom a document is about.
    pub(super) fn about(&mut self, case: &Case, title: &str, date: &str) {
        self.text(LEFT, 136.0, Font::Bold, 15.0, BLACK, title);
        self.area(LEFT, 150.0, RIGHT - LEFT, 46.0, TINT);
        let middle = LEFT + 250.0;
        let entries = [
            (LEFT + 10.0, 168.0, "Patient", case.patient.as_str()),
            (LEFT + 10.0, 185.0, "Born", &case.born),
            (middle, 168.0, "Number", &case.number),
            (middle, 185.0, "Date", date),
        ];
        for (x, y, label, value) in entries {
            self.text(x, y, Font::Plain, 8.5, GREY, label);
            self.text(x + 48.0, y, Font::Bold, 9.5, BLACK, value);
        }
        self.y = 222.0;
    }

    /// Where the next line goes.
    pub(super) fn y(&self) -> f64 {
        self.y
    }

    pub(super) fn skip(&mut self, points: f64) {
        self.y += points;
    }

    pub(super) fn heading(&mut self, text: &str) {
        if self.y > BOTTOM - 60.0 {
            self.page();
        }
        self.y += 8.0;
        let y = self.y;
        let colour = self.head.colour;
        self.text(LEFT, y, Font::Bold, 11.0, colour, text);
        self.rule(LEFT, RIGHT, y + 5.0, 0.4, (0.75, 0.78, 0.82));
        self.y += 20.0;
    }

    /// Running text, wrapped, on to the next page where it must.
    pub(super) fn paragraph(&mut self, text: &str) {
        for line in wrap(text, RIGHT - LEFT, BODY) {
            self.line(LEFT, &line);
        }
        self.y += 5.0;
    }

    /// Entries of a list, with a dot before each.
    pub(super) fn list(&mut self, entries: &[&str]) {
        for entry in entries {
            for (index, line) in wrap(entry, RIGHT - LEFT - 14.0, BODY).iter().enumerate() {
                if index == 0 {
                    let y = self.y;
                    self.text(LEFT + 2.0, y, Font::Bold, BODY, BLACK, "\u{2022}");
                }
                self.line(LEFT + 14.0, line);
            }
        }
        self.y += 5.0;
    }

    fn line(&mut self, x: f64, text: &str) {
        if self.y > BOTTOM {
            self.page();
        }
        let y = self.y;
        self.text(x, y, Font::Plain, BODY, BLACK, text);
        self.y += LEADING;
    }

    /// The names of a table's columns, on a tinted ground.
    pub(super) fn columns(&mut self, columns: &[(f64, &str)]) {
        let y = self.y;
        self.area(LEFT, y - 11.0, RIGHT - LEFT, 16.0, TINT);
        for (x, name) in columns {
            self.text(*x, y, Font::Bold, 8.5, GREY, name);
        }
        self.y += 18.0;
    }

    /// One row of a table: place, font, colour and words of each cell, a hair line below.
    pub(super) fn row(&mut self, cells: &[(f64, Font, Colour, &str)]) {
        let y = self.y;
        for (x, font, colour, words) in cells {
            self.text(*x, y, *font, 9.5, *colour, words);
        }
        self.rule(LEFT, RIGHT, y + 5.0, 0.25, (0.82, 0.84, 0.87));
        self.y += 17.0;
    }

    /// A scribble, and who it belongs to.
    pub(super) fn signature(&mut self, doctor: &str, chance: &mut Chance) {
        if self.y > BOTTOM - 45.0 {
            self.page();
        }
        self.y += 34.0;
        let mut x = LEFT + 6.0;
        let y = self.y;
        let content = self.content();
        content.save_state().set_line_width(1.1).set_stroke_rgb(0.1, 0.15, 0.45);
        content.move_to(x as f32, (HEIGHT - y) as f32);
        for _ in 0..5 + chance.below(4) {
            let (rise, fall) = (chance.between(6.0, 26.0), chance.between(-9.0, 5.0));
            let step = chance.between(9.0, 20.0);
            let [x1, x2, x3] = [0.2, 0.7, 1.0].map(|share| (x + step * share) as f32);
            let [y1, y2, y3] = [rise, fall, fall * 0.4].map(|up| (HEIGHT - y + up) as f32);
            content.cubic_to(x1, y1, x2, y2, x3, y3);
            x += step;
        }
        content.stroke().restore_state();
        self.rule(LEFT, LEFT + 190.0, y + 12.0, 0.4, GREY);
        self.text(LEFT, y + 24.0, Font::Plain, 9.0, BLACK, doctor);
        self.text(LEFT, y + 35.0, Font::Italic, 8.5, GREY, "signed electronically");
        self.y += 50.0;
    }

    pub(super) fn text(
        &mut self,
        x: f64,
        y: f64,
        font: Font,
        size: f64,
        colour: Colour,
        text: &str,
    ) {
        let (red, green, blue) = colour;
        let (name, _) = font.names();
        let content = self.content();
        content.begin_text().set_font(name, size as f32).set_fill_rgb(red, green, blue);
        content.next_line(x as f32, (HEIGHT - y) as f32).show(Str(&encoded(text))).end_text();
    }

    pub(super) fn right(&mut self, x: f64, y: f64, size: f64, colour: Colour, text: &str) {
        self.text(x - width(text, size), y, Font::Plain, size, colour, text);
    }

    fn rule(&mut self, from: f64, to: f64, y: f64, thick: f64, colour: Colour) {
        self.area(from, y, to - from, thick, colour);
    }

    pub(super) fn area(&mut self, x: f64, y: f64, width: f64, height: f64, colour: Colour) {
        let ((red, green, blue), y) = (colour, HEIGHT - y - height);
        let [x, y, width, height] = [x, y, width, height].map(|length| length as f32);
        let content = self.content();
        content.set_fill_rgb(red, green, blue).rect(x, y, width, height).fill_nonzero();
    }

    /// Where the page being written is drawn on.
    fn content(&mut self) -> &mut Content {
        if self.pages.is_empty() {
            self.pages.push(Content::new());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// The file. Objects: catalogue, page tree, three fonts, then each page and its content.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.footers();
        let mut free = Ref::new(1);
        let (catalogue, tree) = (free.bump(), free.bump());
        let fonts = Font::ALL.map(|font| (font.names(), free.bump()));
        let numbered = |content| (free.bump(), free.bump(), content);
        let pages: Vec<_> = self.pages.into_iter().map(numbered).collect();
        let mut pdf = Pdf::new();
        pdf.catalog(catalogue).pages(tree);
        pdf.pages(tree).kids(pages.iter().map(|(page, ..)| *page)).count(pages.len() as i32);
        for ((_, name), at) in fonts {
            pdf.type1_font(at).base_font(name).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        for (page, at, content) in pages {
            let mut page = pdf.page(page);
            page.parent(tree).contents(at);
            page.media_box(Rect::new(0.0, 0.0, WIDTH as f32, HEIGHT as f32));
            page.resources().fonts().pairs(fonts.map(|((name, _), at)| (name, at)));
            page.finish();
            pdf.stream(at, &content.finish());
        }
        pdf.finish()
    }

    fn footers(&mut self) {
        let count = self.pages.len();
        let name = self.head.name;
        let pages = std::mem::take(&mut self.pages);
        for (index, page) in pages.into_iter().enumerate() {
            self.pages.push(page);
            self.rule(LEFT, RIGHT, 790.0, 0.4, GREY);
            self.text(LEFT, 803.0, Font::Plain, 8.0, GREY, &format!("{name}. {SYNTHETIC}."));
            self.right(RIGHT, 803.0, 8.0, GREY, &format!("page {} of {count}", index + 1));
        }
    }
}

/// Words in the fonts' encoding.
fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            ' '..='~' | '\u{a0}'..='\u{ff}' => bytes.push(letter as u8),
            '\u{2013}' => bytes.push(0x96),
            '\u{2019}' => bytes.push(0x92),
            '\u{2022}' => bytes.push(0x95),
            _ => bytes.push(b'?'),
        }
    }
    bytes
}

/// Advance widths of Helvetica from the blank to the tilde, in thousandths of the size.
#[rustfmt::skip]
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn width(text: &str, size: f64) -> f64 {
    let of = |letter: char| {
        let index = (letter as usize).checked_sub(32);
        index.and_then(|index| HELVETICA.get(index)).copied().unwrap_or(556)
    };
    text.chars().map(|letter| f64::from(of(letter))).sum::<f64>() * size / 1_000.0
}

fn wrap(text: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + 0.3 * size <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_the_fonts_lack_are_question_marks() {
        assert_eq!(encoded("Müller \u{2013} ł"), b"M\xfcller \x96 ?");
    }

    #[test]
    fn lines_stay_inside_the_margins_and_keep_every_word() {
        let text = "reduced general condition, alert and oriented ".repeat(9);
        let lines = wrap(&text, RIGHT - LEFT, BODY);
        assert!(lines.iter().all(|line| width(line, BODY) <= RIGHT - LEFT));
        assert_eq!(lines.join(" "), text.trim_end());
    }
}
