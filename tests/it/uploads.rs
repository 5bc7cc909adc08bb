//! Uploads: whole or not at all, by whoever announced them, once.

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const TEXT: (&str, &str, &str) = ("Letter", "consultation", "text/plain");

/// The ticket of a report that Ana announces for herself.
async fn ticket(ana: &Person, app: &TestApp) -> String {
    let (title, category, media_type) = TEXT;
    let body = json!({ "title": title, "category": category, "media_type": media_type });
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    ana.post(app, &path, body).await.expect(201).text("ticket")
}

async fn put(by: &Person, app: &TestApp, ticket: &str, bytes: &[u8]) -> Reply {
    let request = by.request(app, Method::PUT, "/api/v1/uploads");
    Reply::to(request.header("Upload-Ticket", ticket).body(bytes.to_vec())).await
}

/// Files under a folder, at any depth.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

fn blobs(app: &TestApp) -> usize {
    files(&app.data().join("blobs"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_no_event_and_after_a_day_no_file() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let ticket = ticket(&ana, &app).await;
    let before = app.newest();
    let address = app.url.strip_prefix("http://").unwrap();
    let mut wire = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT /api/v1/uploads HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\
         Upload-Ticket: {ticket}\r\nContent-Length: 400000\r\n\r\n",
        ana.cookie(),
        ana.csrf()
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.write_all(&vec![b'x'; 200_000]).await.unwrap();
    // Nothing more will come; whether an answer still does, nobody reads.
    wire.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = wire.read_to_end(&mut rest).await;
    drop(wire);

    assert_eq!(app.newest(), before);
    app.later(Duration::from_secs(25 * 3_600 + far_from_real_time(&app)));
    app.inside.upload_sweep.run().await.unwrap();
    assert_eq!(blobs(&app), 0);
    assert_eq!(app.newest(), before);

    let ana = app.log_in(&ana.email).await;
    let ticket = self::ticket(&ana, &app).await;
    put(&ana, &app, &ticket, b"whole").await.expect(201);
    assert_eq!(blobs(&app), 1);
}

/// Files bear the system's time, the installation lives by its own clock: how many seconds the system is
/// ahead.
fn far_from_real_time(app: &TestApp) -> u64 {
    let file = app.data().join("events.db");
    let written = std::fs::metadata(file).unwrap().modified().unwrap();
    let written = written.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let now = u64::try_from(app.now().micros() / 1_000_000).unwrap();
    written.saturating_sub(now)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_larger_than_allowed_is_refused_and_leaves_nothing() {
    let app = TestApp::start_with(|config| config.records.report_mib_max = 1).await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let most = vec![b'x'; 1 << 20];
    let over = [&most[..], b"x"].concat();
    let before = app.newest();
    let announced = ticket(&ana, &app).await;
    put(&ana, &app, &announced, &over).await.refused(413, "too_large");
    // Without a length: the limit counts what comes.
    let pieces: Vec<_> = over.chunks(10_000).map(<[u8]>::to_vec).collect();
    let pieces = futures::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let request = ana.request(&app, Method::PUT, "/api/v1/uploads");
    let request = request.header("Upload-Ticket", &announced);
    let chunked = request.body(reqwest::Body::wrap_stream(pieces));
    Reply::to(chunked).await.refused(413, "too_large");
    assert_eq!((app.newest(), blobs(&app)), (before, 0));
    put(&ana, &app, &announced, &most).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_for_its_owner_in_their_session_for_an_hour_and_once() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let before = app.newest();
    let mine = ticket(&ana, &app).await;
    put(&bo, &app, &mine, b"x").await.refused(403, "dead_ticket");
    let elsewhere = app.log_in(&ana.email).await;
    put(&elsewhere, &app, &mine, b"x").await.refused(403, "dead_ticket");
    put(&ana, &app, "made-up", b"x").await.refused(403, "dead_ticket");
    let mut forged = mine.clone().into_bytes();
    forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    put(&ana, &app, &forged, b"x").await.refused(403, "dead_ticket");
    assert_eq!((app.newest(), blobs(&app)), (before + 1, 0), "only the log-in");

    put(&ana, &app, &mine, b"x").await.expect(201);
    put(&ana, &app, &mine, b"y").await.refused(409, "report_exists");
    put(&elsewhere, &app, &mine, b"x").await.refused(403, "dead_ticket");
    assert_eq!((app.newest(), blobs(&app)), (before + 2, 1));

    let late = ticket(&ana, &app).await;
    app.later(Duration::from_secs(3_600));
    put(&ana, &app, &late, b"x").await.refused(403, "dead_ticket");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_ticket_with_the_same_bytes_is_answered_the_same_and_stored_once() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    for by in [&ana, &bo] {
        for length in [0, 1, 200_000] {
            let bytes = vec![b'x'; length];
            let path = format!("/api/v1/patients/{}/reports", ana.id);
            let body = json!({ "title": "T", "category": "other", "media_type": "text/plain" });
            let ticket = by.post(&app, &path, body).await.expect(201).text("ticket");
            let first = put(by, &app, &ticket, &bytes).await.expect(201);
            let (newest, stored) = (app.newest(), blobs(&app));
            for key in [None, Some("one"), Some("two")] {
                let request = by.request(&app, Method::PUT, "/api/v1/uploads");
                let mut request = request.header("Upload-Ticket", &ticket);
                if let Some(key) = key {
                    request = request.header("Idempotency-Key", key);
                }
                let again = Reply::to(request.body(bytes.clone())).await.expect(201);
                assert_eq!(first.bytes, again.bytes);
            }
            for other in [vec![b'y'; length.max(1)], vec![b'x'; length + 1]] {
                put(by, &app, &ticket, &other).await.refused(409, "report_exists");
            }
            assert_eq!((app.newest(), blobs(&app)), (newest, stored));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_around_a_file_is_refused_and_told_what_is_taken() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let ticket = ticket(&ana, &app).await;
    let before = app.newest();
    let send = |sent_as: &str| {
        let request = ana.request(&app, Method::PUT, "/api/v1/uploads");
        let request = request.header("Upload-Ticket", &ticket).header("Content-Type", sent_as);
        Reply::to(
            request.body("--b\r\nContent-Disposition: form-data; name=f\r\n\r\nAll.\r\n--b--"),
        )
    };
    for form in [
        "multipart/form-data; boundary=b",
        "Multipart/Mixed; boundary=b",
        "application/x-www-form-urlencoded",
        "message/rfc822",
    ] {
        let refused = send(form).await.refused(415, "not_a_file");
        assert!(refused.text("detail").contains("application/octet-stream"));
    }
    assert_eq!((app.newest(), blobs(&app)), (before, 0));
    send("application/octet-stream").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_type_than_announced_is_refused_at_the_upload() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let before = app.newest();
    let png = b"\x89PNG\r\n\x1a\n".to_vec();
    for by in [&ana, &bo] {
        for (media_type, bytes) in [
            ("application/pdf", b"All is well.".to_vec()),
            ("application/pdf", vec![]),
            ("image/png", b"%PDF-1.4".to_vec()),
            ("image/jpeg", png.clone()),
            ("text/plain", png.clone()),
            ("text/plain", b"PK\x03\x04".to_vec()),
            ("text/plain", [&[b'x'; 900][..], &[0]].concat()),
        ] {
            let about = ("Scan", "imaging", media_type);
            by.upload(&app, &ana.id, about, bytes).await.refused(422, "not_of_its_type");
        }
    }
    assert_eq!((app.newest(), blobs(&app)), (before, 0));
    // Where pieces are cut makes no difference, and a ticket that was refused is still good.
    let ticket = ticket(&ana, &app).await;
    put(&ana, &app, &ticket, &png).await.refused(422, "not_of_its_type");
    let pieces = [&b"%"[..], b"P", b"DF-"].map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    let request = ana.request(&app, Method::PUT, "/api/v1/uploads");
    let request = request.header("Upload-Ticket", &ticket).body(body);
    Reply::to(request).await.refused(422, "not_of_its_type");
    put(&ana, &app, &ticket, "gr\u{fc}n".as_bytes()).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_drawn_is_for_the_patient_only() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let scan = ("Scan", "imaging", "application/dicom");
    bo.upload(&app, &ana.id, scan, b"DICM".to_vec()).await.refused(422, "cannot_be_drawn");
    let mine = ana.upload(&app, &ana.id, scan, b"DICM".to_vec()).await.expect(201);
    let report = mine.text("report");
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    let listed = ana.list(&app, &path).await.expect(200);
    assert_eq!(listed.items()[0]["can_be_shown"], false);
    let viewing = bo.open(&app, &ana.id, &report).await;
    bo.page(&app, &ana.id, &viewing, 1).await.refused(422, "cannot_draw");
    let content = ana.get(&app, &format!("{path}/{report}/content")).await.expect(200);
    assert_eq!(
        (content.header("content-type"), content.bytes),
        (scan.2.to_owned(), b"DICM".to_vec())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_a_file() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let stored = ana.upload(&app, &ana.id, TEXT, vec![]).await.expect(201);
    let path = format!("/api/v1/patients/{}/reports/{}/content", ana.id, stored.text("report"));
    assert!(ana.get(&app, &path).await.expect(200).bytes.is_empty());
}

/// Whoever says two things of one file is asked which is so, before a byte of it is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_as_what_it_was_announced_as() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let send = |ticket: String, sent_as: &str| {
        let request = ana.request(&app, Method::PUT, "/api/v1/uploads");
        let request = request.header("Upload-Ticket", ticket).header("Content-Type", sent_as);
        Reply::to(request.body(b"All is well.".to_vec()))
    };
    let before = (app.newest(), blobs(&app));
    for other in ["application/pdf", "text/html", "text/plain2", "image/png", "text"] {
        let refused = send(ticket(&ana, &app).await, other).await.refused(415, "other_type");
        assert!(refused.json()["detail"].as_str().unwrap().contains("announced"), "{other}");
    }
    assert_eq!((app.newest(), blobs(&app)), before);
    for same in ["text/plain", "Text/Plain; charset=utf-8", "application/octet-stream"] {
        send(ticket(&ana, &app).await, same).await.expect(201);
    }
}
