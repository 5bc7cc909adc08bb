//! What a doctor and a patient learn of a page that could not be drawn, or not whole.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

/// Bo may see everything of Ana's, and Ana has just added a document.
struct Shown {
    app: TestApp,
    ana: Person,
    bo: Person,
    viewing: String,
}

impl Shown {
    async fn of(media_type: &str, document: Vec<u8>) -> Self {
        let app = TestApp::start().await;
        let (ana, bo, _cy) = app.cast().await;
        let about = ("Blood test", "laboratory", media_type);
        let report = ana.upload(&app, &ana.id, about, document).await.expect(201).text("report");
        ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
        let viewing = bo.open(&app, &ana.id, &report).await;
        Self { app, ana, bo, viewing }
    }

    async fn page(&self, number: u32) -> Reply {
        self.bo.page(&self.app, &self.ana.id, &self.viewing, number).await
    }

    /// What the newest sentence of Ana's history says of pages.
    async fn said(&self) -> String {
        let history = self.ana.history(&self.app).await;
        let newest = history.into_iter().next().unwrap();
        newest.split_once("(UTC). ").unwrap().1.to_owned()
    }

    /// The newest events: their types, and what the last one says.
    async fn newest(&self, count: usize) -> (Vec<&'static str>, Value) {
        let kinds = self.app.kinds().await;
        let last = self.app.log().await.into_iter().last().unwrap();
        let line: Value = serde_json::from_slice(&last.bytes).unwrap();
        (kinds[kinds.len() - count..].to_vec(), line["data"].clone())
    }
}

fn case(name: &str) -> Vec<u8> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "cases", name].iter().collect();
    fs::read(file).unwrap()
}

const SHOWN: &str = "access.page_shown.v1";
const NOT_DRAWN: &str = "access.page_not_drawn.v1";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_value_is_said_in_the_answer_in_the_log_and_to_the_patient() {
    let shown = Shown::of("application/pdf", case("pdf/dct-cut-to-half.pdf")).await;
    let page = shown.page(1).await.expect(200);
    assert_eq!(page.header("medlock-missing"), "picture");
    let (kinds, data) = shown.newest(2).await;
    assert_eq!(kinds, [SHOWN, NOT_DRAWN]);
    assert_eq!(data["missing"], serde_json::json!(["picture"]));
    assert_eq!(data["shown"], page.header("medlock-event"));
    assert_eq!(shown.said().await, "One page was shown. A part of it was missing.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_page_is_answered_without_a_word() {
    let shown = Shown::of("application/pdf", case("pdf/dct-whole.pdf")).await;
    let page = shown.page(1).await.expect(200);
    assert_eq!(page.headers.get("medlock-missing"), None);
    assert_eq!(shown.newest(1).await.0, [SHOWN]);
    assert_eq!(shown.said().await, "One page was shown.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_exist_was_not_shown() {
    let shown = Shown::of("text/plain", b"Potassium 4.1".to_vec()).await;
    shown.page(2).await.refused(404, "no_such_page");
    let (kinds, data) = shown.newest(2).await;
    assert_eq!(kinds, [SHOWN, NOT_DRAWN]);
    assert_eq!(data["missing"], serde_json::json!(["no_page"]));
    let lost = "A page that was asked for could not be shown.";
    assert_eq!(shown.said().await, format!("No page was shown. {lost}"));
    shown.page(1).await.expect(200);
    assert_eq!(shown.said().await, format!("One page was shown. {lost}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_with_a_password_says_why_nothing_is_seen() {
    let shown = Shown::of("application/pdf", case("pdf/user-password.pdf")).await;
    shown.page(1).await.refused(422, "needs_password");
    let (kinds, data) = shown.newest(2).await;
    assert_eq!(kinds, [SHOWN, NOT_DRAWN]);
    assert_eq!(data["missing"], serde_json::json!(["password"]));
    assert!(shown.said().await.starts_with("No page was shown."));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_document_were_not_shown() {
    let shown = Shown::of("application/pdf", b"%PDF-1.7 and no document".to_vec()).await;
    shown.page(1).await.refused(422, "cannot_draw");
    assert_eq!(shown.newest(1).await.1["missing"], serde_json::json!(["unreadable"]));
    assert!(shown.said().await.starts_with("No page was shown."));
}
