//! Documents made for the purpose: plain ones, broken ones, hostile ones.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, Luma};

/// A PDF of these objects, numbered from 1; the first is the catalogue.
pub(super) fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    let size = objects.len() + 1;
    file.extend(table.bytes());
    file.extend(format!("trailer\n<</Size {size}/Root 1 0 R{trailer}>>\n").bytes());
    file.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    file
}

/// A stream object.
pub(super) fn stream(entries: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("<</Length {}{entries}>>\nstream\n", bytes.len());
    [head.as_bytes(), bytes, b"\nendstream"].concat()
}

/// A PDF of one page: its size, its resources, its content, and objects from number 5 on.
pub(super) fn one_page(size: &str, resources: &str, content: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    one_page_of(&format!("/MediaBox[{size}]/Resources<<{resources}>>"), content, more)
}

/// A PDF of one page with these entries of its own, its content, and objects from number 5 on.
pub(super) fn one_page_of(entries: &str, content: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let page = format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R{entries}>>");
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        page.into_bytes(),
        content,
    ];
    objects.extend_from_slice(more);
    pdf(&objects, "")
}

/// A page with one line in one of the fourteen fonts every PDF reader must bring along.
pub(crate) fn with_text(font: &str, text: &str) -> Vec<u8> {
    let resources = format!("/Font<</F<</Type/Font/Subtype/Type1/BaseFont/{font}>>>>");
    let content = stream("", format!("BT /F 40 Tf 60 600 Td ({text}) Tj ET").as_bytes());
    one_page("0 0 595 842", &resources, content, &[])
}

/// Empty pages, each an object of its own.
pub(super) fn with_pages(count: usize) -> Vec<u8> {
    let kids: String = (0..count).map(|index| format!("{} 0 R ", index + 3)).collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{kids}]/Count {count}>>").into_bytes(),
    ];
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]>>".to_vec();
    objects.extend(std::iter::repeat_n(page, count));
    pdf(&objects, "")
}

/// A page that asks for a password: the keys in it fit no empty one.
pub(super) fn with_password() -> Vec<u8> {
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]>>".to_vec(),
        format!("<</Filter/Standard/V 1/R 2/P -44/O<{0}>/U<{0}>>>", "41".repeat(32)).into_bytes(),
    ];
    let id = "00112233445566778899aabbccddeeff";
    pdf(&objects, &format!("/Encrypt 4 0 R/ID[<{id}><{id}>]"))
}

/// Forms that draw the next one ten times, nine levels deep: a few kilobytes, 10^9 rectangles.
pub(super) fn with_billion_rectangles() -> Vec<u8> {
    with_nested_rectangles(9)
}

/// The same, so many levels deep: each level makes it ten times as long to draw.
pub(crate) fn with_nested_rectangles(levels: usize) -> Vec<u8> {
    let form = |level: usize| {
        let next = format!("/XObject<</F {} 0 R>>", level + 6);
        let entries = format!("/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<<{next}>>");
        let content = if level + 1 < levels { "/F Do " } else { "0 0 100 100 re f " };
        stream(&entries, content.repeat(10).as_bytes())
    };
    let forms: Vec<_> = (0..levels).map(form).collect();
    one_page("0 0 595 842", "/XObject<</F 5 0 R>>", stream("", b"/F Do"), &forms)
}

/// A form that draws itself.
pub(super) fn with_endless_form() -> Vec<u8> {
    let entries = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>";
    let form = stream(entries, b"/F Do");
    one_page("0 0 595 842", "/XObject<</F 5 0 R>>", stream("", b"/F Do"), &[form])
}

/// A page whose content is a gigabyte once two filters have unpacked it. The compressed bytes are
/// those of a PNG, whose rows begin with a zero: for a run-length decoder "copy the next byte".
pub(super) fn with_gigabyte_of_content() -> Vec<u8> {
    let run_of_128_blanks = [0x81, b' '];
    let row: Vec<u8> = [b" ".to_vec(), run_of_128_blanks.repeat(10_000)].concat();
    let rows = 800;
    let png = gray_png(u32::try_from(row.len()).unwrap(), rows, &row.repeat(800));
    let packed = chunks(&png, b"IDAT").concat();
    let content = stream("/Filter[/FlateDecode/RunLengthDecode]", &packed);
    one_page("0 0 595 842", "", content, &[])
}

fn gray_png(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(pixels, width, height, ExtendedColorType::L8)
        .unwrap();
    png
}

fn chunks<'a>(png: &'a [u8], kind: &[u8; 4]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    let mut rest = &png[8..];
    while let [a, b, c, d, tail @ ..] = rest {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        if &tail[..4] == kind {
            found.push(&tail[4..4 + length]);
        }
        rest = &tail[4 + length + 4..];
    }
    found
}

/// A small picture.
pub(super) fn picture(format: ImageFormat) -> Vec<u8> {
    let gradient =
        GrayImage::from_fn(300, 200, |x, _| Luma([u8::try_from(x * 255 / 300).unwrap()]));
    let mut bytes = Cursor::new(Vec::new());
    gradient.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A small PNG whose header claims another size, with a checksum that agrees.
pub(super) fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut png = picture(ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// A small PNG that says its rows come several times over, coarse ones first.
pub(super) fn png_in_passes() -> Vec<u8> {
    let mut png = picture(ImageFormat::Png);
    png[28] = 1;
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// A small JPEG whose frame header claims another size.
pub(super) fn jpeg_claiming(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = picture(ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    let byte = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum));
    !bytes.iter().fold(u32::MAX, byte)
}
