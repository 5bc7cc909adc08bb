//! A part of a page at a finer scale: what is on it can be read, it is logged as its page is, and every rule
//! is asked of it.

use std::io::Cursor;
use std::time::Duration;

use domain::time::minutes;
use image::{GrayImage, ImageFormat, Luma, RgbImage};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

use crate::rasteriser::documents::{with_nested_rectangles, with_text};

const SHOWN: &str = "access.page_shown.v1";
const NOT_DRAWN: &str = "access.page_not_drawn.v1";
const A_MINUTE: Duration = Duration::from_secs(60);

/// Bo looks at a report of Ana's.
struct Looking {
    app: TestApp,
    ana: Person,
    bo: Person,
    cy: Person,
    report: String,
    viewing: String,
    consent: String,
}

impl Looking {
    async fn at(media_type: &str, document: Vec<u8>) -> Self {
        let app = TestApp::start().await;
        let (ana, bo, cy) = app.cast().await;
        let about = ("A strip", "imaging", media_type);
        let uploaded = ana.upload(&app, &ana.id, about, document).await.expect(201);
        assert_eq!(uploaded.json()["drawing"]["whole"], true, "{:?}", uploaded.json()["drawing"]);
        let report = uploaded.text("report");
        let granted = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
        let viewing = bo.open(&app, &ana.id, &report).await;
        Self { app, ana, bo, cy, report, viewing, consent: granted.text("consent") }
    }

    async fn asked(&self, viewing: &str, page: u32, query: &str) -> Reply {
        let pages = format!("/api/v1/patients/{}/viewings/{viewing}/pages", self.ana.id);
        self.bo.get(&self.app, &format!("{pages}/{page}{query}")).await
    }

    async fn page(&self) -> Reply {
        self.asked(&self.viewing, 1, "").await
    }

    async fn part(&self, region: &str) -> Reply {
        self.asked(&self.viewing, 1, &format!("?region={region}")).await
    }

    /// The types of what was added since there were so many events.
    async fn since(&self, count: usize) -> Vec<&'static str> {
        self.app.kinds().await.split_off(count)
    }

    async fn count(&self) -> usize {
        self.app.kinds().await.len()
    }
}

fn png_of(picture: &GrayImage) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

fn pixels(reply: &Reply) -> RgbImage {
    image::load_from_memory_with_format(&reply.bytes, ImageFormat::Png).unwrap().into_rgb8()
}

/// A code a machine reads: a column of pixels for each bit, from here on.
const CODE_AT: u32 = 17_003;
const CODE: &str = "QRS 92 ms, QT 388 ms, axis 41; lead V3 swapped with V4";

fn bit(column: u32) -> Option<bool> {
    let at = column.checked_sub(CODE_AT)?;
    let byte = *CODE.as_bytes().get(usize::try_from(at / 8).unwrap())?;
    Some(byte >> (7 - at % 8) & 1 == 1)
}

/// A strip of paper of an electrocardiograph, 30,000 by 400 pixels, with the code on it.
fn strip() -> Vec<u8> {
    png_of(&GrayImage::from_fn(30_000, 400, |x, y| match bit(x) {
        Some(dark) => Luma([if dark { 0 } else { 255 }]),
        None => Luma([if y == 200 + x % 97 { 0 } else { 255 }]),
    }))
}

/// What stands in the columns of a picture from here on, the reader's name over it or not.
fn read_code(picture: &RgbImage, left: u32) -> String {
    let is_dark = |column: u32| {
        let dark = (0..400).filter(|y| picture.get_pixel(column, *y).0[1] < 128).count();
        u8::from(dark > 200)
    };
    let columns: Vec<u8> = (0..CODE.len() as u32 * 8).map(|bit| is_dark(left + bit)).collect();
    let bytes = columns.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit));
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_one_pixel_wide_on_a_strip_is_read_in_a_part_of_it() {
    let looking = Looking::at("image/png", strip()).await;
    let page = looking.page().await.expect(200);
    assert_eq!(page.header("medlock-page-size"), "30000x400");
    assert_eq!(page.header("medlock-region"), "0,0,30000,400");
    assert_eq!(page.header("medlock-drawn-size"), "1240x17");
    assert_eq!(page.headers.get("medlock-missing"), None, "parts of it show everything");
    let before = looking.count().await;
    let part = looking.part("17000,0,1240,400").await.expect(200);
    assert_eq!(part.header("medlock-page-size"), "30000x400");
    assert_eq!(part.header("medlock-region"), "17000,0,1240,400");
    assert_eq!(part.header("medlock-drawn-size"), "1240x400");
    assert_eq!(part.header("cache-control"), "no-store");
    assert_eq!(read_code(&pixels(&part), CODE_AT - 17_000), CODE);
    assert_eq!(looking.since(before).await, [""; 0], "the page's own event answers for it");
    assert_eq!(part.header("medlock-event"), page.header("medlock-event"));
    // The same place in per cent; what reaches over the edge is cut.
    let same = looking.part("pct:56.666667,0,90,100").await.expect(200);
    assert_eq!(same.header("medlock-region"), "17000,0,13000,400");
    let end = looking.part("29000,0,4000,4000").await.expect(200);
    assert_eq!(end.header("medlock-region"), "29000,0,1000,400");
}

#[tokio::test(flavor = "multi_thread")]
async fn small_print_of_a_pdf_is_large_in_a_part_of_it_and_so_is_text() {
    for (media_type, document) in [
        ("application/pdf", with_text("Helvetica", "Haemoglobin 9.1")),
        ("text/plain", b"Haemoglobin 9.1".to_vec()),
    ] {
        let looking = Looking::at(media_type, document).await;
        let page = looking.page().await.expect(200);
        let dark = |reply: &Reply| {
            let drawn = pixels(reply);
            drawn.pixels().filter(|pixel| pixel.0.iter().all(|channel| *channel < 60)).count()
        };
        assert!(page.header("medlock-page-size").starts_with("24"), "A4 at 300 to the inch");
        let part = looking.part("pct:5,3,40,30").await.expect(200);
        assert!(dark(&part) > 3 * dark(&page), "{media_type}: {} {}", dark(&part), dark(&page));
        let wide = looking.asked(&looking.viewing, 1, "?size=2480,").await.expect(200);
        assert_eq!(pixels(&wide).width(), 2_480);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_page_is_an_event_but_for_a_minute_after_its_page_in_its_viewing() {
    let looking = Looking::at("text/plain", b"one\x0ctwo".to_vec()).await;
    let before = looking.count().await;
    let part = async || looking.part("0,0,500,500").await.expect(200);
    part().await;
    assert_eq!(looking.since(before).await, [SHOWN], "a page that was not shown yet");
    part().await;
    looking.app.later(A_MINUTE - Duration::from_millis(1));
    part().await;
    assert_eq!(looking.since(before).await, [SHOWN]);
    looking.app.later(Duration::from_millis(1));
    part().await;
    assert_eq!(looking.since(before).await, [SHOWN; 2], "the minute is over");
    let second = looking.asked(&looking.viewing, 2, "?region=0,0,500,500").await.expect(200);
    assert_eq!(looking.since(before).await, [SHOWN; 3], "another page");
    let other = looking.bo.open(&looking.app, &looking.ana.id, &looking.report).await;
    let before = looking.count().await;
    let elsewhere = looking.asked(&other, 2, "?region=0,0,500,500").await.expect(200);
    assert_eq!(looking.since(before).await, [SHOWN], "another viewing");
    assert_ne!(second.header("medlock-event"), elsewhere.header("medlock-event"));
    looking.page().await.expect(200);
    looking.page().await.expect(200);
    assert_eq!(looking.since(before).await, [SHOWN; 3], "whole pages are events, each of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_is_asked_of_a_part_of_a_page_that_was_shown_just_now() {
    let of = async || {
        let looking = Looking::at("text/plain", b"All is well.".to_vec()).await;
        looking.page().await.expect(200);
        looking.part("0,0,500,500").await.expect(200);
        looking
    };
    let looking = of().await;
    looking.ana.revoke(&looking.app, &looking.consent).await.expect(200);
    let before = looking.count().await;
    looking.part("0,0,500,500").await.refused(403, "consent_revoked");
    assert_eq!(looking.since(before).await, ["access.viewing_ended.v1"]);
    looking.part("0,0,500,500").await.refused(403, "viewing_ended");

    let looking = of().await;
    looking.app.standing(&looking.cy, &looking.bo, "suspend").await.expect(200);
    looking.part("0,0,500,500").await.refused(403, "only_a_verified_doctor");

    let looking = of().await;
    let viewing = format!("/api/v1/patients/{}/viewings/{}", looking.ana.id, looking.viewing);
    looking.bo.delete(&looking.app, &viewing).await.expect(200);
    looking.part("0,0,500,500").await.refused(403, "viewing_ended");

    let looking = of().await;
    let elsewhere = looking.app.log_in(&looking.bo.email).await;
    let session = format!("/api/v1/sessions/{}", looking.bo.session);
    elsewhere.delete(&looking.app, &session).await.expect(200);
    looking.part("0,0,500,500").await.refused(401, "not_signed_in");

    let looking = of().await;
    looking.app.later(minutes(15) - Duration::from_secs(1));
    looking.page().await.expect(200);
    looking.part("0,0,500,500").await.expect(200);
    looking.app.later(Duration::from_secs(1));
    looking.part("0,0,500,500").await.refused(403, "viewing_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_asked_for_behind_a_revoke_is_refused_however_many_were_under_way() {
    let mut looking = Looking::at("text/plain", b"All is well.".to_vec()).await;
    let rounds = tests::soak::sized(6, 200);
    for round in 0..rounds {
        looking.viewing = looking.bo.open(&looking.app, &looking.ana.id, &looking.report).await;
        looking.page().await.expect(200);
        let asked = || async {
            let asked = ["0,0,9,9", "0,0,99,99", "9,9,9,9"].map(|region| looking.part(region));
            futures::future::join_all(asked).await
        };
        let (revoked, _) =
            tokio::join!(looking.ana.revoke(&looking.app, &looking.consent), asked());
        revoked.expect(200);
        let behind = asked().await;
        for reply in behind {
            assert_eq!(reply.status, 403, "round {round}: {}", reply.code());
        }
        let again = all_for_treatment(&looking.app, &looking.bo.id);
        looking.consent = looking.ana.grant(&looking.app, again).await.expect(201).text("consent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_was_being_drawn_while_it_was_taken_back_is_not_handed_out() {
    let looking = Looking::at("application/pdf", with_nested_rectangles(4)).await;
    looking.page().await.expect(200);
    let before = looking.count().await;
    let revoke = looking.ana.revoke(&looking.app, &looking.consent);
    let (part, revoked) = tokio::join!(looking.part("pct:0,0,50,50"), revoke);
    revoked.expect(200);
    part.refused(403, "consent_revoked");
    let lost = looking.since(before).await.into_iter().filter(|kind| *kind == NOT_DRAWN).count();
    assert_eq!(lost, 0, "the page was shown, and stays so");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_region_or_lies_beside_the_page_is_refused() {
    let looking = Looking::at("text/plain", b"All is well.".to_vec()).await;
    let before = looking.count().await;
    const NONE: &str = "region=full region=1,2,3 region=0,0,0,9 region=-1,0,9,9 region=pct:0,0,0,0 \
                        region= size=max size=2481, size=319, size=800 rotation=90";
    for query in NONE.split_whitespace().map(|query| format!("?{query}")) {
        let refused = looking.asked(&looking.viewing, 1, &query).await;
        assert_eq!((refused.status, &*refused.code()), (400, "bad_query"), "{query}");
    }
    assert_eq!(looking.since(before).await, [""; 0], "nothing was opened for these");
    looking.part("99999,0,9,9").await.refused(404, "no_such_region");
    assert_eq!(looking.since(before).await, [SHOWN, NOT_DRAWN]);
    let line = looking.app.log().await.into_iter().last().unwrap();
    let line: Value = serde_json::from_slice(&line.bytes).unwrap();
    assert_eq!(line["data"]["missing"], json!(["no_part"]));
    // Nothing of the page was seen, so that event answers for nothing.
    let before = looking.count().await;
    looking.part("0,0,9,9").await.expect(200);
    assert_eq!(looking.since(before).await, [SHOWN]);
    looking.part("99999,0,9,9").await.refused(404, "no_such_region");
    assert_eq!(
        looking.since(before).await,
        [SHOWN],
        "of a page that was seen nothing is taken back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_on_a_part_is_said_as_of_its_page() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let cut = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/cases/pdf/dct-cut-to-half.pdf"));
    let about = ("Scan", "imaging", "application/pdf");
    let uploaded = ana.upload(&app, &ana.id, about, cut.unwrap()).await.expect(201);
    for first in ["?region=pct:0,0,50,50", ""] {
        let viewing = bo.open(&app, &ana.id, &uploaded.text("report")).await;
        let page = format!("/api/v1/patients/{}/viewings/{viewing}/pages/1", ana.id);
        let before = app.kinds().await.len();
        for query in [first, "?region=pct:0,0,50,50", "?region=pct:50,50,50,50"] {
            let reply = bo.get(&app, &format!("{page}{query}")).await.expect(200);
            assert_eq!(reply.header("medlock-missing"), "picture", "{query}");
        }
        let kinds = app.kinds().await.split_off(before);
        assert_eq!(kinds, [SHOWN, NOT_DRAWN], "said once of the page");
    }
}
