//! Pictures from formulas: a chest as X-rays see it, a spot on a forearm.
//!
//! Shapes are computed coarsely and enlarged by the image library, which is optimised even in a
//! development build; only the grain is added pixel by pixel.

use std::f64::consts::TAU;
use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};

use super::case::SYNTHETIC;
use super::chance::Chance;

/// How much larger a picture is than the grid its shapes are computed on.
const ENLARGED: u32 = 3;

/// A frontal chest film.
pub(super) fn chest(chance: &mut Chance) -> Vec<u8> {
    let body = Chest::new(chance);
    let (width, height) = (260, 290);
    let coarse = GrayImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        Luma([byte(body.brightness(x * 2.0 - 1.0, y * 2.0 - 1.0))])
    });
    let large = DynamicImage::ImageLuma8(coarse);
    let large = large.resize_exact(width * ENLARGED, height * ENLARGED, FilterType::CatmullRom);
    let mut film = large.into_luma8();
    for pixel in film.pixels_mut() {
        let grain = (chance.next() % 13) as u8;
        pixel.0[0] = pixel.0[0].saturating_sub(6).saturating_add(grain);
    }
    write(&mut film, 24, 22, 6, "R", Luma([235]));
    let bottom = film.height() - 30;
    // On black, because the belly is as bright as the letters.
    film.enumerate_rows_mut()
        .skip(bottom as usize - 8)
        .flat_map(|(_, row)| row)
        .for_each(|(_, _, pixel)| pixel.0 = [10]);
    write(&mut film, 24, bottom, 2, &SYNTHETIC.to_uppercase(), Luma([225]));
    encoded(&DynamicImage::ImageLuma8(film), ImageFormat::Png)
}

/// What differs between one chest and the next.
struct Chest {
    lung_width: f64,
    heart: f64,
    tilt: f64,
    shadow: Option<(f64, f64)>,
}

impl Chest {
    fn new(chance: &mut Chance) -> Self {
        let ill = chance.below(3) == 0;
        Self {
            lung_width: chance.between(0.30, 0.35),
            heart: chance.between(0.9, 1.2),
            tilt: chance.between(-0.03, 0.03),
            shadow: ill.then(|| (chance.between(-0.5, -0.35), chance.between(0.2, 0.4))),
        }
    }

    /// From 0, air, to 1, bone; x and y run from -1 to 1.
    fn brightness(&self, x: f64, y: f64) -> f64 {
        let x = x + self.tilt * y;
        let half = 0.80 + 0.10 * y - 0.25 * (-(y + 1.0) * 3.0).exp();
        let inside = soft(half - x.abs(), 0.06);
        let neck = soft(0.24 - x.abs(), 0.08) * soft(-0.62 - y, 0.12);
        let shoulders = soft(y + 0.86 - 0.28 * x.abs(), 0.10);
        let flesh = (inside * shoulders).max(neck);

        let mut density = 0.50 + 0.08 * y;
        let lung = self.lung(x, y);
        density -= 0.36 * lung;
        density += 0.10 * lung * self.vessels(x, y);
        density += self.ribs(x, y) * (0.07 + 0.08 * lung);
        density += 0.13 * soft(0.085 - x.abs(), 0.03) * self.vertebrae(y);
        density += 0.27 * self.heart_shape(x, y) * (1.0 - 0.3 * y);
        density += 0.20 * clavicle(x, y);
        density += 0.12 * soft(y - self.diaphragm(x), 0.04) * soft(0.95 - x.abs(), 0.1);
        if let Some((left, top)) = self.shadow {
            density += 0.20 * blob(x - left, y - top, 0.16, 0.13);
        }
        (flesh * density).clamp(0.015, 0.96)
    }

    fn lung(&self, x: f64, y: f64) -> f64 {
        let side = x.abs() - 0.40;
        let wide = self.lung_width * (1.0 - 0.35 * (-(y + 0.75) * 2.2).exp().min(1.6));
        let oval = 1.0 - (side / wide.max(0.05)).powi(2) - ((y + 0.08) / 0.72).powi(4);
        soft(oval, 0.25) * soft(self.diaphragm(x) - y, 0.05)
    }

    /// Two domes; the right one, on the left of the film, stands higher.
    fn diaphragm(&self, x: f64) -> f64 {
        let dome = ((x.abs() - 0.40) / 0.42).powi(2);
        0.46 + 0.20 * dome - 0.05 * soft(-x, 0.15)
    }

    fn ribs(&self, x: f64, y: f64) -> f64 {
        let arm = (x.abs() - 0.10).max(0.0);
        // Behind, ribs rise a little and then fall outwards; in front they fall the other way.
        let behind = y - 0.55 * arm * arm + 0.12 * arm;
        let front = y + 0.55 * arm - 0.35;
        let band = |phase: f64, sharp: f64| (phase * TAU).cos().max(0.0).powf(sharp);
        let cage = soft(0.80 - x.abs(), 0.06) * soft(y + 0.80, 0.06) * soft(0.75 - y, 0.1);
        cage * (band(behind / 0.165, 3.0) + 0.35 * band(front / 0.20, 4.0)) * soft(arm - 0.02, 0.04)
    }

    fn vertebrae(&self, y: f64) -> f64 {
        0.72 + 0.28 * (y / 0.115 * TAU).cos()
    }

    fn heart_shape(&self, x: f64, y: f64) -> f64 {
        let main = blob(x - 0.16, y - 0.18, 0.40 * self.heart, 0.42);
        let arch = blob(x - 0.10, y + 0.26, 0.14, 0.16);
        let right = blob(x + 0.08, y - 0.14, 0.20, 0.32);
        main.max(arch * 0.7).max(right * 0.8)
    }

    /// Branches that thin out from the middle.
    fn vessels(&self, x: f64, y: f64) -> f64 {
        let side = x.abs() - 0.14;
        let low = y + 0.02;
        let away = side.hypot(low);
        let angle = low.atan2(side);
        let branch = (angle * 9.0 + (away * 14.0).sin() * 1.3).sin().max(0.0).powi(5);
        branch * (-away * 3.2).exp() * 2.4
    }
}

fn clavicle(x: f64, y: f64) -> f64 {
    let line = -0.66 - 0.10 * x.abs() + 0.03 * (x.abs() * 9.0).sin();
    let along = soft(x.abs() - 0.08, 0.03) * soft(0.70 - x.abs(), 0.05);
    soft(0.030 - (y - line).abs(), 0.02) * along
}

/// A step from 0 to 1 around zero, `wide` to either side.
fn soft(distance: f64, wide: f64) -> f64 {
    let t = (distance / wide * 0.5 + 0.5).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A soft-edged ellipse.
fn blob(x: f64, y: f64, wide: f64, high: f64) -> f64 {
    soft(1.0 - (x / wide).hypot(y / high), 0.40)
}

/// A close-up of skin with a mole, and a ruler beside it.
pub(super) fn skin(chance: &mut Chance) -> Vec<u8> {
    let spot = Spot::new(chance);
    let (width, height) = (240, 180);
    let coarse = RgbImage::from_fn(width, height, |x, y| {
        spot.colour(f64::from(x) / 120.0 - 1.0, (f64::from(y) - 90.0) / 120.0)
    });
    let large = DynamicImage::ImageRgb8(coarse);
    let large = large.resize_exact(width * ENLARGED, height * ENLARGED, FilterType::CatmullRom);
    let mut photo = large.into_rgb8();
    for pixel in photo.pixels_mut() {
        let grain = (chance.next() % 9) as u8;
        for channel in &mut pixel.0 {
            *channel = channel.saturating_sub(4).saturating_add(grain);
        }
    }
    ruler(&mut photo);
    let black = Rgb([25, 25, 25]);
    let bottom = photo.height() - 22;
    write(&mut photo, 20, bottom, 2, &SYNTHETIC.to_uppercase(), black);
    encoded(&DynamicImage::ImageRgb8(photo), ImageFormat::Jpeg)
}

/// What differs between one spot and the next.
struct Spot {
    skin: [f64; 3],
    mole: [f64; 3],
    size: f64,
    waves: [(f64, f64); 4],
    hairs: Vec<(f64, f64, f64)>,
}

const SKINS: [[f64; 3]; 4] =
    [[226.0, 182.0, 158.0], [205.0, 158.0, 130.0], [165.0, 117.0, 88.0], [112.0, 76.0, 56.0]];

impl Spot {
    fn new(chance: &mut Chance) -> Self {
        let skin = *chance.pick(&SKINS);
        let dark = chance.between(0.38, 0.55);
        let wave = |chance: &mut Chance| (chance.between(0.02, 0.09), chance.between(0.0, TAU));
        Self {
            skin,
            mole: [skin[0] * dark, skin[1] * dark * 0.85, skin[2] * dark * 0.75],
            size: chance.between(0.16, 0.28),
            waves: std::array::from_fn(|_| wave(chance)),
            hairs: (0..7)
                .map(|_| {
                    (
                        chance.between(-1.0, 1.0),
                        chance.between(-0.7, 0.7),
                        chance.between(-0.5, 0.9),
                    )
                })
                .collect(),
        }
    }

    fn colour(&self, x: f64, y: f64) -> Rgb<u8> {
        let mut around = 1.0;
        for (index, (height, phase)) in self.waves.iter().enumerate() {
            around += height * ((index as f64 + 2.0) * y.atan2(x) + phase).sin();
        }
        let edge = self.size * around - x.hypot(y * 1.15);
        let mole = soft(edge, 0.028) * (0.86 + 0.14 * (x * 31.0).sin() * (y * 27.0).sin());
        let flush = 0.25 * soft(edge + 0.14, 0.16);
        // The fine net of lines all skin has, and light from the upper left.
        let net = ((x * 46.0 + (y * 13.0).sin() * 2.0).sin()
            * (y * 52.0 + (x * 11.0).sin() * 2.0).sin())
        .abs()
        .powf(0.25);
        let light = 0.93 + 0.07 * net - 0.16 * (x * 0.6 + y * 0.8) - 0.14 * (x * x + y * y);
        let hair = self.hairs.iter().map(|hair| on_hair(*hair, x, y)).fold(0.0, f64::max);
        let channel = |index: usize| {
            let red = if index == 0 { 6.0 } else { -22.0 };
            let skin = self.skin[index] + flush * red;
            let colour = skin + (self.mole[index] - skin) * mole;
            byte(colour * light * (1.0 - 0.45 * hair) / 255.0)
        };
        Rgb([channel(0), channel(1), channel(2)])
    }
}

/// A thin bent line beginning at a place, sloping down.
fn on_hair((left, top, slope): (f64, f64, f64), x: f64, y: f64) -> f64 {
    let along = x - left;
    let line = top + slope * along + 0.5 * along * along;
    soft(0.006 - (y - line).abs(), 0.012) * soft(along, 0.02) * soft(0.42 - along, 0.1)
}

/// A strip of paper with marks, along the lower edge.
fn ruler(photo: &mut RgbImage) {
    let (top, bottom) = (photo.height() - 76, photo.height() - 28);
    for y in top..bottom {
        for x in 0..photo.width() {
            let mark = match (x % 12 < 2, x / 12 % 10, x / 12 % 5) {
                (true, 0, _) => 30,
                (true, _, 0) => 22,
                (true, _, _) => 13,
                (false, _, _) => 0,
            };
            let paper = if y - top < mark { [40, 40, 40] } else { [244, 242, 236] };
            photo.put_pixel(x, y, Rgb(paper));
        }
    }
}

fn byte(share: f64) -> u8 {
    (share * 255.0).round().clamp(0.0, 255.0) as u8
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    // Memory takes everything, and both formats take these pixels.
    match picture.write_to(&mut bytes, format) {
        Ok(()) => bytes.into_inner(),
        Err(_) => Vec::new(),
    }
}

/// Letters of five by seven dots, one byte a row: just those the pictures need.
fn dots(letter: char) -> [u8; 7] {
    match letter {
        'A' => [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'B' => [0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e],
        'C' => [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
        'D' => [0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e],
        'E' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
        'H' => [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'I' => [0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e],
        'M' => [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
        'N' => [0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11],
        'O' => [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'R' => [0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11],
        'S' => [0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e],
        'T' => [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        'Y' => [0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04],
        '-' => [0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x00],
        _ => [0; 7],
    }
}

fn write<P: image::Pixel<Subpixel = u8>>(
    picture: &mut image::ImageBuffer<P, Vec<u8>>,
    left: u32,
    top: u32,
    size: u32,
    text: &str,
    ink: P,
) {
    for (index, letter) in (0_u32..).zip(text.chars()) {
        for (row, bits) in (0_u32..).zip(dots(letter)) {
            for column in (0..5).filter(|column| bits & (0x10 >> column) != 0) {
                let x = left + (index * 6 + column) * size;
                let y = top + row * size;
                for (x, y) in (0..size * size).map(|dot| (x + dot % size, y + dot / size)) {
                    if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                        *pixel = ink;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_can_be_spelt() {
        let needed = SYNTHETIC.to_uppercase();
        assert!(needed.chars().filter(|letter| *letter != ' ').all(|l| dots(l) != [0; 7]));
    }

    #[test]
    fn the_pictures_decode_and_carry_the_label() {
        for (bytes, format) in [
            (chest(&mut Chance::new(1)), ImageFormat::Png),
            (skin(&mut Chance::new(1)), ImageFormat::Jpeg),
        ] {
            let picture = image::load_from_memory_with_format(&bytes, format).unwrap().into_luma8();
            assert_eq!((picture.width() >= 720, picture.height() >= 540), (true, true));
            let strip = |top: u32| (20..400).map(move |x| (x, top));
            let rows = picture.height() - 30..picture.height() - 6;
            let levels = rows.flat_map(strip).map(|(x, y)| picture.get_pixel(x, y).0[0]);
            let (low, high) = levels.fold((255, 0), |(l, h): (u8, u8), v| (l.min(v), h.max(v)));
            assert!(high - low > 60, "{low}..{high}");
        }
    }
}
