//! Pictures of up to two hundred megapixels, within the memory of the drawing process: read row by row or
//! block by block, and drawn like those that are read as a whole.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use commands::ports::page_region::PageSize;
use commands::ports::rasteriser::{DrawnPage, ExceededLimit, PageJob, RasteriseError, Rasteriser};
use domain::access::page_loss::PageLoss;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageFormat, RgbImage, RgbaImage};
use infra::rasteriser::{ChildRasteriser, DrawingLimits};
use tests::program::medlock;

use super::documents::{jpeg_claiming, png_in_passes};
use super::{JPEG, PNG, bytes, job, pixels};

const WIDTH: u32 = 20_000;
const HEIGHT: u32 = 10_000;

async fn part_of(
    limits: DrawingLimits,
    (media_type, document): (&str, &[u8]),
    region: &str,
    width_px: u32,
) -> Result<DrawnPage, RasteriseError> {
    let region = (!region.is_empty()).then(|| region.parse().unwrap());
    let job = PageJob { region, width_px, ..job(media_type, 1) };
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), limits);
    rasteriser.page(job, None, bytes(document)).await
}

/// As if every picture were too large to be read as a whole.
fn nothing_whole() -> DrawingLimits {
    DrawingLimits { picture_whole_pixels_max: 0, ..DrawingLimits::default() }
}

fn case(name: &str) -> Vec<u8> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "cases", "jpeg", name].iter().collect();
    fs::read(file).unwrap()
}

/// By how much two pictures of one size differ, on average and at most, in 255ths.
fn difference(one: &RgbImage, other: &RgbImage) -> (f64, u8) {
    assert_eq!(one.dimensions(), other.dimensions());
    let pairs = one.as_raw().iter().zip(other.as_raw());
    let differences: Vec<u8> = pairs.map(|(one, other)| one.abs_diff(*other)).collect();
    let sum: f64 = differences.iter().map(|value| f64::from(*value)).sum();
    (sum / differences.len() as f64, differences.into_iter().max().unwrap())
}

#[tokio::test]
async fn a_jpeg_read_block_by_block_looks_like_one_read_as_a_whole() {
    // What is kept of the colours at half their size is not smoothed here, so edges differ a little.
    for (name, most) in [
        ("baseline-444", 8),
        ("baseline-422-restarts", 60),
        ("baseline-420", 60),
        ("progressive-420", 60),
        ("progressive-444-restarts", 8),
        ("progressive-grey", 8),
        ("turned", 60),
    ] {
        let document = case(&format!("{name}.jpg"));
        for (region, width_px) in [("", 800), ("30,20,111,77", 800), ("0,0,40,16", 800), ("", 320)]
        {
            let whole = part_of(DrawingLimits::default(), (JPEG, &document), region, width_px);
            let blocks = part_of(nothing_whole(), (JPEG, &document), region, width_px);
            let (whole, blocks) = (whole.await.unwrap(), blocks.await.unwrap());
            assert_eq!((blocks.frame, &blocks.missing), (whole.frame, &whole.missing), "{name}");
            let (mean, max) = difference(&pixels(&whole), &pixels(&blocks));
            assert!(mean < 1.5 && max <= most, "{name} {region}: {mean}, {max}");
        }
    }
}

#[tokio::test]
async fn a_jpeg_that_is_cut_or_broken_says_so_block_by_block_too() {
    for name in ["baseline-420", "progressive-420", "baseline-422-restarts"] {
        let document = case(&format!("{name}.jpg"));
        let cut = &document[..document.len() / 3 * 2];
        let page = part_of(nothing_whole(), (JPEG, cut), "", 800).await.unwrap();
        assert_eq!(page.missing, [PageLoss::Picture].into(), "{name}");
    }
    // What would have to be read as a whole is too much, and not rubbish.
    let refused = part_of(nothing_whole(), (JPEG, &case("four-colours.jpg")), "", 800).await;
    let bound = ExceededLimit::PicturePixels;
    assert!(
        matches!(refused, Err(RasteriseError::TooLarge { bound: found, .. }) if found == bound)
    );
}

#[tokio::test]
async fn a_png_read_row_by_row_looks_like_one_read_as_a_whole() {
    let picture = RgbaImage::from_fn(303, 197, |x, y| {
        let shade = (x * 5 % 256) as u8;
        image::Rgba([shade, (y * 3 % 256) as u8, 90, if x > 200 { 120 } else { 255 }])
    });
    let picture = image::DynamicImage::from(picture);
    let kinds = [
        picture.clone(),
        picture.to_rgb8().into(),
        picture.to_luma8().into(),
        picture.to_luma_alpha8().into(),
        picture.to_rgb16().into(),
    ];
    for (kind, picture) in kinds.into_iter().enumerate() {
        let mut document = Cursor::new(Vec::new());
        picture.write_to(&mut document, ImageFormat::Png).unwrap();
        let document = document.into_inner();
        for region in ["", "30,20,111,77", "202,196,101,1"] {
            let whole = part_of(DrawingLimits::default(), (PNG, &document), region, 800).await;
            let rows = part_of(nothing_whole(), (PNG, &document), region, 800).await.unwrap();
            let (_, max) = difference(&pixels(&whole.unwrap()), &pixels(&rows));
            assert!(max <= 1, "kind {kind} {region}: {max}");
        }
        let cut = part_of(nothing_whole(), (PNG, &document[..document.len() / 2]), "", 800).await;
        assert!(matches!(cut, Err(RasteriseError::Damaged)));
    }
}

/// A shade of grey at each place: a chessboard of large fields, and at one place columns, so many pixels
/// wide, that say something.
fn shade(x: u32, y: u32, column: u32) -> u8 {
    let code = (CODE_AT.0..CODE_AT.0 + 64 * column).contains(&x);
    if code && (CODE_AT.1..CODE_AT.1 + 400).contains(&y) {
        return if bit((x - CODE_AT.0) / column) { 0 } else { 255 };
    }
    if (x / 800 + y / 800).is_multiple_of(2) { 230 } else { 170 }
}

const CODE_AT: (u32, u32) = (13_000, 8_000);
/// Where it is looked for.
const CODE_REGION: &str = "13000,8000,640,400";

/// The whole of it, row after row.
fn board() -> Vec<u8> {
    let row = |y: u32| (0..WIDTH).map(|x| shade(x, y, 1)).collect::<Vec<u8>>();
    let rows = [row(0), row(800), row(CODE_AT.1)];
    let mut grey = Vec::with_capacity(WIDTH as usize * HEIGHT as usize);
    for y in 0..HEIGHT {
        let is_code = (CODE_AT.1..CODE_AT.1 + 400).contains(&y);
        grey.extend_from_slice(&rows[if is_code { 2 } else { (y / 800 % 2) as usize }]);
    }
    grey
}

/// Bits of a scan, highest first, a zero behind each byte that looks like a marker.
#[derive(Default)]
struct ScanBits {
    bytes: Vec<u8>,
    kept: u32,
    count: u32,
}

impl ScanBits {
    fn put(&mut self, value: u32, count: u32) {
        (self.kept, self.count) = (self.kept << count | value, self.count + count);
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.kept >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
            self.kept &= (1 << self.count) - 1;
        }
    }
}

/// A JPEG of blocks of one shade each, in one scan: of all coefficients, or of the first ones of a
/// progressive picture that has no others.
fn jpeg_of_blocks(is_progressive: bool) -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], body].concat()
    };
    let sides = [&[8][..], &(HEIGHT as u16).to_be_bytes(), &(WIDTH as u16).to_be_bytes()].concat();
    // The first coefficient counts in eights, and so in shades.
    let quantiser = [&[0, 8][..], &[1; 63]].concat();
    // A code of one bit for no difference, and of five for one of so many bits; one of one bit for no more.
    let lengths = |one: u8, five: u8| [&[one, 0, 0, 0, five][..], &[0; 11]].concat();
    let first = [&[0x00][..], &lengths(1, 8), &[0, 1, 2, 3, 4, 5, 6, 7, 8]].concat();
    let others = [&[0x10][..], &lengths(1, 0), &[0]].concat();
    let mut bits = ScanBits::default();
    let mut last = 128_i32;
    for y in (0..HEIGHT).step_by(8) {
        for x in (0..WIDTH).step_by(8) {
            let next = i32::from(shade(x, y, 8));
            let difference = next - last;
            let size = 32 - difference.unsigned_abs().leading_zeros();
            match size {
                0 => bits.put(0, 1),
                size => bits.put(0b10000 + size - 1, 5),
            }
            let value = if difference < 0 { difference + (1 << size) - 1 } else { difference };
            bits.put(value as u32, size);
            if !is_progressive {
                bits.put(0, 1);
            }
            last = next;
        }
    }
    bits.put(0x7f, 7);
    let (frame, to) = if is_progressive { (0xc2, 0) } else { (0xc0, 63) };
    [
        b"\xff\xd8".to_vec(),
        segment(0xdb, &quantiser),
        segment(frame, &[&sides[..], &[1, 1, 0x11, 0]].concat()),
        segment(0xc4, &first),
        segment(0xc4, &others),
        segment(0xda, &[1, 1, 0, 0, to, 0]),
        bits.bytes,
        b"\xff\xd9".to_vec(),
    ]
    .concat()
}

const CODE: u64 = 0x5a17_c0de_2bad_f00d;

const fn bit(number: u32) -> bool {
    CODE >> number & 1 == 1
}

/// The code that stands in the columns of a picture.
fn read(picture: &RgbImage, column: u32) -> u64 {
    (0..64).fold(0, |code, number| {
        let x = number * column + column / 2;
        let dark = (0..400).filter(|y| picture.get_pixel(x, *y).0[1] < 128).count();
        code | u64::from(dark > 200) << number
    })
}

async fn draws_page_and_part(media_type: &str, document: Vec<u8>, column: u32) {
    assert!(document.len() < 64 << 20);
    // Its memory is what is looked at; an unoptimised build on a busy machine takes its time.
    let slow =
        DrawingLimits { cpu_seconds_max: 120, wall_seconds_max: 120, ..DrawingLimits::default() };
    let limits = DrawingLimits { memory_bytes_max: 768 << 20, ..slow };
    let page = part_of(limits.clone(), (media_type, &document), "", 1_240).await.unwrap();
    assert_eq!(page.frame.full, PageSize { width: WIDTH, height: HEIGHT });
    assert_eq!((page.frame.drawn.width, page.missing.len()), (1_240, 0));
    let drawn = pixels(&page);
    let fields = drawn.pixels().filter(|pixel| (150..=250).contains(&pixel.0[1])).count();
    assert!(fields > drawn.pixels().len() / 2, "{fields} of {}", drawn.pixels().len());
    let part = part_of(limits, (media_type, &document), CODE_REGION, 1_240).await.unwrap();
    assert_eq!(part.frame.drawn, PageSize { width: 640, height: 400 });
    assert_eq!(read(&pixels(&part), column), CODE, "{media_type}");
}

#[tokio::test]
async fn a_png_of_two_hundred_megapixels_is_drawn_and_a_single_pixel_of_it_read() {
    let mut document = Vec::new();
    PngEncoder::new_with_quality(&mut document, CompressionType::Fast, FilterType::Up)
        .write_image(&board(), WIDTH, HEIGHT, ExtendedColorType::L8)
        .unwrap();
    draws_page_and_part(PNG, document, 1).await;
}

#[tokio::test]
async fn a_jpeg_of_two_hundred_megapixels_is_drawn_and_columns_of_it_read() {
    for is_progressive in [false, true] {
        draws_page_and_part(JPEG, jpeg_of_blocks(is_progressive), 8).await;
    }
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_said() {
    let bound = ExceededLimit::PicturePixels;
    let document = jpeg_claiming(20_000, 10_001);
    let beyond = part_of(DrawingLimits::default(), (JPEG, &document), "", 800).await;
    assert!(matches!(beyond, Err(RasteriseError::TooLarge { bound: found, .. }) if found == bound));
    let in_passes = part_of(nothing_whole(), (PNG, &png_in_passes()), "", 800).await;
    assert!(
        matches!(in_passes, Err(RasteriseError::TooLarge { bound: found, .. }) if found == bound)
    );
}
