//! Downloads: a file with a name, whole or a part of it; whatever leaves is an event first.

use reqwest::Method;
use tests::app::TestApp;
use tests::cast::Person;
use tests::door::Reply;

const DOWNLOADED: &str = "access.report_downloaded.v1";

/// Ana with a report of so many bytes: where it is downloaded.
async fn ana_with(app: &TestApp, title: &str, bytes: &[u8]) -> (Person, String) {
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let about = (title, "imaging", "application/dicom");
    let stored = ana.upload(app, &ana.id, about, bytes.to_vec()).await.expect(201);
    let path = format!("/api/v1/patients/{}/reports/{}/content", ana.id, stored.text("report"));
    ana.list(app, &format!("/api/v1/patients/{}/reports", ana.id)).await.expect(200);
    (ana, path)
}

async fn ask(by: &Person, app: &TestApp, path: &str, lines: &[(&str, &str)]) -> Reply {
    let request = by.request(app, Method::GET, path);
    let request =
        lines.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Reply::to(request).await
}

async fn downloads(app: &TestApp) -> usize {
    app.kinds().await.iter().filter(|kind| **kind == DOWNLOADED).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_broke_off_goes_on_where_it_was() {
    let app = TestApp::start().await;
    let whole: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let (ana, path) = ana_with(&app, "CT of 3 May", &whole).await;
    let first = ana.get(&app, &path).await.expect(200);
    assert_eq!(first.header("accept-ranges"), "bytes");
    let tag = first.header("etag");
    assert!(tag.len() > 20 && tag.starts_with('"'), "{tag}");
    let before = downloads(&app).await;
    for (range, from, to) in
        [("bytes=0-0", 0, 1), ("bytes=70000-", 70_000, 300_000), ("bytes=-5", 299_995, 300_000)]
    {
        let part =
            ask(&ana, &app, &path, &[("Range", range), ("If-Range", &tag)]).await.expect(206);
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/300000", to - 1));
        assert_eq!(part.header("content-length"), (to - from).to_string());
        assert!(part.bytes == whole[from..to], "{range}");
        assert_eq!(downloads(&app).await, before + 1, "parts that leave are an event, and one");
    }
    let before = downloads(&app).await;
    let beyond = ask(&ana, &app, &path, &[("Range", "bytes=300000-")]).await;
    let beyond = beyond.refused(416, "no_such_part");
    assert_eq!(beyond.header("content-range"), "bytes */300000");
    assert_eq!(downloads(&app).await, before, "nothing left");
    let stale = ask(&ana, &app, &path, &[("Range", "bytes=0-9"), ("If-Range", "\"old\"")]).await;
    assert!(stale.expect(200).bytes == whole);
}

/// Nobody reads ten entries of a download that was gone on with, and none that says the whole of a part.
#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_download_are_said_to_be_parts_and_stand_in_one_entry() {
    let app = TestApp::start().await;
    let whole = vec![7; 100_000];
    let (ana, path) = ana_with(&app, "CT", &whole).await;
    let part = |from: usize| {
        let (ana, app, path) = (&ana, &app, &path);
        async move {
            let range = format!("bytes={from}-{}", from + 9_999);
            let came = ask(ana, app, path, &[("Range", &range)]).await.expect(206);
            assert_eq!(came.bytes.len(), 10_000);
        }
    };
    for n in 0..8 {
        part(n * 10_000).await;
    }
    tokio::join!(part(80_000), part(90_000));
    assert_eq!(downloads(&app).await, 1);
    assert_eq!(ana.history(&app).await[0], "You downloaded parts of *CT*.");
    let history = format!("/api/v1/patients/{}/access-history", ana.id);
    assert_eq!(ana.list(&app, &history).await.items()[0]["in_parts"], true);
    // Another hour is another download, and the whole is not a part.
    app.later(std::time::Duration::from_secs(3_600));
    let ana = app.log_in(&ana.email).await;
    ask(&ana, &app, &path, &[("Range", "bytes=5-")]).await.expect(206);
    assert_eq!(downloads(&app).await, 2);
    ana.get(&app, &path).await.expect(200);
    assert_eq!(downloads(&app).await, 3);
    assert_eq!(ana.history(&app).await[0], "You downloaded *CT*.");
    assert!(ana.list(&app, &history).await.items()[0].get("in_parts").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_file_or_asks_for_its_headers_adds_no_event() {
    let app = TestApp::start().await;
    let (ana, path) = ana_with(&app, "CT", b"DICM and so on").await;
    let tag = ana.get(&app, &path).await.expect(200).header("etag");
    let newest = app.newest();
    for known in [&*tag, "*", &format!("\"other\", W/{tag}")] {
        let same = ask(&ana, &app, &path, &[("If-None-Match", known)]).await.expect(304);
        assert_eq!((same.header("etag"), same.bytes.len()), (tag.clone(), 0));
    }
    let head = Reply::to(ana.request(&app, Method::HEAD, &path)).await.expect(200);
    assert_eq!(head.header("content-length"), "14");
    assert_eq!((head.header("etag"), head.bytes.len()), (tag, 0));
    assert_eq!(app.newest(), newest);
    ask(&ana, &app, &path, &[("If-None-Match", "\"other\"")]).await.expect(200);
    assert_eq!(app.newest(), newest + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_called_as_its_report() {
    let app = TestApp::start().await;
    let (ana, path) = ana_with(&app, "R\u{f6}ntgen ../3. Mai", b"DICM").await;
    let name = ana.get(&app, &path).await.expect(200).header("content-disposition");
    assert_eq!(
        name,
        "attachment; filename=\"R_ntgen .._3. Mai.dcm\"; filename*=UTF-8''R%C3%B6ntgen%20.._3.%20Mai.dcm"
    );
}
