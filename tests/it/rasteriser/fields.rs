//! Fields that bring no picture of themselves, drawn as the form says they are to look.

use image::Rgb;

use super::documents::{one_page_of, stream};
use super::{PDF, draw, pixels};

/// The field's rectangle in pixels of a drawn page: left, top, right, bottom.
const FIELD: (u32, u32, u32, u32) = (100, 300, 500, 360);

/// An A4 page with one field of a form on it.
fn with_field(entries: &str) -> Vec<u8> {
    // Drawn 800 pixels wide, a page of 800 points has a pixel for each.
    let field = format!(
        "/MediaBox[0 0 800 1000]/Resources<<>>/Annots[<</Type/Annot/Subtype/Widget\
         /Rect[100 640 500 700]{entries}>>]"
    );
    one_page_of(&field, stream("", b" "), &[])
}

/// Where ink stands in the field, leaving its border out: the columns of the first and the last.
async fn ink(entries: &str) -> (u32, u32) {
    let page = draw(PDF, &with_field(entries)).await.unwrap();
    assert!(page.missing.is_empty(), "{entries}: {:?}", page.missing);
    let picture = pixels(&page);
    let (left, top, right, bottom) = FIELD;
    let is_ink = |x: &u32| {
        (top + 8..bottom - 8).any(|y| picture.get_pixel(*x, y).0.iter().all(|part| *part < 90))
    };
    let columns: Vec<u32> = (left + 5..right - 5).filter(is_ink).collect();
    (columns[0], columns[columns.len() - 1])
}

/// Pixels of the field that are about of a colour.
async fn coloured(entries: &str, colour: [u8; 3]) -> usize {
    let page = draw(PDF, &with_field(entries)).await.unwrap();
    assert!(page.missing.is_empty(), "{entries}: {:?}", page.missing);
    let picture = pixels(&page);
    let (left, top, right, bottom) = FIELD;
    let is_near = |pixel: &Rgb<u8>| {
        pixel.0.iter().zip(colour).all(|(part, wished)| part.abs_diff(wished) < 60)
    };
    let places = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
    places.filter(|(x, y)| is_near(picture.get_pixel(*x, *y))).count()
}

const WORDS: &str = "/FT/Tx/T(k)/V(6.9)/DA(/Helv 20 Tf 0 g)";

#[tokio::test]
async fn words_stand_where_their_field_or_its_form_says() {
    let left = ink(WORDS).await;
    let middle = ink(&format!("{WORDS}/Q 1")).await;
    let right = ink(&format!("{WORDS}/Q 2")).await;
    assert!(left.0 < 115 && right.1 > 485, "{left:?} {right:?}");
    assert!((middle.0 + middle.1).abs_diff(600) < 12, "{middle:?}");
    let remark = "/DA(/Helv 20 Tf 0 g)/Contents(6.9)/Q 2";
    let page = with_field(remark);
    let text = String::from_utf8_lossy(&page).replace("/Subtype/Widget", "/Subtype/FreeText");
    let page = draw(PDF, text.as_bytes()).await.unwrap();
    assert!(page.missing.is_empty());
}

#[tokio::test]
async fn letters_stand_in_their_cells() {
    // Eight cells of fifty pixels, with three digits in them.
    let comb = format!("{}/Ff {}/MaxLen 8", WORDS.replace("6.9", "690"), 1 << 24);
    let (first, last) = ink(&comb).await;
    assert!((115..135).contains(&first) && (220..245).contains(&last), "{first} {last}");
    let (first, _) = ink(&format!("{comb}/Q 2")).await;
    assert!((365..385).contains(&first), "{first}");
    // More letters than cells, or several lines: no cells.
    let (_, last) = ink(&comb.replace("MaxLen 8", "MaxLen 2")).await;
    assert!(last < 150, "{last}");
    let blue = "/MK<</BC[0 0 1]>>/BS<</W 2>>";
    let lines = coloured(&format!("{comb}{blue}"), [0, 0, 255]).await;
    let frame = coloured(&format!("{WORDS}{blue}"), [0, 0, 255]).await;
    assert!(lines > frame + 7 * 40, "{lines} with cells, {frame} without");
}

#[tokio::test]
async fn a_field_has_its_border_and_what_fills_it() {
    let (blue, yellow) = ([0, 0, 255], [255, 255, 0]);
    let border = "/MK<</BC[0 0 1]/BG[1 1 0]>>/BS<</W 4";
    for words in [WORDS, "/FT/Tx/T(k)", "/FT/Btn/T(k)/AS/Off", "/FT/Btn/T(k)/AS/On"] {
        let solid = coloured(&format!("{words}{border}/S/S>>"), blue).await;
        assert!((3_000..4_200).contains(&solid), "{words}: {solid}");
        let dashed = coloured(&format!("{words}{border}/S/D/D[10 10]>>"), blue).await;
        assert!((1_200..2_600).contains(&dashed), "{words}: {dashed}");
        let below = coloured(&format!("{words}{border}/S/U>>"), blue).await;
        assert!((1_400..1_800).contains(&below), "{words}: {below}");
        let filled = coloured(&format!("{words}{border}/S/S>>"), yellow).await;
        assert!(filled > 15_000, "{words}: {filled}");
    }
    assert_eq!(coloured(WORDS, blue).await, 0);
    let thin = coloured(&format!("{WORDS}/MK<</BC[0 0 1]>>/BS<</W 0>>"), blue).await;
    assert_eq!(thin, 0, "none is none");
}

#[tokio::test]
async fn a_button_that_is_pressed_has_its_words() {
    let (first, last) = ink(&format!("/FT/Btn/T(k)/Ff {}/MK<</CA(Send)>>", 1 << 16)).await;
    assert!((first + last).abs_diff(600) < 12, "{first} {last}");
}
