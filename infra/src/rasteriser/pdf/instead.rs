//! Letters that the engine leaves out because what stands in for their font has none of them: drawn from our
//! own typefaces, at their place, where it is known which letter is meant.

use hayro::kurbo::{Affine, Vec2};
use hayro::vello_cpu::color::{AlphaColor, Srgb};

use super::overlay::Overlay;
use crate::rasteriser::face::{Face, cells};
use crate::rasteriser::shaping::is_joined_or_ordered;

/// What a font of a document counts in: so many parts of a letter's size.
const PARTS: f64 = 1_000.0;

/// A letter to be drawn by us.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instead {
    pub(super) letter: char,
    /// From the font's parts to the page.
    pub(super) at: Affine,
    /// How far it reaches, in the font's parts.
    pub(super) reach: Option<f32>,
    pub(super) colour: AlphaColor<Srgb>,
}

impl Instead {
    /// What is drawn; none where our typefaces lack the letter, too, or it cannot stand for itself.
    pub(super) fn overlay(&self, face: &mut Face) -> Option<Overlay> {
        let text = self.letter.to_string();
        if self.letter.is_control()
            || is_joined_or_ordered(self.letter)
            || cells(self.letter) == 0
            || !face.can_write(&text)
        {
            return None;
        }
        let [a, b, c, d, x, y] = self.at.as_coeffs();
        // The engine may have stretched what it draws in the letter's place; its height is as it is meant.
        let height = Vec2::new(c, d).hypot() * PARTS;
        let along = Vec2::new(a, b).normalize() * height;
        let ours = face.reach(&text);
        let narrowed = self.reach.map_or(1.0, |reach| f64::from(reach) / PARTS / ours);
        let along = along * narrowed.clamp(0.4, 1.2);
        let at = Affine::new([along.x, along.y, -c * PARTS, -d * PARTS, x, y]);
        let is_sound = at.is_finite() && height > 0.0;
        is_sound.then(|| Overlay::Area { path: at * face.line(&text), colour: self.colour })
    }
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Shape as _;
    use hayro::vello_cpu::color::palette::css::BLACK;

    use super::*;

    fn instead(letter: char, reach: f32) -> Instead {
        // Twelve points high, at 100, 200, stretched to the half by the engine.
        let at = Affine::translate((100.0, 200.0)) * Affine::scale_non_uniform(0.006, 0.012);
        Instead { letter, at, reach: Some(reach), colour: BLACK }
    }

    #[test]
    fn a_letter_stands_on_its_line_and_is_as_wide_as_its_font_says() {
        let overlay = instead('Ж', 500.0).overlay(&mut Face::embedded()).unwrap();
        let Overlay::Area { path, .. } = overlay else { panic!("{overlay:?}") };
        let drawn = path.bounding_box();
        assert!(drawn.y0 > 199.5 && (7.0..10.0).contains(&drawn.height()), "{drawn:?}");
        assert!(drawn.x0 >= 100.0 && drawn.x1 <= 106.5, "{drawn:?}");
    }

    #[test]
    fn what_we_lack_or_cannot_join_is_not_drawn() {
        let mut face = Face::embedded();
        for letter in ['\u{20001}', '\0', 'ب', '\u{301}', 'ক'] {
            assert!(instead(letter, 500.0).overlay(&mut face).is_none(), "{letter}");
        }
    }
}
