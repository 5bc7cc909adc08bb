//! A clock that jumps: a second is taken in, more stops writing until it is right again.

use std::time::Duration;

use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};

/// Within every stream, times never go back.
async fn no_stream_goes_back_in_time(app: &TestApp) {
    let mut newest = std::collections::BTreeMap::new();
    for line in app.log().await {
        let time = line.recorded().unwrap().time;
        let before = newest.insert(line.stream.to_string(), time);
        assert!(before.is_none_or(|before| before <= time), "{} goes back", line.stream);
    }
}

async fn lists_can_be_read(ana: &Person, app: &TestApp) {
    for list in ["access-history", "consents", "reports"] {
        ana.list(app, &format!("/api/v1/patients/{}/{list}", ana.id)).await.expect(200);
    }
    ana.list(app, "/api/v1/me/sessions").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_by_a_second_is_taken_in() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    app.clock.back(Duration::from_secs(1));
    let viewing = bo.open(&app, &ana.id, &report).await;
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
    ana.letter(&app, &ana.id, "Another").await;
    app.clock.back(Duration::from_secs(1));
    ana.letter(&app, &ana.id, "A third").await;
    lists_can_be_read(&ana, &app).await;
    no_stream_goes_back_in_time(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_by_more_stops_every_write_and_no_reading() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let consent = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let consent = consent.text("consent");
    let viewing = bo.open(&app, &ana.id, &report).await;
    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    let before = app.newest();

    app.clock.back(Duration::from_micros(2_000_001));
    let text = ("x", "other", "text/plain");
    for refused in [
        bo.page(&app, &ana.id, &viewing, 1).await,
        bo.ask(&app, &ana.id, &report).await,
        bo.redeem(&app, &ana.id, &token).await,
        ana.revoke(&app, &consent).await,
        ana.upload(&app, &ana.id, text, b"x".to_vec()).await,
        app.standing(&cy, &bo, "suspend").await,
        ana.delete(&app, "/api/v1/sessions/current").await,
    ] {
        refused.refused(503, "clock_behind");
    }
    lists_can_be_read(&ana, &app).await;
    assert_eq!(app.newest(), before);

    app.later(Duration::from_micros(1));
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
    ana.revoke(&app, &consent).await.expect(200);
    bo.redeem(&app, &ana.id, &token).await.refused(403, "consent_revoked");
    no_stream_goes_back_in_time(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_opened_with_a_clock_behind_its_log_writes_nothing() {
    let mut app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    app.clock.back(Duration::from_secs(3));
    app.restart(|_| {}).await;
    let text = ("x", "other", "text/plain");
    let upload = ana.upload(&app, &ana.id, text, b"x".to_vec()).await;
    upload.refused(503, "clock_behind");
    lists_can_be_read(&ana, &app).await;
    app.later(Duration::from_secs(1));
    ana.upload(&app, &ana.id, text, b"x".to_vec()).await.expect(201);
}

const TEXT: (&str, &str, &str) = ("Letter", "other", "text/plain");

/// An installation whose clock ran ahead by `span` for a while: Ana wrote then, Eve only before; it is
/// right now.
async fn ran_ahead(span: Duration) -> (TestApp, Person, Person) {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let eve = app.patient("Eve Ebner", "eve@example.org").await;
    app.clock.forward(span);
    // Twelve hours of a session are over by then.
    let ana = app.log_in(&ana.email).await;
    ana.letter(&app, &ana.id, "Written too early").await;
    app.clock.back(span);
    (app, ana, eve)
}

async fn writes_are_refused(app: &TestApp, people: [&Person; 2], code: &str) {
    let before = app.newest();
    for person in people {
        let upload = person.upload(app, &person.id, TEXT, b"x".to_vec()).await;
        upload.refused(503, code);
    }
    assert_eq!(app.newest(), before, "nothing was written");
}

async fn writes_go_on(app: &TestApp, people: [&Person; 2]) {
    for person in people {
        person.letter(app, &person.id, "On").await;
    }
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_by_a_day_is_corrected_and_writes_go_on() {
    let (mut app, ana, eve) = ran_ahead(DAY).await;
    let people = [&ana, &eve];
    writes_are_refused(&app, people, "clock_behind").await;
    app.restart(|_| {}).await;
    writes_are_refused(&app, people, "clock_behind").await;

    let corrected = app.inside.own_log.correct_clock().await.unwrap().expect("it was behind");
    assert_eq!((corrected.ahead.since(corrected.clock), corrected.clock), (DAY, app.clock_now()));
    // Ana's stream is a day ahead; the second round shows that writing it does not stop the first one's.
    writes_go_on(&app, people).await;
    writes_go_on(&app, people).await;
    assert_eq!(app.inside.own_log.correct_clock().await.unwrap(), None, "it is said once");
    no_stream_goes_back_in_time(&app).await;
    lists_can_be_read(&ana, &app).await;

    // The newest event is a day ahead once more when the installation opens again.
    ana.letter(&app, &ana.id, "The last before").await;
    app.restart(|_| {}).await;
    writes_go_on(&app, people).await;
    no_stream_goes_back_in_time(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_excuses_nothing_that_comes_after_it() {
    let (mut app, ana, eve) = ran_ahead(DAY).await;
    let people = [&ana, &eve];
    app.inside.own_log.correct_clock().await.unwrap().expect("it was behind");
    // The clock that was called right is evidence itself, for this process and the next.
    app.clock.back(Duration::from_secs(3));
    writes_are_refused(&app, people, "clock_behind").await;
    app.restart(|_| {}).await;
    writes_are_refused(&app, people, "clock_behind").await;
    app.clock.forward(Duration::from_secs(3));
    writes_go_on(&app, people).await;

    // And so is what is written later than anything that was excused.
    app.clock.forward(2 * DAY);
    let ana = app.log_in(&ana.email).await;
    let eve = app.log_in(&eve.email).await;
    app.clock.back(Duration::from_secs(60));
    writes_are_refused(&app, [&ana, &eve], "clock_behind").await;
    app.restart(|_| {}).await;
    writes_are_refused(&app, [&ana, &eve], "clock_behind").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_not_behind_is_not_corrected() {
    let app = TestApp::start().await;
    let before = app.newest();
    let refused = app.inside.own_log.correct_clock().await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The clock is not behind the log: there is nothing to correct."
    );
    assert_eq!(app.newest(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_more_than_a_minute_off_a_witness_stops_every_write() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let eve = app.patient("Eve Ebner", "eve@example.org").await;
    let doubt = |off| app.inside.executor.set_clock_doubt(off);
    doubt(Some(Duration::from_secs(61)));
    writes_are_refused(&app, [&ana, &eve], "clock_off_witness").await;
    lists_can_be_read(&ana, &app).await;
    doubt(Some(Duration::from_secs(60)));
    writes_go_on(&app, [&ana, &eve]).await;
    doubt(Some(Duration::from_secs(3_600)));
    writes_are_refused(&app, [&ana, &eve], "clock_off_witness").await;
    doubt(None);
    writes_go_on(&app, [&ana, &eve]).await;
}
