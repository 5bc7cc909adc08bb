//! Text in an encoding that its sender declares is drawn by it, and what it is not is said.

use std::fs;
use std::path::PathBuf;

use commands::ports::rasteriser::{PageEncoding, PageJob, Rasteriser};
use futures::{StreamExt as _, stream};
use infra::rasteriser::{ChildRasteriser, DrawingLimits};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::all_for_treatment;
use tests::program::medlock;

fn case(name: &str) -> Vec<u8> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "cases", "text", name].iter().collect();
    fs::read(file).unwrap()
}

/// A text without its mark, which would tell its encoding.
fn unmarked(name: &str) -> Vec<u8> {
    case(name)[2..].to_vec()
}

const GERMAN: &str = "Befund: Größe 1,72 m, Kalium 4,1 mmol/l, Überwachung täglich.\n";

/// What is declared, the bytes, and the same in UTF-8.
fn declared() -> Vec<(&'static str, Vec<u8>, String)> {
    let utf16 = |name: &str, read: fn([u8; 2]) -> u16| {
        let text = unmarked(name);
        let units = text.as_chunks::<2>().0.iter().copied().map(read);
        String::from_utf16(&units.collect::<Vec<u16>>()).unwrap()
    };
    let japanese = "血液検査 カリウム 4.1\n".to_owned();
    vec![
        ("ISO-8859-1", case("latin1.txt"), GERMAN.to_owned()),
        ("latin1", case("latin1.txt"), GERMAN.to_owned()),
        (
            "windows-1252",
            b"INR 2,1 \x96 3,0; 20 \x80\n".to_vec(),
            "INR 2,1 – 3,0; 20 €\n".to_owned(),
        ),
        ("Shift_JIS", case("shift-jis.txt"), japanese),
        ("utf-16le", unmarked("utf16le-bom.txt"), utf16("utf16le-bom.txt", u16::from_le_bytes)),
        ("UTF-16BE", unmarked("utf16be-bom.txt"), utf16("utf16be-bom.txt", u16::from_be_bytes)),
        ("utf-8", GERMAN.as_bytes().to_vec(), GERMAN.to_owned()),
        ("windows-1251", b"\xea\xe0\xeb\xe8\xe9 4,1\n".to_vec(), "калий 4,1\n".to_owned()),
    ]
}

async fn drawn(media_type: String, document: Vec<u8>) -> Vec<u8> {
    let watermark = vec!["Dr Bo Lind".to_owned()];
    let (page, region, width_px, encoding) = (1, None, 800, PageEncoding::Png);
    let reader_id = "doctor:17".to_owned();
    let job = PageJob { media_type, page, region, watermark, reader_id, width_px, encoding };
    let rasteriser = ChildRasteriser::new(medlock().to_owned(), DrawingLimits::default());
    let document = stream::once(async move { Ok(document.into()) }).boxed();
    let page = rasteriser.page(job, None, document).await.unwrap();
    assert!(page.missing.is_empty(), "{:?}", page.missing);
    page.picture
}

#[tokio::test]
async fn a_text_in_a_declared_encoding_is_drawn_like_the_same_text_in_utf_8() {
    for (label, document, text) in declared() {
        let label = label.to_ascii_lowercase();
        let page = drawn(format!("text/plain; charset={label}"), document).await;
        let same = drawn("text/plain".to_owned(), text.into_bytes()).await;
        assert!(page == same, "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_is_stored_drawn_by_and_told() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    for (label, document, _) in declared() {
        let said = format!("text/plain;charset=\"{label}\"");
        let uploaded =
            ana.upload(&app, &ana.id, ("Letter", "other", &said), document.clone()).await;
        let uploaded = uploaded.expect(201);
        assert_eq!(uploaded.json()["drawing"]["whole"], true, "{label}");
        let report = uploaded.text("report");
        let stored = format!("text/plain; charset={}", label.to_ascii_lowercase());
        let path = format!("/api/v1/patients/{}/reports/{report}", ana.id);
        let listed = ana.list(&app, &path).await.expect(200);
        assert_eq!(listed.json()["media_type"], stored);
        assert_eq!(listed.json()["can_be_shown"], true);
        let viewing = bo.open(&app, &ana.id, &report).await;
        let page = bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
        assert_eq!(page.headers.get("medlock-missing"), None, "{label}");
        let file = ana.get(&app, &format!("{path}/content")).await.expect(200);
        assert_eq!(file.header("content-type"), stored);
        assert!(file.header("content-disposition").contains(".txt"), "{label}");
        assert!(file.bytes == document, "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_its_declared_encoding_is_said_at_the_upload_and_not_shown() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    for (label, name) in [("utf-8", "latin1.txt"), ("shift_jis", "one-bad-byte.txt")] {
        let about = ("Letter", "other", &*format!("text/plain; charset={label}"));
        let uploaded = ana.upload(&app, &ana.id, about, case(name)).await.expect(201);
        let lossy = json!([{ "page": 1, "missing": ["unreadable"] }]);
        assert_eq!(uploaded.json()["drawing"]["lossy"], lossy, "{label}");
        let viewing = bo.open(&app, &ana.id, &uploaded.text("report")).await;
        bo.page(&app, &ana.id, &viewing, 1).await.refused(422, "cannot_draw");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_that_nobody_knows_is_refused_before_a_byte_is_sent() {
    let app = TestApp::start().await;
    let (ana, _bo, _cy) = app.cast().await;
    for said in [
        "text/plain; charset=klingon",
        "text/plain; charset=iso-2022-kr",
        "text/plain; charset=",
        "text/plain; format=flowed",
        "text/html; charset=utf-8",
    ] {
        let refused = ana.upload(&app, &ana.id, ("Letter", "other", said), vec![b'x']).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "bad_form"), "{said}");
        let named: Vec<Value> = refused.json()["errors"].as_array().unwrap().clone();
        assert_eq!(named[0]["pointer"], "/media_type", "{said}: {named:?}");
    }
}
