//! What is kept of a picture: the wanted blocks, each at the size it is drawn at.

use super::header::{FrameHeader, ZIGZAG};
use crate::rasteriser::picture::large::part::{DecodedPart, WantedPart};

/// One colour's blocks.
pub(super) struct Plane {
    pub(super) id: u8,
    pub(super) across: u32,
    pub(super) down: u32,
    pub(super) quantiser: usize,
    /// The numbers that its coefficients are multiples of, as its first scan found them.
    pub(super) steps: Option<[u16; 64]>,
    /// Its blocks in a scan of its own, without those that only fill the last units up.
    pub(super) blocks: (u32, u32),
    /// All its blocks in a row, those included.
    pub(super) row: u32,
    /// The first wanted block, and how many, across and down.
    kept_from: (u32, u32),
    kept: (u32, u32),
    /// Coefficients of the wanted blocks between the scans of a progressive picture: as many of each block as
    /// are drawn.
    coefficients: Vec<i16>,
    /// Which coefficients of every block are not zero: later scans of a progressive picture go by it.
    pub(super) history: Vec<u64>,
    samples: Vec<u8>,
}

/// Where a wanted block is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockPlace {
    across: u32,
    down: u32,
    /// Its number among those that are kept.
    number: usize,
}

/// All of them.
pub(super) struct Planes {
    pub(super) frame: FrameHeader,
    pub(super) colours: Vec<Plane>,
    /// How many units there are, across and down.
    pub(super) units: (u32, u32),
    /// Behind the last wanted row of units.
    pub(super) rows_end: u32,
    pub(super) any_scan: bool,
    wanted: WantedPart,
    /// Pixels of a block's side: 1, 2, 4 or 8.
    side: u32,
    /// The wanted part's place among the kept pixels.
    offset: (u32, u32),
    basis: Vec<f32>,
}

impl Planes {
    /// None of what is no part of the picture.
    pub(super) fn new(frame: FrameHeader, wanted: WantedPart) -> Option<Self> {
        let most = |of: fn(&super::header::ColourHeader) -> u32| frame.colours.iter().map(of).max();
        let (across, down) = (most(|colour| colour.across)?, most(|colour| colour.down)?);
        let (right, bottom) = (wanted.left + wanted.width, wanted.top + wanted.height);
        if wanted.width == 0 || wanted.height == 0 || right > frame.width || bottom > frame.height {
            return None;
        }
        let enough = |side: &u32| wanted.width * side / 8 >= wanted.drawn_width;
        let side = [1, 2, 4].into_iter().find(enough).unwrap_or(8);
        let (unit_width, unit_height) = (8 * across, 8 * down);
        let units = (frame.width.div_ceil(unit_width), frame.height.div_ceil(unit_height));
        let from = (wanted.left / unit_width, wanted.top / unit_height);
        let end = (right.div_ceil(unit_width), bottom.div_ceil(unit_height));
        let offset = (
            (wanted.left - from.0 * unit_width) * side / 8,
            (wanted.top - from.1 * unit_height) * side / 8,
        );
        let colours = frame.colours.iter().map(|colour| {
            let samples = (
                (frame.width * colour.across).div_ceil(across),
                (frame.height * colour.down).div_ceil(down),
            );
            let kept = ((end.0 - from.0) * colour.across, (end.1 - from.1) * colour.down);
            Plane {
                id: colour.id,
                across: colour.across,
                down: colour.down,
                quantiser: colour.quantiser,
                steps: None,
                blocks: (samples.0.div_ceil(8), samples.1.div_ceil(8)),
                row: units.0 * colour.across,
                kept_from: (from.0 * colour.across, from.1 * colour.down),
                kept,
                coefficients: Vec::new(),
                history: Vec::new(),
                samples: Vec::new(),
            }
        });
        let colours = colours.collect();
        let basis = basis(side);
        let any_scan = false;
        let rows_end = end.1;
        Some(Self { frame, colours, units, rows_end, any_scan, wanted, side, offset, basis })
    }

    /// What is kept at most.
    pub(super) fn bytes(&self) -> u64 {
        let pixels = u64::from(self.side * self.side);
        let of = |plane: &Plane| {
            let kept = u64::from(plane.kept.0) * u64::from(plane.kept.1) * pixels;
            let all = u64::from(plane.row) * u64::from(self.units.1 * plane.down);
            // Samples; of a progressive picture the coefficients and the history, too.
            kept + if self.frame.is_progressive { 2 * kept + 8 * all } else { 0 }
        };
        let wanted = u64::from(self.wanted.width) * u64::from(self.wanted.height) * pixels / 64;
        self.colours.iter().map(of).sum::<u64>() + 3 * wanted
    }

    /// Makes room before the first scan.
    pub(super) fn begin(&mut self) {
        if self.any_scan {
            return;
        }
        self.any_scan = true;
        let pixels = (self.side * self.side) as usize;
        for plane in &mut self.colours {
            let kept = plane.kept.0 as usize * plane.kept.1 as usize;
            plane.samples = vec![128; kept * pixels];
            if self.frame.is_progressive {
                plane.coefficients = vec![0; kept * pixels];
                let all = plane.row as usize * (self.units.1 * plane.down) as usize;
                plane.history = vec![0; all];
            }
        }
    }

    /// Where a block of a colour is kept; none of one that is not wanted.
    pub(super) fn place(&self, colour: usize, (across, down): (u32, u32)) -> Option<BlockPlace> {
        let plane = &self.colours[colour];
        let across = across.checked_sub(plane.kept_from.0).filter(|n| *n < plane.kept.0)?;
        let down = down.checked_sub(plane.kept_from.1).filter(|n| *n < plane.kept.1)?;
        let number = down as usize * plane.kept.0 as usize + across as usize;
        Some(BlockPlace { across, down, number })
    }

    /// Where a coefficient of a kept block stands, by its place in the order of the scans; none of one that
    /// is too fine to be drawn.
    pub(super) fn coefficient(
        &mut self,
        colour: usize,
        place: BlockPlace,
        number: u32,
    ) -> Option<&mut i16> {
        let natural = u32::from(ZIGZAG[number as usize]);
        let (across, down) = (natural % 8, natural / 8);
        let side = self.side;
        let at = place.number * (side * side) as usize + (down * side + across) as usize;
        let coefficients = &mut self.colours[colour].coefficients;
        (across < side && down < side).then(|| coefficients.get_mut(at)).flatten()
    }

    /// Makes pixels of a block: its coefficients come in the order of the scans, multiplied.
    /// A flat one has its first alone.
    pub(super) fn draw(
        &mut self,
        colour: usize,
        place: BlockPlace,
        block: &[i32; 64],
        is_flat: bool,
    ) {
        let side = self.side as usize;
        let plane = &mut self.colours[colour];
        let stride = plane.kept.0 as usize * side;
        let at = place.down as usize * side * stride + place.across as usize * side;
        let to = &mut plane.samples[at..];
        if is_flat || side == 1 {
            return flat(block[0] as f32, side, to, stride);
        }
        let mut natural = [0.0; 64];
        for (number, value) in ZIGZAG.iter().zip(block) {
            natural[usize::from(*number)] = *value as f32;
        }
        inverse(&natural, 8, (side, &self.basis), to, stride);
    }

    /// Makes pixels of the coefficients that the scans of a progressive picture left.
    fn draw_all(&mut self) {
        let side = self.side as usize;
        let mut natural = [0.0; 64];
        for plane in &mut self.colours {
            let steps = plane.steps.unwrap_or([1; 64]);
            let mut step = [1_u16; 64];
            for (number, value) in ZIGZAG.iter().zip(steps) {
                step[usize::from(*number)] = value;
            }
            let stride = plane.kept.0 as usize * side;
            let blocks = plane.coefficients.chunks(side * side);
            for (number, block) in blocks.enumerate() {
                for (at, value) in block.iter().enumerate() {
                    let step = step[at / side * 8 + at % side];
                    natural[at] = f32::from(*value) * f32::from(step);
                }
                let (down, across) =
                    (number / plane.kept.0 as usize, number % plane.kept.0 as usize);
                let at = down * side * stride + across * side;
                let to = &mut plane.samples[at..];
                inverse(&natural, side, (side, &self.basis), to, stride);
            }
            plane.coefficients = Vec::new();
        }
    }

    /// The wanted part in red, green and blue.
    pub(super) fn into_rgb(mut self, is_rgb: bool, is_broken: bool) -> DecodedPart {
        if self.frame.is_progressive {
            self.draw_all();
        }
        let scaled = |length: u32| (length * self.side).div_ceil(8);
        let (width, height) = (scaled(self.wanted.width), scaled(self.wanted.height));
        let is_rgb = is_rgb || self.colours.iter().map(|plane| plane.id).eq(*b"RGB");
        let most = |of: fn(&Plane) -> u32| self.colours.iter().map(of).max().unwrap_or(1);
        let (across, down) = (most(|plane| plane.across), most(|plane| plane.down));
        let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
        for y in self.offset.1..self.offset.1 + height {
            let rows: Vec<(&[u8], u32)> = self
                .colours
                .iter()
                .map(|plane| {
                    let stride = plane.kept.0 as usize * self.side as usize;
                    // Rounding may have gone one row too far.
                    let y = (y * plane.down / down).min(plane.kept.1 * self.side - 1) as usize;
                    (&plane.samples[y * stride..(y + 1) * stride], plane.across)
                })
                .collect();
            for x in self.offset.0..self.offset.0 + width {
                let sample = |(row, of): &(&[u8], u32)| {
                    let at = (x * of / across) as usize;
                    row.get(at).or(row.last()).copied().unwrap_or(128)
                };
                match rows.as_slice() {
                    [one, two, three] if is_rgb => {
                        rgb.extend([sample(one), sample(two), sample(three)]);
                    }
                    [one, two, three] => {
                        rgb.extend(colour(sample(one), sample(two), sample(three)));
                    }
                    grey => rgb.extend([grey.first().map_or(128, sample); 3]),
                }
            }
        }
        DecodedPart { width, height, rgb, is_broken }
    }
}

/// Brightness and two differences in red, green and blue (JFIF 1.02).
fn colour(brightness: u8, blue: u8, red: u8) -> [u8; 3] {
    let (y, b, r) = (i32::from(brightness) << 16, i32::from(blue) - 128, i32::from(red) - 128);
    let byte = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [byte(y + 91_881 * r), byte(y - 22_554 * b - 46_802 * r), byte(y + 116_130 * b)]
}

/// The cosines of a block of so many pixels a side: a smaller block of the low coefficients is the larger
/// one, shrunk. The factors are the same at each size.
fn basis(side: u32) -> Vec<f32> {
    let of = |n: u32, u: u32| {
        let angle = f64::from((2 * n + 1) * u) * std::f64::consts::PI / f64::from(2 * side);
        let factor = if u == 0 { 0.125_f64.sqrt() } else { 0.5 };
        (factor * angle.cos()) as f32
    };
    (0..side).flat_map(|n| (0..side).map(move |u| of(n, u))).collect()
}

fn shade(value: f32) -> u8 {
    (value + 128.5).clamp(0.0, 255.0) as u8
}

/// A block of one shade.
fn flat(first: f32, side: usize, to: &mut [u8], stride: usize) {
    let shade = shade(first * 0.125);
    for line in to.chunks_mut(stride).take(side) {
        line[..side].fill(shade);
    }
}

/// The inverse transform (A.3.3) of the low coefficients, rows first.
fn inverse(
    block: &[f32; 64],
    row: usize,
    (side, basis): (usize, &[f32]),
    to: &mut [u8],
    stride: usize,
) {
    if side == 1 || block[1..].iter().all(|value| *value == 0.0) {
        return flat(block[0], side, to, stride);
    }
    let mut lines = [0.0_f32; 64];
    for v in 0..side {
        let line = &block[v * row..v * row + side];
        if line.iter().all(|value| *value == 0.0) {
            continue;
        }
        for n in 0..side {
            let cosines = &basis[n * side..(n + 1) * side];
            lines[v * side + n] = line.iter().zip(cosines).map(|(a, b)| a * b).sum();
        }
    }
    for (m, line) in to.chunks_mut(stride).take(side).enumerate() {
        let cosines = &basis[m * side..(m + 1) * side];
        for (n, pixel) in line.iter_mut().take(side).enumerate() {
            let sum: f32 = (0..side).map(|v| lines[v * side + n] * cosines[v]).sum();
            *pixel = shade(sum);
        }
    }
}
