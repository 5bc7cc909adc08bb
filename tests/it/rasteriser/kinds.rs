//! Kinds of losses that nobody would see: each with inputs of our own making, whole and damaged.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{ImageFormat, RgbImage};

use super::documents::{one_page, one_page_of, pdf, stream};
use super::{JPEG, PDF, dark_pixels, draw, pixels};

/// What is said to be missing, as codes.
async fn missing(media_type: &str, document: &[u8]) -> Vec<&'static str> {
    let page = draw(media_type, document).await.unwrap();
    page.missing.iter().map(|loss| loss.code()).collect()
}

const A4: &str = "0 0 595 842";
const HELVETICA: &str = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn in_hex(data: &[u8]) -> Vec<u8> {
    let digits: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits}>").into_bytes()
}

fn in_base85(data: &[u8]) -> Vec<u8> {
    let mut letters = Vec::new();
    for group in data.chunks(4) {
        let mut bytes = [0; 4];
        bytes[..group.len()].copy_from_slice(group);
        let value = u32::from_be_bytes(bytes);
        let digits = (0..5).rev().map(|place| (value / 85_u32.pow(place) % 85) as u8 + b'!');
        letters.extend(digits.take(group.len() + 1));
    }
    letters.extend(b"~>");
    letters
}

/// Nine bits a code, cleared before there are more.
fn in_lzw(data: &[u8]) -> Vec<u8> {
    let codes = data
        .chunks(200)
        .flat_map(|part| std::iter::once(256).chain(part.iter().map(|byte| u32::from(*byte))));
    let bits: String = codes.chain([257]).map(|code| format!("{code:09b}")).collect();
    let byte = |bits: &[u8]| {
        let bits = std::str::from_utf8(bits).unwrap();
        u8::from_str_radix(&format!("{bits:0<8}"), 2).unwrap()
    };
    bits.as_bytes().chunks(8).map(byte).collect()
}

fn in_runs(data: &[u8]) -> Vec<u8> {
    let runs = data.chunks(100).flat_map(|part| [&[part.len() as u8 - 1], part].concat());
    runs.chain([128]).collect()
}

/// Each packing by its name, and how it is done.
type Packing = (&'static str, fn(&[u8]) -> Vec<u8>);

const PACKINGS: [Packing; 8] = [
    ("/FlateDecode", deflated),
    ("/LZWDecode", in_lzw),
    ("/ASCII85Decode", in_base85),
    ("/ASCIIHexDecode", in_hex),
    ("/RunLengthDecode", in_runs),
    ("[/ASCII85Decode/FlateDecode]", |data| in_base85(&deflated(data))),
    ("[/ASCIIHexDecode/LZWDecode]", |data| in_hex(&in_lzw(data))),
    ("[/FlateDecode/RunLengthDecode]", |data| deflated(&in_runs(data))),
];

#[tokio::test]
async fn content_that_is_cut_is_said_whatever_it_is_packed_in() {
    let words = "BT /F 12 Tf 60 600 Td (Potassium 6.9 mmol/l) Tj ET\n".repeat(30);
    for (name, pack) in PACKINGS {
        let packed = pack(words.as_bytes());
        let page =
            |bytes: &[u8]| one_page(A4, HELVETICA, stream(&format!("/Filter{name}"), bytes), &[]);
        assert_eq!(missing(PDF, &page(&packed)).await, [""; 0], "{name}");
        let cut = missing(PDF, &page(&packed[..packed.len() * 2 / 3])).await;
        assert_eq!(cut, ["content"], "{name}");
    }
    let unknown = one_page(A4, HELVETICA, stream("/Filter/Zstd", words.as_bytes()), &[]);
    assert_eq!(missing(PDF, &unknown).await, ["content"], "a packing that nobody knows");
}

#[tokio::test]
async fn a_picture_that_is_cut_is_said_whatever_it_is_packed_in() {
    let rows: Vec<u8> = (0..40 * 30_u32).map(|at| (at * 7 % 251) as u8).collect();
    for (name, pack) in PACKINGS {
        let packed = pack(&rows);
        let page = |bytes: &[u8]| {
            let sides = "/Type/XObject/Subtype/Image/Width 40/Height 30/BitsPerComponent 8";
            let image = stream(&format!("{sides}/ColorSpace/DeviceGray/Filter{name}"), bytes);
            let content = stream("", b"400 0 0 300 72 300 cm /I Do");
            one_page(A4, "/XObject<</I 5 0 R>>", content, &[image])
        };
        assert_eq!(missing(PDF, &page(&packed)).await, [""; 0], "{name}");
        let cut = missing(PDF, &page(&packed[..packed.len() / 2])).await;
        assert_eq!(cut, ["picture"], "{name}");
    }
}

/// A photograph, and the same with bytes in its middle changed: nothing of it is cut.
fn photographs() -> (Vec<u8>, Vec<u8>) {
    let noise = RgbImage::from_fn(400, 300, |x, y| {
        let value = (x.wrapping_mul(73) ^ y.wrapping_mul(151)) % 256;
        image::Rgb([value as u8, (value / 2) as u8, 255 - value as u8])
    });
    let mut whole = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut whole, ImageFormat::Jpeg).unwrap();
    let whole = whole.into_inner();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 400].fill(0x5a);
    (whole, damaged)
}

#[tokio::test]
async fn a_photograph_damaged_in_its_middle_is_said() {
    let (whole, damaged) = photographs();
    let in_a_pdf = |photograph: &[u8]| {
        let image = "/Type/XObject/Subtype/Image/Width 400/Height 300/BitsPerComponent 8\
                     /ColorSpace/DeviceRGB/Filter/DCTDecode";
        let content = stream("", b"400 0 0 300 72 300 cm /I Do");
        one_page(A4, "/XObject<</I 5 0 R>>", content, &[stream(image, photograph)])
    };
    for (photograph, lost) in [(whole, false), (damaged, true)] {
        let expected: &[&str] = if lost { &["picture"] } else { &[] };
        assert_eq!(missing(JPEG, &photograph).await, expected);
        assert_eq!(missing(PDF, &in_a_pdf(&photograph)).await, expected);
    }
}

/// A line of codes in a composite font that the document does not bring.
fn coded(ordering: &str, encoding: &str, more: &str, codes: &str) -> Vec<u8> {
    let content = stream("", format!("BT /F 30 Tf 72 700 Td <{codes}> Tj ET").as_bytes());
    let font = format!(
        "/Font<</F<</Type/Font/Subtype/Type0/BaseFont/Mincho/Encoding/{encoding}{more}\
         /DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/Mincho\
         /CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>\
         /FontDescriptor<</Type/FontDescriptor/FontName/Mincho/Flags 4>>>>]>>>>"
    );
    one_page(A4, &font, content, &[])
}

#[tokio::test]
async fn numbers_of_a_collection_come_out_as_its_letters() {
    // Potassium in katakana with a value: letters of two kinds in one line.
    let drawn = [
        ("Japan1", "90ms-RKSJ-H", "834A838A8345838020342E31"),
        ("Japan1", "UniJIS-UTF16-H", "30AB30EA30A630E0002000340 02E0031"),
        ("Japan1", "Identity-H", "03910392"),
        ("GB1", "GBK-EUC-H", "D1AABCD82034"),
        ("GB1", "UniGB-UTF16-H", "8840"),
        ("Korea1", "KSCms-UHC-H", "C7F7BED0"),
        ("CNS1", "ETen-B5-H", "A6E5B9BD"),
    ];
    let blank = dark_pixels(&draw(PDF, &one_page(A4, "", stream("", b" "), &[])).await.unwrap());
    for (ordering, encoding, codes) in drawn {
        let document = coded(ordering, encoding, "", &codes.replace(' ', ""));
        assert_eq!(missing(PDF, &document).await, [""; 0], "{encoding}");
        let dark = dark_pixels(&draw(PDF, &document).await.unwrap());
        assert!(dark > blank + 100, "{encoding}: {dark} dark pixels, {blank} without");
    }
}

#[tokio::test]
async fn a_code_that_stands_for_no_letter_is_said() {
    let said = [
        ("Japan1", "UniJIS-UTF16-H", "E123"),
        ("Japan1", "UniJIS-UCS2-H", "E123"),
        ("Japan1", "90ms-RKSJ-H", "FFFF"),
        ("GB1", "UniGB-UTF16-H", "E123"),
        ("Korea1", "UniKS-UTF16-H", "E123"),
    ];
    for (ordering, encoding, codes) in said {
        let found = missing(PDF, &coded(ordering, encoding, "", codes)).await;
        assert_eq!(found, ["letters"], "{encoding} {codes}");
    }
}

#[tokio::test]
async fn numbers_that_are_said_to_be_letters_are_drawn_as_these() {
    let meaning = |letter: &str| {
        let map = format!(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap \
             1 begincodespacerange <0000> <FFFF> endcodespacerange \
             1 beginbfchar <0041> <{letter}> endbfchar endcmap end end"
        );
        let font = "/Font<</F<</Type/Font/Subtype/Type0/BaseFont/Tahoma/Encoding/Identity-H\
                    /ToUnicode 5 0 R/DescendantFonts[<</Type/Font/Subtype/CIDFontType2\
                    /BaseFont/Tahoma/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
                    /Supplement 0>>>>]>>>>";
        let content = stream("", b"BT /F 30 Tf 72 700 Td <0041> Tj ET");
        one_page(A4, font, content, &[stream("", map.as_bytes())])
    };
    // Of every reader's fonts, of ours, and of none.
    for (letter, expected) in
        [("0041", &[][..]), ("0416", &[]), ("2264", &[]), ("0995", &["letters"])]
    {
        assert_eq!(missing(PDF, &meaning(letter)).await, expected, "{letter}");
    }
    let unsaid = coded("Identity", "Identity-H", "", "0041");
    assert_eq!(missing(PDF, &unsaid).await, ["font", "letters"]);
}

#[tokio::test]
async fn a_font_that_is_named_and_not_used_is_missed_by_nobody() {
    let fonts = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\
                 /G<</Type/Font/Subtype/TrueType/BaseFont/Wingdings-Regular>>>>";
    let page = |name: &str| {
        let content = format!("BT /{name} 30 Tf 72 700 Td (Potassium) Tj ET");
        one_page(A4, fonts, stream("", content.as_bytes()), &[])
    };
    assert_eq!(missing(PDF, &page("F")).await, [""; 0]);
    assert_eq!(missing(PDF, &page("G")).await, ["font"]);
}

#[tokio::test]
async fn what_a_page_draws_with_and_does_not_have_is_said() {
    let page = |content: &str| one_page(A4, HELVETICA, stream("", content.as_bytes()), &[]);
    let words = "BT /F 30 Tf 72 700 Td (Potassium 6.9) Tj ET";
    assert_eq!(missing(PDF, &page(words)).await, [""; 0]);
    let broken = [
        format!("/Im0 Do {words}"),
        format!("BT /F 30 Tf 72 700 Td (Potassium Tj ET {words}"),
        format!("0 0 m 10 l S {words}"),
        format!("1 0 0 rg >> {words}"),
    ];
    for content in broken {
        assert_eq!(missing(PDF, &page(&content)).await, ["content"], "{content}");
    }
    // Words that are no operator are passed over by every reader.
    assert_eq!(missing(PDF, &page(&format!("nonsense {words}"))).await, [""; 0]);
}

/// An A4 page with words on it and something put over it.
fn annotated(annotation: &str) -> Vec<u8> {
    let entries = format!(
        "/MediaBox[{A4}]/Resources<<{HELVETICA}>>/Annots[<</Type/Annot/Rect[60 90 400 140]{annotation}>>]"
    );
    let words = b"BT /F 30 Tf 72 100 Td (Nodule 12 mm) Tj ET";
    let look = stream(
        "/Type/XObject/Subtype/Form/BBox[60 90 400 140]/Group<</S/Transparency/I true>>",
        b"1 1 0 rg 60 90 340 50 re f",
    );
    one_page_of(&entries, stream("", words), &[look])
}

#[tokio::test]
async fn what_somebody_wrote_and_nobody_sees_is_said() {
    let quads = "/QuadPoints[60 140 400 140 60 90 400 90]";
    let kinds = [
        format!("/Subtype/Highlight{quads}"),
        format!("/Subtype/StrikeOut{quads}"),
        "/Subtype/Square".to_owned(),
        "/Subtype/Circle".to_owned(),
        "/Subtype/Ink/InkList[[100 100 200 120]]".to_owned(),
        "/Subtype/Stamp/Name/Approved".to_owned(),
        "/Subtype/Caret".to_owned(),
        "/Subtype/Text".to_owned(),
        format!("/Subtype/Highlight{quads}/AP<</N 5 0 R>>"),
        "/Subtype/Text/AP<</N 5 0 R>>".to_owned(),
    ];
    for kind in kinds {
        let of = |words: &str| annotated(&format!("{kind}{words}"));
        assert_eq!(missing(PDF, &of("")).await, [""; 0], "{kind}");
        assert_eq!(missing(PDF, &of("/Contents(malignant?)")).await, ["remark"], "{kind}");
        assert_eq!(missing(PDF, &of("/RC(<p>malignant?</p>)")).await, ["remark"], "{kind}");
        // What stands on the page already is not missing; what is hidden is meant to be.
        assert_eq!(missing(PDF, &of("/Contents(Nodule  12 mm)")).await, [""; 0], "{kind}");
        assert_eq!(missing(PDF, &of("/F 2/Contents(malignant?)")).await, [""; 0], "{kind}");
    }
}

#[tokio::test]
async fn a_highlight_hides_no_word() {
    let plain = dark_pixels(&draw(PDF, &annotated("/Subtype/Link")).await.unwrap());
    let quads = "/QuadPoints[60 140 400 140 60 90 400 90]";
    for look in ["", "/AP<</N 5 0 R>>"] {
        let marked = annotated(&format!("/Subtype/Highlight/C[1 1 0]{quads}{look}"));
        let page = draw(PDF, &marked).await.unwrap();
        let dark = dark_pixels(&page);
        assert!(dark * 10 >= plain * 9, "{look}: {dark} of {plain} dark pixels are left");
        let yellow =
            |pixel: &&image::Rgb<u8>| pixel.0[0] > 200 && pixel.0[1] > 200 && pixel.0[2] < 120;
        let picture = pixels(&page);
        assert!(picture.pixels().filter(yellow).count() > 2_000, "{look}: it is to be seen");
    }
}

#[tokio::test]
async fn a_choice_is_drawn_as_its_field_words_it() {
    let field = |value: &str| {
        let choices = "/Opt[[(1)(positive, send for review)][(0)(negative)]]";
        annotated(&format!("/Subtype/Widget/FT/Ch{choices}/V({value})/DA(/Helv 12 Tf 0 g)"))
    };
    let ink = async |value| dark_pixels(&draw(PDF, &field(value)).await.unwrap());
    assert!(ink("1").await > ink("0").await + 100, "one is worded longer than the other");
}

#[tokio::test]
async fn a_page_on_paper_of_no_size_is_shown_on_the_sheet_or_on_a_letters() {
    let content = || stream("", b"BT /F 30 Tf 72 700 Td (Potassium 6.9) Tj ET 500 20 100 30 re f");
    let page =
        |boxes: &str| one_page_of(&format!("{boxes}/Resources<<{HELVETICA}>>"), content(), &[]);
    let dark = async |document: &[u8]| dark_pixels(&draw(PDF, document).await.unwrap());
    let plain = dark(&page("/MediaBox[0 0 612 792]")).await;
    let boxes = [
        "/MediaBox[0 0 0 0]",
        "/MediaBox[0 0 612 0]",
        "/MediaBox[0 0 612 792]/CropBox[900 900 1200 1300]",
        "/MediaBox[0 0 612 792]/CropBox[0 0 0 0]",
        "/MediaBox[0 0 0 0]/CropBox[0 0 612 792]",
    ];
    for boxes in boxes {
        let document = page(boxes);
        assert_eq!(missing(PDF, &document).await, [""; 0], "{boxes}");
        let dark = dark(&document).await;
        assert!(dark.abs_diff(plain) * 20 < plain, "{boxes}: {dark} dark pixels, not {plain}");
    }
    // Of several pages, each by itself; and where the box is said above the page.
    let kid = |boxes: &str| {
        format!("<</Type/Page/Parent 2 0 R/Contents 5 0 R{boxes}/Resources<<{HELVETICA}>>>>")
            .into_bytes()
    };
    let two = pdf(
        &[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[9 9 9 9]>>".to_vec(),
            kid("/MediaBox[0 0 612 792]"),
            kid(""),
            content(),
        ],
        "",
    );
    for page in [1, 2] {
        let page = super::draw_page(PDF, &two, page).await.unwrap();
        assert!(page.missing.is_empty() && page.pages == 2);
        assert!(dark_pixels(&page).abs_diff(plain) * 20 < plain);
    }
}

#[tokio::test]
async fn what_stands_at_the_end_of_a_line_is_drawn() {
    let line = |ends: &str| annotated(&format!("/Subtype/Line/L[100 100 300 130]/LE{ends}"));
    let blank = pixels(&draw(PDF, &line("[/None/None]")).await.unwrap());
    for end in [
        "OpenArrow",
        "ClosedArrow",
        "ROpenArrow",
        "RClosedArrow",
        "Butt",
        "Slash",
        "Square",
        "Circle",
        "Diamond",
    ] {
        let document = line(&format!("[/None/{end}]"));
        assert_eq!(missing(PDF, &document).await, [""; 0], "{end}");
        let page = pixels(&draw(PDF, &document).await.unwrap());
        let changed = page.pixels().zip(blank.pixels()).filter(|(one, other)| one != other).count();
        assert!(changed > 8, "{end}: {changed} pixels");
    }
    assert_eq!(missing(PDF, &line("[/None/Feather]")).await, ["remark"]);
}

/// Words, and a group over them that is filled by one that is blended in.
fn tinted(group: &str, laid_by: &str, blended: &str) -> Vec<u8> {
    let inner = "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group<</S/Transparency>>";
    let outer = format!(
        "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group<</S/Transparency{group}>>\
         /Resources<</XObject<</N 6 0 R>>/ExtGState<</G<</BM/{blended}>>>>>>"
    );
    let resources =
        format!("{HELVETICA}/XObject<</O 5 0 R>>/ExtGState<</G<</Type/ExtGState{laid_by}>>>>");
    let content = b"BT /F 30 Tf 72 700 Td (Potassium 6.9 mmol/l) Tj ET q /G gs /O Do Q";
    let forms =
        [stream(&outer, b"q /G gs /N Do Q"), stream(inner, b"1 0.9 0 rg 60 680 400 60 re f")];
    one_page(A4, &resources, stream("", content), &forms)
}

#[tokio::test]
async fn what_is_blended_within_a_group_that_is_no_island_hides_no_word() {
    let dark = async |document: &[u8]| {
        let page = draw(PDF, document).await.unwrap();
        assert!(page.missing.is_empty(), "{:?}", page.missing);
        dark_pixels(&page)
    };
    let plain = dark(&tinted("", "/ca 0", "Normal")).await;
    for (group, blended) in [("", "Multiply"), ("/I false/K false", "Darken")] {
        let dark = dark(&tinted(group, "", blended)).await;
        assert!(dark.abs_diff(plain) * 20 < plain, "{group} {blended}: {dark} of {plain}");
    }
    // On an island it meets nothing, and what is laid down plainly hides what is below, as it is meant to.
    for (group, blended) in [("/I true", "Multiply"), ("", "Normal")] {
        let dark = dark(&tinted(group, "", blended)).await;
        assert!(dark < plain / 2, "{group} {blended}: {dark} of {plain}");
    }
}

#[tokio::test]
async fn forms_that_all_name_one_another_are_looked_through_once() {
    let names: String = (5..45).map(|number| format!("/F{number} {number} 0 R")).collect();
    let form =
        format!("/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<<{names}>>>>");
    let forms: Vec<_> = (5..45).map(|_| stream(&form, b"0 0 9 9 re f")).collect();
    let document =
        one_page(A4, &format!("/XObject<<{names}>>"), stream("", b"/F5 Do /F44 Do"), &forms);
    assert_eq!(missing(PDF, &document).await, [""; 0]);
}
