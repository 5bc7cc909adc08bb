//! How a picture lies in its file, and how it is looked at: turned and mirrored as its Exif data say.

use commands::ports::page_region::{PageArea, PageSize};
use image::metadata::Orientation;

/// From the picture as it is looked at to the picture as it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upright {
    orientation: Orientation,
    kept: PageSize,
}

impl Upright {
    pub(super) const fn new(orientation: Orientation, kept: PageSize) -> Self {
        Self { orientation, kept }
    }

    /// Whether its sides change places.
    const fn is_turned(self) -> bool {
        matches!(
            self.orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        )
    }

    /// Two sides, one as it is kept made of one as it is looked at, or the other way round.
    pub(super) const fn sides<T: Copy>(self, (width, height): (T, T)) -> (T, T) {
        if self.is_turned() { (height, width) } else { (width, height) }
    }

    /// Where in the file a part of the upright picture is kept.
    pub(super) const fn kept(self, area: PageArea) -> PageArea {
        let (mut left, mut top) = self.sides((area.left, area.top));
        let (width, height) = self.sides((area.width, area.height));
        let from_the_right = matches!(
            self.orientation,
            Orientation::Rotate180
                | Orientation::Rotate270
                | Orientation::FlipHorizontal
                | Orientation::Rotate270FlipH
        );
        let from_below = matches!(
            self.orientation,
            Orientation::Rotate90
                | Orientation::Rotate180
                | Orientation::FlipVertical
                | Orientation::Rotate270FlipH
        );
        if from_the_right {
            left = self.kept.width - left - width;
        }
        if from_below {
            top = self.kept.height - top - height;
        }
        PageArea { left, top, width, height }
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GenericImageView as _, Rgb, RgbImage};

    use super::*;

    #[test]
    fn a_part_of_the_turned_picture_is_the_part_turned() {
        let kept = RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8, y as u8, 9]));
        let kept = DynamicImage::ImageRgb8(kept);
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let upright = Upright::new(orientation, PageSize { width: 7, height: 5 });
            let mut whole = kept.clone();
            whole.apply_orientation(orientation);
            assert_eq!(upright.sides((7, 5)), whole.dimensions());
            let area = PageArea { left: 1, top: 0, width: 3, height: 2 };
            let part = upright.kept(area);
            let mut part = kept.crop_imm(part.left, part.top, part.width, part.height);
            part.apply_orientation(orientation);
            assert_eq!(part, whole.crop_imm(1, 0, 3, 2), "Exif {exif}");
        }
    }
}
