//! What cannot be drawn whole is said at the upload, never discovered in front of the patient.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::all_for_treatment;

fn case(name: &str) -> Vec<u8> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "cases", name].iter().collect();
    fs::read(file).unwrap()
}

const PDF: &str = "application/pdf";
const TEXT: &str = "text/plain";

/// A document, and what its uploader hears: pages, how many were looked at, what is missing, in words.
type Heard = (&'static str, &'static str, Option<u32>, u32, Value, &'static str);

fn heard() -> Vec<Heard> {
    let page = |missing: &[&str]| json!([{ "page": 1, "missing": missing }]);
    let unreadable = "Page 1 cannot be shown: the file is not what its type says.";
    let cut = "Page 1 can be shown, but not whole. Missing: a picture.";
    vec![
        (PDF, "pdf/plain.pdf", Some(1), 1, Value::Null, "Every page can be shown."),
        (PDF, "pdf/dct-whole.pdf", Some(1), 1, Value::Null, "Every page can be shown."),
        (PDF, "pdf/dct-cut-to-half.pdf", Some(1), 1, page(&["picture"]), cut),
        (PDF, "pdf/jbig2-rubbish.pdf", Some(1), 1, page(&["picture"]), cut),
        (
            PDF,
            "pdf/user-password.pdf",
            None,
            1,
            page(&["password"]),
            "Page 1 cannot be shown: the file needs a password.",
        ),
        (
            PDF,
            "pdf/cjk-japan-not-embedded.pdf",
            Some(1),
            1,
            Value::Null,
            "Every page can be shown.",
        ),
        (TEXT, "text/utf16le-bom.txt", Some(1), 1, Value::Null, "Every page can be shown."),
        (TEXT, "text/utf16be-bom.txt", Some(1), 1, Value::Null, "Every page can be shown."),
        (TEXT, "text/latin1.txt", None, 1, page(&["unreadable"]), unreadable),
        (TEXT, "text/cp1252.txt", None, 1, page(&["unreadable"]), unreadable),
        (TEXT, "text/shift-jis.txt", None, 1, page(&["unreadable"]), unreadable),
        (TEXT, "text/gbk.txt", None, 1, page(&["unreadable"]), unreadable),
        (TEXT, "text/koi8-r.txt", None, 1, page(&["unreadable"]), unreadable),
        (TEXT, "text/one-bad-byte.txt", None, 1, page(&["unreadable"]), unreadable),
        (TEXT, "text/tamil.txt", Some(1), 1, Value::Null, "Every page can be shown."),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_uploads_hears_at_once_what_cannot_be_seen() {
    let app = TestApp::start().await;
    let (ana, _bo, _cy) = app.cast().await;
    for (media_type, name, pages, looked_at, lossy, sentence) in heard() {
        let about = ("A document", "other", media_type);
        let answer = ana.upload(&app, &ana.id, about, case(name)).await.expect(201).json();
        let drawing = &answer["drawing"];
        assert_eq!(drawing["sentence"], sentence, "{name}");
        assert_eq!(drawing["pages"], json!(pages), "{name}");
        assert_eq!(drawing["looked_at"], looked_at, "{name}");
        assert_eq!(drawing["lossy"], lossy, "{name}");
        assert_eq!(drawing["whole"], lossy.is_null(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_stands_in_the_event_and_the_doctor_hears_how_many_pages_there_are() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let document = b"one\x0ctwo\x0cthree".to_vec();
    let uploaded = bo.upload(&app, &ana.id, ("Letter", "other", TEXT), document).await.expect(201);
    let line: Value = serde_json::from_slice(&app.log().await.last().unwrap().bytes).unwrap();
    assert_eq!(line["type"], "records.report_uploaded.v1");
    let verdict = &line["data"]["drawing"];
    assert_eq!((&verdict["pages"], &verdict["looked_at"]), (&json!(3), &json!(3)));
    assert!(verdict["engine"].as_str().unwrap().starts_with("hayro "));
    let token = bo.ask(&app, &ana.id, &uploaded.text("report")).await.expect(201).text("token");
    let viewing = bo.redeem(&app, &ana.id, &token).await.expect(201).json();
    assert_eq!(viewing["pages"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_beyond_the_bound_is_said_not_to_have_been_looked_at() {
    let app = TestApp::start().await;
    let (ana, _bo, _cy) = app.cast().await;
    let document = ["a page"; 30].join("\x0c").into_bytes();
    let answer = ana.upload(&app, &ana.id, ("Long", "other", TEXT), document).await.expect(201);
    let drawing = &answer.json()["drawing"];
    assert_eq!(drawing["whole"], false);
    assert_eq!(drawing["sentence"], "Only the first 20 of 30 pages were looked at.");
    // Of what nobody could see page by page nothing is said.
    let other = ("Scan", "imaging", "application/dicom");
    let answer = ana.upload(&app, &ana.id, other, b"DICM".to_vec()).await.expect(201);
    assert_eq!(answer.json()["drawing"], Value::Null);
}
