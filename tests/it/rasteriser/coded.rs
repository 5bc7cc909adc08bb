//! Pictures in documents whose codes were damaged: what can be known of it is said.

use super::coders::{Rows, bilevel, group_3, group_4, stripes};
use super::documents::{one_page, stream};
use super::{PDF, draw};

const WIDTH: usize = 160;
const HEIGHT: usize = 120;

/// A way to code a picture: what its document says of it, and how it is done.
type Coding = (&'static str, fn(&Rows) -> Vec<u8>);

const CODINGS: [Coding; 4] = [
    ("/CCITTFaxDecode/DecodeParms<</K 0/Columns 160/EndOfBlock false>>", |rows| {
        group_3(rows, false)
    }),
    ("/CCITTFaxDecode/DecodeParms<</K 0/Columns 160/EndOfLine true>>", |rows| group_3(rows, true)),
    ("/CCITTFaxDecode/DecodeParms<</K -1/Columns 160>>", group_4),
    ("/JBIG2Decode", bilevel),
];

fn page(coding: &str, height: usize, data: &[u8]) -> Vec<u8> {
    let sides = format!("/Width {WIDTH}/Height {height}/BitsPerComponent 1/ColorSpace/DeviceGray");
    let image = stream(&format!("/Type/XObject/Subtype/Image{sides}/Filter{coding}"), data);
    let content = stream("", b"400 0 0 300 72 300 cm /I Do");
    one_page("0 0 595 842", "/XObject<</I 5 0 R>>", content, &[image])
}

/// Whether a picture is said to be missing, and nothing else.
async fn is_said(document: &[u8]) -> bool {
    let missing = draw(PDF, document).await.unwrap().missing;
    let missing: Vec<_> = missing.iter().map(|loss| loss.code()).collect();
    assert!(missing.is_empty() || missing == ["picture"], "{missing:?}");
    !missing.is_empty()
}

/// The data with some bytes from here on gone, or others in their place.
fn damaged(data: &[u8], from: usize) -> [Vec<u8>; 3] {
    let mut others = data.to_vec();
    others[from..from + 8].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let mut one = data.to_vec();
    one[from] ^= 0x18;
    [[&data[..from], &data[from + 5..]].concat(), others, one]
}

/// How much of the damage is said, and how much there was: at so many places, in each of three ways.
async fn said_of(places: usize, whole: &[u8], in_a_page: impl Fn(&[u8]) -> Vec<u8>) -> [usize; 3] {
    let (from, to) = (whole.len() / 8, whole.len() * 7 / 8);
    let mut said = [0; 3];
    for place in 0..places {
        let at = from + (to - from) * place / places;
        for (said, damaged) in said.iter_mut().zip(damaged(whole, at)) {
            *said += usize::from(is_said(&in_a_page(&damaged)).await);
        }
    }
    said
}

#[tokio::test]
async fn two_colours_that_are_whole_are_whole_and_cut_ones_are_said() {
    let rows = stripes(WIDTH, HEIGHT);
    for (coding, code) in CODINGS {
        let whole = code(&rows);
        assert!(!is_said(&page(coding, HEIGHT, &whole)).await, "{coding}");
        let padded = [&whole[..], b"\r\n"].concat();
        assert!(!is_said(&page(coding, HEIGHT, &padded)).await, "{coding}, padded");
        for part in [4, 2] {
            let cut = &whole[..whole.len() - whole.len() / part];
            assert!(
                is_said(&page(coding, HEIGHT, cut)).await,
                "{coding}, a part of {part} is gone"
            );
        }
    }
    // Of a fax the document says how high it is: with fewer rows it is not whole, with more it is.
    for (coding, code) in &CODINGS[..3] {
        assert!(is_said(&page(coding, HEIGHT + 1, &code(&rows))).await, "{coding}");
        assert!(!is_said(&page(coding, HEIGHT / 2, &code(&rows))).await, "{coding}");
    }
}

#[tokio::test]
async fn damage_in_the_middle_of_two_colours_is_mostly_said() {
    let rows = stripes(WIDTH, HEIGHT);
    for (coding, code) in CODINGS {
        let said = said_of(4, &code(&rows), |data| page(coding, HEIGHT, data)).await;
        assert!(said.iter().sum::<usize>() >= 10, "{coding}: {said:?} of 4 each");
    }
}

#[tokio::test]
async fn a_region_that_is_of_no_known_kind_or_shorter_than_its_data_is_said() {
    let whole = bilevel(&stripes(WIDTH, HEIGHT));
    let region = whole.windows(4).position(|bytes| bytes == [0, 0, 0, 1]).unwrap();
    let with = |at: usize, byte: u8| {
        let mut other = whole.clone();
        other[region + at] = byte;
        page("/JBIG2Decode", HEIGHT, &other)
    };
    // Its kind, its template, its length.
    for (at, byte) in
        [(4, 63), (4, 38 | 1 << 4), (11 + 17, 2), (9, 0), (10, whole[region + 10] ^ 8)]
    {
        assert!(is_said(&with(at, byte)).await, "byte {at} is {byte}");
    }
}

#[tokio::test]
async fn damage_in_wavelets_is_said_where_markers_and_heads_show_it() {
    let document = include_bytes!("../../cases/pdf/jpx-whole.pdf");
    let start = document.windows(4).position(|part| part == b"jp2c").unwrap() + 4;
    let end = document.windows(2).rposition(|part| part == [0xff, 0xd9]).unwrap();
    assert!(!is_said(document).await);
    // Lengths are kept, so that nothing of the document itself is damaged.
    let with = |from: usize, bytes: &[u8]| {
        let mut other = document.to_vec();
        other[from..from + bytes.len()].copy_from_slice(bytes);
        other
    };
    let part = start + document[start..].windows(2).position(|part| part == [0xff, 0x90]).unwrap();
    for (from, bytes, what) in [
        (end, &[0, 0][..], "its end"),
        (part, &[0xff, 0x91], "its first part"),
        (part + 4, &[0, 9], "which tile it is"),
        (part + 6, &[0, 0, 1, 0], "how long it is"),
        (part + 10, &[3], "which part of its tile it is"),
    ] {
        assert!(is_said(&with(from, bytes)).await, "{what}");
    }
}
