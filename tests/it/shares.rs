//! Shares: what one account does with what there is little of takes nothing from others, and every "no" says
//! what to wait for.

use std::path::Path;

use commands::shares::Scarce;
use domain::actor::Actor;
use domain::time::minutes;
use futures::StreamExt as _;
use reqwest::{Body, Method};
use serde_json::json;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

const LETTER: (&str, &str, &str) = ("Letter", "consultation", "text/plain");

fn account(person: &Person) -> Actor {
    person.account.parse().unwrap()
}

/// Files under a folder, at any depth.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_so_many_live_streams_and_others_have_theirs() {
    let app = TestApp::start_with(|config| {
        config.shares.streams_each = 2;
        config.shares.streams = 3;
    })
    .await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let listen = async |by: &Person| {
        let answer = by.request(&app, Method::GET, "/api/v1/stream").send().await.unwrap();
        (answer.status() == 200).then_some(answer).ok_or("refused")
    };
    let (first, _second) = (listen(&ana).await.unwrap(), listen(&ana).await.unwrap());
    let third = ana.get(&app, "/api/v1/stream").await.refused(429, "too_many_streams");
    assert_eq!(third.header("retry-after"), "1");
    let _hers = listen(&uma).await.unwrap();
    uma.get(&app, "/api/v1/stream").await.refused(503, "busy");

    // A stream that ends with its session gives its place back.
    drop(first);
    let again = app.log_in(&ana.email).await;
    ana.delete(&app, &format!("/api/v1/sessions/{}", ana.session)).await.expect(200);
    while listen(&again).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_never_end_keep_nobody_else_from_uploading() {
    let app = TestApp::start_with(|config| config.shares.uploads_each = 1).await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    let about = json!({ "title": "Scan", "category": "imaging", "media_type": "text/plain" });
    let ticket = ana.post(&app, &path, about).await.expect(201).text("ticket");
    let begun = futures::stream::iter([Ok::<_, std::io::Error>(vec![b'x'; 400_000])]);
    let endless = Body::wrap_stream(begun.chain(futures::stream::pending()));
    let request = ana.request(&app, Method::PUT, "/api/v1/uploads").header("Upload-Ticket", ticket);
    let stuck = tokio::spawn(request.body(endless).send());
    while files(&app.data().join("blobs")) == 0 {
        tokio::task::yield_now().await;
    }
    let second = ana.upload(&app, &ana.id, LETTER, b"All is well.".to_vec()).await;
    second.refused(429, "too_many_uploads");
    uma.letter(&app, &uma.id, "Letter").await;
    stuck.abort();
    let _ = stuck.await;
    // The service hears that the body broke off when it hears it.
    loop {
        let again = ana.upload(&app, &ana.id, LETTER, b"All is well.".to_vec()).await;
        if again.status == 201 {
            return;
        }
        again.refused(429, "too_many_uploads");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_holds_so_many_bytes_of_which_a_quarter_is_its_patients() {
    const MIB: usize = 1 << 20;
    let app = TestApp::start_with(|config| config.records.patient_mib_max = 4).await;
    let (ana, bo, _cy) = app.cast().await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let put = async |by: &Person, bytes: usize| -> Reply {
        by.upload(&app, &ana.id, LETTER, vec![b'x'; bytes]).await
    };
    put(&bo, 2 * MIB).await.expect(201);
    let before = app.newest();
    put(&bo, MIB + 1).await.refused(409, "record_full");
    let kept = files(&app.data().join("blobs"));
    assert_eq!((app.newest(), kept), (before, 1), "what is refused leaves nothing");
    put(&bo, MIB).await.expect(201);
    put(&bo, 1).await.refused(409, "record_full");
    // What a doctor filled up does not shut the patient out of their own record.
    put(&ana, MIB).await.expect(201);
    put(&ana, 1).await.refused(409, "record_full");
    uma.letter(&app, &uma.id, "Letter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_asks_for_so_many_tokens_a_minute_and_another_for_theirs() {
    let app = TestApp::start_with(|config| config.shares.view_tokens_per_minute = 3).await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.doctor(&cy, "Dr Eve Engel", "eve@example.org").await;
    for doctor in [&bo, &eve] {
        ana.grant(&app, all_for_treatment(&app, &doctor.id)).await.expect(201);
    }
    let report = ana.letter(&app, &ana.id, "Letter").await;
    for _ in 0..3 {
        bo.ask(&app, &ana.id, &report).await.expect(201);
    }
    let before = app.newest();
    let no = bo.ask(&app, &ana.id, &report).await.refused(429, "too_many_requests");
    assert_eq!((no.header("retry-after").as_str(), app.newest()), ("20", before));
    eve.ask(&app, &ana.id, &report).await.expect(201);
    app.later(minutes(1));
    bo.ask(&app, &ana.id, &report).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_receipts_and_downloads_have_their_shares() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let reports = [ana.letter(&app, &ana.id, "L").await, uma.letter(&app, &uma.id, "L").await];
    let mut consents = Vec::new();
    for patient in [&ana, &uma] {
        let granted = patient.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
        consents.push(granted.text("consent"));
    }
    app.until_published().await;
    let path = |n: usize, what: Scarce| {
        let of = format!("/api/v1/patients/{}", [&ana.id, &uma.id][n]);
        match what {
            Scarce::Bundle => format!("{of}/history-bundle"),
            Scarce::Receipt => format!("{of}/consents/{}/receipt", consents[n]),
            Scarce::Download => format!("{of}/reports/{}/content", reports[n]),
            Scarce::Stream | Scarce::Upload => unreachable!("have stories of their own"),
        }
    };
    for (what, each, code) in [
        (Scarce::Bundle, 1, "too_many_bundles"),
        (Scarce::Receipt, 2, "too_many_receipts"),
        (Scarce::Download, 4, "too_many_downloads"),
    ] {
        let take = |_| app.inside.shares.take(what, account(&ana)).unwrap();
        let held: Vec<_> = (0..each).map(take).collect();
        let before = app.newest();
        let no = ana.get(&app, &path(0, what)).await.refused(429, code);
        assert_eq!((no.header("retry-after").as_str(), app.newest()), ("1", before));
        uma.get(&app, &path(1, what)).await.expect(200);
        drop(held);
        ana.get(&app, &path(0, what)).await.expect(200);
    }
}
