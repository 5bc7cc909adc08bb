//! A page with anything missing is never answered like a whole one.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use commands::ports::page_region::PageSize;
use commands::ports::rasteriser::{PageJob, RasteriseError, Rasteriser};
use domain::access::page_loss::PageLoss;
use image::{Rgb, RgbImage};
use infra::rasteriser::{ChildRasteriser, DrawingLimits};
use tests::program::medlock;

use super::documents::{one_page, one_page_of, stream, with_text};
use super::{JPEG, PDF, TEXT, bytes, dark_pixels, draw, draw_page, job, pixels};

fn case(name: &str) -> Vec<u8> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "cases", name].iter().collect();
    fs::read(file).unwrap()
}

fn is_red(pixel: &Rgb<u8>) -> bool {
    matches!(pixel.0, [150..=255, 0..60, 0..60])
}

/// What is said to be missing, as codes.
async fn missing(media_type: &str, document: &[u8]) -> Vec<&'static str> {
    let page = draw(media_type, document).await.unwrap();
    // What is said of a page is said on it, in red.
    let picture = pixels(&page);
    let notice = picture.rows().take(60).flatten().filter(|pixel| is_red(pixel)).count();
    assert_eq!(notice > 200, !page.missing.is_empty(), "{notice} red pixels");
    page.missing.iter().map(|loss| loss.code()).collect()
}

/// Each document, and what is missing on its page.
const PDFS: [(&str, &[&str]); 19] = [
    ("plain", &[]),
    ("crlf-as-text", &[]),
    ("owner-only-R4", &[]),
    ("dct-whole", &[]),
    ("jpx-whole", &[]),
    ("dct-cut-to-half", &["picture"]),
    ("dct-empty", &["picture"]),
    ("dct-rubbish", &["picture"]),
    ("jpx-cut-to-half", &["picture"]),
    ("jpx-rubbish", &["picture"]),
    ("jbig2-rubbish", &["picture"]),
    ("ccitt-rubbish", &["picture"]),
    ("cjk-gb-not-embedded", &[]),
    ("cjk-japan-not-embedded", &[]),
    ("cjk-korea-not-embedded", &[]),
    ("form-without-appearance", &[]),
    ("freetext-without-appearance", &[]),
    ("cropbox-outside", &[]),
    ("mediabox-zero", &[]),
];

#[tokio::test]
async fn what_is_missing_on_a_page_of_a_pdf_is_said() {
    for (name, expected) in PDFS {
        assert_eq!(missing(PDF, &case(&format!("pdf/{name}.pdf"))).await, expected, "{name}");
    }
}

#[tokio::test]
async fn every_document_of_the_collection_has_its_row() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "cases", "pdf"].iter().collect();
    let files = fs::read_dir(folder).unwrap().flatten().map(|file| file.file_name());
    let files: BTreeSet<String> = files.map(|name| name.into_string().unwrap()).collect();
    let rows = PDFS.iter().map(|(name, _)| *name).chain([STRIP, "user-password"]);
    assert_eq!(files, rows.map(|name| format!("{name}.pdf")).collect());
}

/// A strip of paper of an electrocardiograph.
const STRIP: &str = "ecg-strip-30000x400";

#[tokio::test]
async fn a_page_too_small_to_be_read_says_so_and_lacks_nothing_for_a_part_of_it_shows_it() {
    let strip = draw(PDF, &case(&format!("pdf/{STRIP}.pdf"))).await.unwrap();
    assert_eq!(strip.missing, BTreeSet::new());
    assert_eq!(strip.frame.full, PageSize { width: 125_000, height: 1_667 });
    let red = |page: &RgbImage| page.pixels().filter(|pixel| is_red(pixel)).count();
    assert!(red(&pixels(&strip)) > 200);
    let part = Some("0,0,4000,1667".parse().unwrap());
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), DrawingLimits::default());
    let job = PageJob { region: part, ..job(PDF, 1) };
    let part = rasteriser.page(job, None, bytes(&case(&format!("pdf/{STRIP}.pdf")))).await.unwrap();
    assert_eq!((red(&pixels(&part)), part.frame.drawn.width), (0, 800));
}

#[tokio::test]
async fn a_document_with_a_password_says_so() {
    let refused = draw(PDF, &case("pdf/user-password.pdf")).await.unwrap_err();
    assert_eq!(refused.loss(), PageLoss::Password, "{refused}");
}

#[tokio::test]
async fn letters_that_do_not_come_out_as_meant_are_said() {
    for script in ["পটাসিয়াম", "ပိုတက်စီယမ်", "ប៉ូតាស្យូម", "ܐܒܓ", "\u{20001}"]
    {
        assert_eq!(missing(TEXT, script.as_bytes()).await, ["letters"], "{script}");
    }
    for script in ["japanese", "hindi", "tamil", "thai", "hebrew", "arabic"] {
        let document = case(&format!("text/{script}.txt"));
        assert_eq!(missing(TEXT, &document).await, [""; 0], "{script}");
    }
    assert!(missing(TEXT, "Größe 1,72 m · Καλιο 4,1 · калий 4,1".as_bytes()).await.is_empty());
}

#[tokio::test]
async fn a_letter_on_another_page_is_said_there_alone() {
    let document = "Potassium 4.1\u{c}পটাসিয়াম".as_bytes();
    let first = draw_page(TEXT, document, 1).await.unwrap();
    let second = draw_page(TEXT, document, 2).await.unwrap();
    assert!(first.missing.is_empty() && second.missing == [PageLoss::Letters].into());
}

#[tokio::test]
async fn a_photograph_that_is_cut_is_said() {
    let whole = super::documents::picture(image::ImageFormat::Jpeg);
    assert!(missing(JPEG, &whole).await.is_empty());
    assert_eq!(missing(JPEG, &whole[..whole.len() - whole.len() / 3]).await, ["picture"]);
}

#[tokio::test]
async fn fonts_of_the_far_east_are_stood_in_for_by_ours() {
    for name in ["gb", "japan", "korea"] {
        let document = case(&format!("pdf/cjk-{name}-not-embedded.pdf"));
        let page = draw(PDF, &document).await.unwrap();
        assert!(dark_pixels(&page) > 300, "{name}: {} dark pixels", dark_pixels(&page));
    }
    // A letter that ours does not have, and codes that are no letters.
    let font = |encoding: &str, codes: &str| {
        let content = stream("", format!("BT /F1 30 Tf 72 700 Td <{codes}> Tj ET").as_bytes());
        let font = format!(
            "/Font << /F1 << /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /{encoding} \
             /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light \
             /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> \
             /FontDescriptor << /Type /FontDescriptor /Flags 4 >> >>] >> >>"
        );
        one_page("0 0 595 842", &font, content, &[])
    };
    assert_eq!(missing(PDF, &font("UniJIS-UTF16-H", "8840")).await, [""; 0]);
    for unknown in ["2603", "D842DF9F"] {
        assert_eq!(missing(PDF, &font("UniJIS-UTF16-H", unknown)).await, ["letters"], "{unknown}");
    }
    assert_eq!(missing(PDF, &font("90ms-RKSJ-H", "8C8C")).await, [""; 0]);
}

/// An A4 page with something put over it.
fn annotated(annotation: &str) -> Vec<u8> {
    let entries = format!("/MediaBox [0 0 595 842] /Annots [<< /Type /Annot {annotation} >>]");
    one_page_of(&entries, stream("", b"0 0 9 9 re f"), &[])
}

#[tokio::test]
async fn what_was_put_over_a_page_without_a_picture_of_itself_is_drawn() {
    let place = "/Rect [100 100 300 140]";
    let quads = "/QuadPoints [100 140 300 140 100 100 300 100]";
    let drawn = [
        "/Subtype /FreeText /Contents (Nodule 12 mm) /DA (/Helv 14 Tf 1 0 0 rg)".to_owned(),
        format!("/Subtype /StrikeOut {quads}"),
        format!("/Subtype /Underline {quads}"),
        format!("/Subtype /Highlight {quads}"),
        "/Subtype /Ink /InkList [[100 100 200 120 300 140]]".to_owned(),
        "/Subtype /Line /L [100 100 300 140]".to_owned(),
        "/Subtype /Square".to_owned(),
        "/Subtype /Circle /IC [1 0 0]".to_owned(),
        "/Subtype /Polygon /Vertices [100 100 300 100 200 140]".to_owned(),
        "/Subtype /Stamp /Name /NotApproved".to_owned(),
        "/Subtype /Caret".to_owned(),
        "/Subtype /Text".to_owned(),
        "/Subtype /Line /L [100 100 300 140] /LE [/None /OpenArrow]".to_owned(),
        "/Subtype /FreeText /Contents (Nodule) /CL [100 100 90 90 80 80]".to_owned(),
        "/Subtype /Widget /FT /Tx /V (6.9 mmol/l) /DA (/Helv 18 Tf 0 g)".to_owned(),
        "/Subtype /Widget /FT /Tx /V <FEFF0036002E0039>".to_owned(),
        "/Subtype /Widget /FT /Tx /Ff 4096 /V (two\\rlines)".to_owned(),
        "/Subtype /Widget /FT /Ch /V (positive)".to_owned(),
        "/Subtype /Widget /FT /Ch /V [(a) (b)]".to_owned(),
        "/Subtype /Widget /FT /Btn /V /Yes /AS /Yes".to_owned(),
        "/Subtype /Widget /Parent << /FT /Tx /V (6.9 mmol/l) >>".to_owned(),
    ];
    let blank = pixels(&draw(PDF, &annotated("/Subtype /Link")).await.unwrap());
    for annotation in drawn {
        let document = annotated(&format!("{place} {annotation}"));
        assert_eq!(missing(PDF, &document).await, [""; 0], "{annotation}");
        let page = pixels(&draw(PDF, &document).await.unwrap());
        let changed = page.pixels().zip(blank.pixels()).filter(|(one, other)| one != other).count();
        assert!(changed > 100, "{annotation}: {changed} pixels");
    }
}

#[tokio::test]
async fn what_cannot_be_drawn_over_a_page_is_said() {
    let place = "/Rect [100 100 300 140]";
    let said = [
        ("/Subtype /Text /Contents (see the other report)", "remark"),
        ("/Subtype /Line /L [100 100 300 140] /LE [/None /Feather]", "remark"),
        ("/Subtype /StrikeOut", "remark"),
        ("/Subtype /FreeText /Contents <FEFF09AA099F09BE>", "remark"),
        ("/Subtype /Widget /FT /Tx /V <FEFF09AA099F09BE>", "form_field"),
        ("/Subtype /Widget /FT /Sig /V << /Type /Sig >>", "form_field"),
    ];
    for (annotation, loss) in said {
        let document = annotated(&format!("{place} {annotation}"));
        assert_eq!(missing(PDF, &document).await, [loss], "{annotation}");
    }
    let long = "follow up ".repeat(2_000);
    let document = annotated(&format!("{place} /Subtype /FreeText /Contents ({long})"));
    assert_eq!(missing(PDF, &document).await, ["remark"]);
}

#[tokio::test]
async fn what_has_nothing_to_show_is_not_said_to_be_missing() {
    let place = "/Rect [100 100 300 140]";
    let nothing = [
        "/Subtype /Link /Border [0 0 0]",
        "/Subtype /Popup /Contents (beside a note)",
        "/Subtype /Widget /FT /Tx",
        "/Subtype /Widget /FT /Tx /V ()",
        "/Subtype /Widget /FT /Btn /AS /Off",
        "/Subtype /Widget /FT /Sig",
        "/Subtype /Widget /FT /Tx /Ff 8192 /V (secret)",
        "/Subtype /FreeText /Contents (hidden) /F 2",
        "/Subtype /FreeText /Contents (not on the screen) /F 32",
    ];
    for annotation in nothing {
        let document = annotated(&format!("{place} {annotation}"));
        assert_eq!(missing(PDF, &document).await, [""; 0], "{annotation}");
    }
    let invisible = "/Subtype /FreeText /Contents (x) /Rect [9 9 9 9]";
    assert!(missing(PDF, &annotated(invisible)).await.is_empty());
}

#[tokio::test]
async fn a_font_that_nobody_can_stand_in_for_is_said() {
    let font = |font: &str| {
        let content = stream("", b"BT /F1 18 Tf 72 700 Td (abc) Tj ET");
        one_page("0 0 595 842", &format!("/Font << /F1 {font} >>"), content, &[])
    };
    let fonts = [
        ("<< /Type /Font /Subtype /TrueType /BaseFont /Arial >>", false),
        ("<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>", false),
        ("<< /Type /Font /Subtype /TrueType /BaseFont /Wingdings-Regular >>", true),
        (
            "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Cursive \
             /FontDescriptor << /Type /FontDescriptor /Flags 4 >> >>",
            true,
        ),
        (
            "<< /Type /Font /Subtype /Type0 /BaseFont /Tahoma /Encoding /Identity-H \
             /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Tahoma >>] >>",
            true,
        ),
    ];
    for (words, lost) in fonts {
        let found = missing(PDF, &font(words)).await;
        assert_eq!(found.contains(&"font"), lost, "{words}: {found:?}");
    }
}

#[tokio::test]
async fn rows_of_a_picture_that_are_not_there_are_said() {
    let picture = |colours: &str, bits: u32, bytes: usize| {
        let image = format!(
            "/Type /XObject /Subtype /Image /Width 40 /Height 30 /ColorSpace {colours} \
             /BitsPerComponent {bits}"
        );
        let image = stream(&image, &vec![0x55; bytes]);
        let resources = "/XObject << /I 5 0 R >>";
        let content = stream("", b"400 0 0 300 72 300 cm /I Do");
        one_page("0 0 595 842", resources, content, &[image])
    };
    let cases = [
        (picture("/DeviceGray", 8, 1_200), false),
        (picture("/DeviceGray", 8, 1_199), true),
        (picture("/DeviceGray", 1, 150), false),
        (picture("/DeviceGray", 1, 90), true),
        (picture("/DeviceRGB", 8, 3_600), false),
        (picture("/DeviceRGB", 8, 1_800), true),
        (picture("/DeviceCMYK", 8, 4_800), false),
        (picture("/DeviceCMYK", 8, 0), true),
    ];
    for (at, (document, lost)) in cases.iter().enumerate() {
        let found = missing(PDF, document).await;
        assert_eq!(found.contains(&"picture"), *lost, "{at}: {found:?}");
    }
}

#[tokio::test]
async fn a_cut_picture_is_found_wherever_it_is_drawn() {
    let page = |resources: &str, content: &str, more: &str, drawing: &str| {
        let image = "/Type/XObject/Subtype/Image/Width 40/Height 30/ColorSpace/DeviceGray/BitsPerComponent 8";
        let inner = format!("{more}/BBox[0 0 40 30]/Resources<</XObject<</I 5 0 R>>>>");
        let objects = [stream(image, &[0x55; 600]), stream(&inner, drawing.as_bytes())];
        one_page("0 0 595 842", resources, stream("", content.as_bytes()), &objects)
    };
    let drawing = "40 0 0 30 0 0 cm /I Do";
    let form = "/Type/XObject/Subtype/Form";
    let font = "/Font<</F<</Type/Font/Subtype/Type3/FontBBox[0 0 40 30]/FontMatrix[0.01 0 0 0.01 0 0]\
                /CharProcs<</a 6 0 R>>/Encoding<</Type/Encoding/Differences[97/a]>>/FirstChar 97/LastChar 97\
                /Widths[40]/Resources<</XObject<</I 5 0 R>>>>>>>>";
    let cases = [
        ("a form", page("/XObject<</F 6 0 R>>", "/F Do", form, drawing)),
        (
            "a pattern",
            page(
                "/Pattern<</P 6 0 R>>",
                "/Pattern cs /P scn 0 0 200 200 re f",
                "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/XStep 40/YStep 30",
                drawing,
            ),
        ),
        (
            "a mask",
            page(
                "/ExtGState<</G<</SMask<</S/Luminosity/G 6 0 R>>>>>>",
                "/G gs 0 0 200 200 re f",
                &format!("{form}/Group<</S/Transparency/CS/DeviceGray>>"),
                drawing,
            ),
        ),
        (
            "a letter",
            page(font, "BT /F 100 Tf 72 700 Td (a) Tj ET", "", &format!("40 0 d0 {drawing}")),
        ),
    ];
    for (place, document) in cases {
        assert_eq!(missing(PDF, &document).await, ["picture"], "{place}");
    }
}

#[tokio::test]
async fn content_that_breaks_off_is_said() {
    let whole = with_text("Helvetica", "Haemoglobin 9.1");
    assert!(missing(PDF, &whole).await.is_empty());
    let rubbish = stream("/Filter /FlateDecode", &[0xff; 60]);
    assert_eq!(missing(PDF, &one_page("0 0 595 842", "", rubbish, &[])).await, ["content"]);
}

#[tokio::test]
async fn a_loss_of_the_whole_page_is_told_by_its_kind() {
    let kinds = [
        (draw_page(TEXT, b"one page", 2).await, PageLoss::NoPage),
        (draw(PDF, b"no document at all").await, PageLoss::Unreadable),
        (draw(TEXT, &vec![b' '; (64 << 20) + 1]).await, PageLoss::Heavy),
    ];
    for (drawn, loss) in kinds {
        let refused: RasteriseError = drawn.unwrap_err();
        assert_eq!(refused.loss(), loss, "{refused}");
    }
}
