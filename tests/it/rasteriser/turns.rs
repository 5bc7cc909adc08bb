//! Whose page is drawn next: a reader with a heavy document waits behind themselves, a page that is too heavy
//! is not tried again and again, and what was taken back while it was drawn is not handed out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::time::minutes;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

use super::documents::{with_gigabyte_of_content, with_nested_rectangles};

/// Pages that one doctor asks for at once.
const AT_ONCE: usize = 20;

/// Ana's report of these bytes, opened by a doctor whom she lets in: report and viewing.
async fn opened(app: &TestApp, ana: &Person, doctor: &Person, bytes: Vec<u8>) -> (String, String) {
    let about = ("Scan", "imaging", "application/pdf");
    let report = ana.upload(app, &ana.id, about, bytes).await.expect(201).text("report");
    let viewing = doctor.open(app, &ana.id, &report).await;
    (report, viewing)
}

/// Waits until something has happened behind `position`.
async fn until_behind(app: &TestApp, position: u64) {
    let mut seen = app.inside.models.seen();
    seen.wait_for(|next| next.0 > position + 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_with_a_heavy_document_waits_behind_themselves_and_nobody_else_does() {
    let app = Arc::new(TestApp::start_with(|config| config.shares.drawings = 1).await);
    let (ana, bo, cy) = app.cast().await;
    let eve = app.doctor(&cy, "Dr Eve Engel", "eve@example.org").await;
    for doctor in [&bo, &eve] {
        ana.grant(&app, all_for_treatment(&app, &doctor.id)).await.expect(201);
    }
    let letter = ana.letter(&app, &ana.id, "Letter").await;
    let eves = eve.open(&app, &ana.id, &letter).await;
    let (_, heavy) = opened(&app, &ana, &bo, with_nested_rectangles(4)).await;

    let before = app.newest();
    let drawn = Arc::new(AtomicUsize::new(0));
    let ask = || {
        let (app, bo, patient) = (Arc::clone(&app), bo.clone(), ana.id.clone());
        let (viewing, drawn) = (heavy.clone(), Arc::clone(&drawn));
        tokio::spawn(async move {
            let reply = bo.page(&app, &patient, &viewing, 1).await;
            let refused = reply.status == 429 && reply.code() == "too_many_pages";
            if refused {
                assert_eq!(reply.header("retry-after"), "1");
            } else {
                drawn.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let asking: Vec<_> = (0..AT_ONCE).map(|_| ask()).collect();
    until_behind(&app, before).await;
    let first = drawn.load(Ordering::SeqCst);
    let answer = eve.page(&app, &ana.id, &eves, 1).await.expect(200);
    let meanwhile = drawn.load(Ordering::SeqCst) - first;
    assert_eq!(answer.header("content-type"), "image/png");
    // The one that was being drawn, and one more if it ended while she asked.
    assert!(meanwhile <= 2, "{meanwhile} pages of another doctor came before hers");
    // Who leaves takes their place in the line along.
    asking.iter().for_each(tokio::task::JoinHandle::abort);
    eve.page(&app, &ana.id, &eves, 1).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_heavy_is_refused_at_once_for_a_while() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.doctor(&cy, "Dr Eve Engel", "eve@example.org").await;
    for doctor in [&bo, &eve] {
        ana.grant(&app, all_for_treatment(&app, &doctor.id)).await.expect(201);
    }
    let (report, bos) = opened(&app, &ana, &bo, with_gigabyte_of_content()).await;
    let eves = eve.open(&app, &ana.id, &report).await;
    let before = app.newest();
    bo.page(&app, &ana.id, &bos, 1).await.refused(422, "too_heavy");
    assert_eq!(app.newest(), before + 2, "it was tried, and that is in the log");
    for (doctor, viewing) in [(&bo, &bos), (&eve, &eves)] {
        doctor.page(&app, &ana.id, viewing, 1).await.refused(422, "too_heavy");
    }
    assert_eq!(app.newest(), before + 2, "nothing was drawn, and nothing says so");
    app.later(minutes(10));
    eve.page(&app, &ana.id, &eves, 1).await.refused(422, "too_heavy");
    assert_eq!(app.newest(), before + 4, "it is tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_being_drawn_while_it_was_taken_back_is_not_handed_out() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let consent = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let (_, viewing) = opened(&app, &ana, &bo, with_nested_rectangles(4)).await;
    let before = app.newest();
    let revoke = async {
        until_behind(&app, before).await;
        ana.revoke(&app, &consent.text("consent")).await.expect(200);
    };
    let (page, ()): (Reply, ()) = tokio::join!(bo.page(&app, &ana.id, &viewing, 1), revoke);
    page.refused(403, "consent_revoked");
}
