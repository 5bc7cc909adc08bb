//! What cannot be drawn whole is said at the upload, never discovered in front of the patient.

use std::fs;
use std::path::PathBuf;

use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;
use tokio::task::JoinHandle;

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

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_stands_in_the_list_of_reports() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let about = ("Letter", "other", PDF);
    for (name, whole) in [("pdf/plain.pdf", true), ("pdf/user-password.pdf", false)] {
        let uploaded = ana.upload(&app, &ana.id, about, case(name)).await.expect(201).json();
        let (report, position) = (uploaded["report"].as_str().unwrap(), &uploaded["position"]);
        let list = format!("/api/v1/patients/{}/reports", ana.id);
        for who in [&ana, &bo] {
            let newest = who.get(&app, &format!("{list}?min_position={position}")).await;
            let newest = newest.expect(200).json()["items"][0].clone();
            let one = who.get(&app, &format!("{list}/{report}")).await.expect(200).json();
            assert_eq!(newest, one, "{name}");
            assert_eq!(newest["drawing"], uploaded["drawing"], "{name}");
            assert_eq!(newest["drawing"]["whole"], whole, "{name}");
        }
    }
    let other = ("Scan", "imaging", "application/dicom");
    let scan = ana.upload(&app, &ana.id, other, b"DICM".to_vec()).await.expect(201);
    let path = format!("/api/v1/patients/{}/reports/{}", ana.id, scan.text("report"));
    let path = format!("{path}?min_position={}", scan.json()["position"]);
    assert_eq!(ana.get(&app, &path).await.expect(200).json()["drawing"], Value::Null);
}

/// An upload that has begun and goes on when it is told to.
async fn begun(app: &TestApp, ana: &Person) -> (UnboundedSender<Vec<u8>>, JoinHandle<Reply>) {
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    let body = json!({ "title": "Slow", "category": "other", "media_type": TEXT });
    let ticket = ana.post(app, &path, body).await.expect(201).text("ticket");
    let (chunks, body) = unbounded::<Vec<u8>>();
    // More than is looked at to tell what it is.
    chunks.unbounded_send(b"All is well so far. ".repeat(400)).unwrap();
    let put = ana.request(app, Method::PUT, "/api/v1/uploads").header("Upload-Ticket", ticket);
    let body = reqwest::Body::wrap_stream(body.map(Ok::<_, std::io::Error>));
    (chunks, tokio::spawn(Reply::to(put.body(body))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_document_at_once_is_taken_in_and_said_not_to_have_been_looked_at() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let slow = [begun(&app, &ana).await, begun(&app, &ana).await];
    let about = ("Letter", "other", PDF);
    let mut third = Value::Null;
    // The two have begun once they are looked at, which the third one hears.
    for _ in 0..40 {
        third = bo.upload(&app, &ana.id, about, case("pdf/plain.pdf")).await.expect(201).json();
        if third["drawing"]["looked_at"] == 0 {
            break;
        }
    }
    let drawing = &third["drawing"];
    assert_eq!(drawing["sentence"], "Whether it can be shown was not looked at.");
    assert_eq!((&drawing["whole"], &drawing["looked_at"]), (&json!(false), &json!(0)));
    let path = format!("/api/v1/patients/{}/reports/{}", ana.id, third["report"].as_str().unwrap());
    let path = format!("{path}?min_position={}", third["position"]);
    assert_eq!(ana.get(&app, &path).await.expect(200).json()["drawing"], *drawing);
    for (chunks, answer) in slow {
        chunks.unbounded_send(b"All is well.".to_vec()).unwrap();
        drop(chunks);
        assert_eq!(answer.await.unwrap().expect(201).json()["drawing"]["whole"], true);
    }
    let after = bo.upload(&app, &ana.id, about, case("pdf/plain.pdf")).await.expect(201).json();
    assert_eq!(after["drawing"]["whole"], true, "a turn comes back");
}
