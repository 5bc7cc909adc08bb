//! The strip above a page that is not whole, or too small to be read: what is missing, in words that cannot
//! be overlooked.

use std::collections::BTreeSet;

use domain::access::page_loss::PageLoss;
use hayro::kurbo::{Affine, Rect, Shape as _};
use hayro::vello_cpu::RenderContext;
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use super::canvas;
use super::face::{ADVANCE, Face};

const LEADING: f64 = 1.35;
const INK: AlphaColor<Srgb> = AlphaColor::from_rgba8(176, 0, 0, 255);
const GROUND: AlphaColor<Srgb> = AlphaColor::from_rgba8(255, 244, 214, 255);

/// What is said of a page that is there, and too small to be read.
const SMALL: &str = "DRAWN SMALLER THAN CAN BE READ: look at parts of this page one by one.";

/// What is said above a page.
pub(super) struct Notice {
    rows: Vec<String>,
    letter: f64,
}

impl Notice {
    /// The notice of these losses, or of a page that is drawn too small, on paper of a width; none where
    /// there is nothing to say.
    pub(super) fn of(missing: &BTreeSet<PageLoss>, is_small: bool, width: f64) -> Option<Self> {
        let losses: Vec<&str> = missing.iter().map(|loss| loss.in_words()).collect();
        let lossy = format!(
            "THIS PAGE IS NOT WHOLE. Missing here: {}. Do not rely on what you do not see; \
             ask for the original.",
            losses.join("; ")
        );
        let said = [(!missing.is_empty()).then_some(&*lossy), is_small.then_some(SMALL)];
        let text = said.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return None;
        }
        let letter = (width / 70.0).clamp(11.0, 34.0);
        let columns = ((width - 2.0 * letter) / (letter * ADVANCE)) as usize;
        Some(Self { rows: wrapped(&text, columns.max(1)), letter })
    }

    pub(super) fn height(&self) -> u16 {
        ((self.rows.len() as f64 * LEADING + 1.0) * self.letter).ceil() as u16
    }

    pub(super) fn draw(&self, context: &mut RenderContext, face: &mut Face, width: f64) {
        let ground = Rect::new(0.0, 0.0, width, f64::from(self.height())).to_path(0.1);
        canvas::fill(context, &ground, Affine::IDENTITY, GROUND);
        let mut baseline = 1.4 * self.letter;
        for row in &self.rows {
            let at = Affine::translate((self.letter, baseline)) * Affine::scale(self.letter);
            canvas::fill(context, &face.line(row), at, INK);
            baseline += LEADING * self.letter;
        }
    }
}

/// Words in rows of so many letters at most; ours are shorter than any row.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match rows.last_mut() {
            Some(row) if row.len() + 1 + word.len() <= columns => {
                row.push(' ');
                row.push_str(word);
            }
            Some(_) | None => rows.push(word.to_owned()),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_page_has_no_notice() {
        assert!(Notice::of(&BTreeSet::new(), false, 800.0).is_none());
    }

    #[test]
    fn a_page_that_is_whole_and_too_small_says_so_and_nothing_else() {
        let notice = Notice::of(&BTreeSet::new(), true, 2_000.0).unwrap();
        assert_eq!(notice.rows.join(" "), SMALL);
    }

    #[test]
    fn every_loss_is_named_on_the_narrowest_page() {
        let missing: BTreeSet<_> = PageLoss::ALL.into();
        let notice = Notice::of(&missing, true, 480.0).unwrap();
        let text = notice.rows.join(" ");
        assert!(missing.iter().all(|loss| text.contains(loss.in_words())), "{text}");
        let columns = (480.0 - 2.0 * notice.letter) / (notice.letter * ADVANCE);
        assert!(notice.rows.iter().all(|row| row.len() as f64 <= columns), "{:?}", notice.rows);
    }
}
