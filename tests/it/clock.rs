//! A clock that jumps: a second is taken in, more stops writing until it is right again.

use std::time::Duration;

use tests::cast::{Person, all_for_treatment};
use tests::house::TestHouse;

/// Within every stream, times never go back.
async fn no_stream_goes_back_in_time(house: &TestHouse) {
    let mut newest = std::collections::BTreeMap::new();
    for line in house.log().await {
        let time = line.recorded().unwrap().time;
        let before = newest.insert(line.stream.to_string(), time);
        assert!(before.is_none_or(|before| before <= time), "{} goes back", line.stream);
    }
}

async fn lists_can_be_read(ana: &Person, house: &TestHouse) {
    for list in ["access-history", "consents", "reports"] {
        ana.list(house, &format!("/api/v1/patients/{}/{list}", ana.id)).await.expect(200);
    }
    ana.list(house, "/api/v1/me/sessions").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_by_a_second_is_taken_in() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let report = ana.letter(&house, &ana.id, "Letter").await;
    ana.grant(&house, all_for_treatment(&house, &bo.id)).await.expect(201);
    house.clock.back(Duration::from_secs(1));
    let viewing = bo.open(&house, &ana.id, &report).await;
    bo.page(&house, &ana.id, &viewing, 1).await.expect(200);
    ana.letter(&house, &ana.id, "Another").await;
    house.clock.back(Duration::from_secs(1));
    ana.letter(&house, &ana.id, "A third").await;
    lists_can_be_read(&ana, &house).await;
    no_stream_goes_back_in_time(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_by_more_stops_every_write_and_no_reading() {
    let house = TestHouse::start().await;
    let (ana, bo, cy) = house.cast().await;
    let report = ana.letter(&house, &ana.id, "Letter").await;
    let consent = ana.grant(&house, all_for_treatment(&house, &bo.id)).await.expect(201);
    let consent = consent.text("consent");
    let viewing = bo.open(&house, &ana.id, &report).await;
    let token = bo.ask(&house, &ana.id, &report).await.expect(201).text("token");
    let before = house.newest();

    house.clock.back(Duration::from_micros(2_000_001));
    let text = ("x", "other", "text/plain");
    for refused in [
        bo.page(&house, &ana.id, &viewing, 1).await,
        bo.ask(&house, &ana.id, &report).await,
        bo.redeem(&house, &ana.id, &token).await,
        ana.revoke(&house, &consent).await,
        ana.upload(&house, &ana.id, text, b"x".to_vec()).await,
        house.standing(&cy, &bo, "suspend").await,
        ana.delete(&house, "/api/v1/sessions/current").await,
    ] {
        refused.refused(503, "clock_behind");
    }
    lists_can_be_read(&ana, &house).await;
    assert_eq!(house.newest(), before);

    house.later(Duration::from_micros(1));
    bo.page(&house, &ana.id, &viewing, 1).await.expect(200);
    ana.revoke(&house, &consent).await.expect(200);
    bo.redeem(&house, &ana.id, &token).await.refused(403, "consent_revoked");
    no_stream_goes_back_in_time(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_opened_with_a_clock_behind_its_log_writes_nothing() {
    let mut house = TestHouse::start().await;
    let ana = house.patient("Ana Acker", "ana@example.org").await;
    house.clock.back(Duration::from_secs(3));
    house.restart(|_| {}).await;
    let text = ("x", "other", "text/plain");
    let upload = ana.upload(&house, &ana.id, text, b"x".to_vec()).await;
    upload.refused(503, "clock_behind");
    lists_can_be_read(&ana, &house).await;
    house.later(Duration::from_secs(1));
    ana.upload(&house, &ana.id, text, b"x".to_vec()).await.expect(201);
}

const TEXT: (&str, &str, &str) = ("Letter", "other", "text/plain");

/// A house whose clock ran ahead by `span` for a while: Ana wrote then, Eve only before; it is right now.
async fn ran_ahead(span: Duration) -> (TestHouse, Person, Person) {
    let house = TestHouse::start().await;
    let ana = house.patient("Ana Acker", "ana@example.org").await;
    let eve = house.patient("Eve Ebner", "eve@example.org").await;
    house.clock.forward(span);
    // Twelve hours of a session are over by then.
    let ana = house.log_in(&ana.email).await;
    ana.letter(&house, &ana.id, "Written too early").await;
    house.clock.back(span);
    (house, ana, eve)
}

async fn writes_are_refused(house: &TestHouse, people: [&Person; 2], code: &str) {
    let before = house.newest();
    for person in people {
        let upload = person.upload(house, &person.id, TEXT, b"x".to_vec()).await;
        upload.refused(503, code);
    }
    assert_eq!(house.newest(), before, "nothing was written");
}

async fn writes_go_on(house: &TestHouse, people: [&Person; 2]) {
    for person in people {
        person.letter(house, &person.id, "On").await;
    }
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_by_a_day_is_corrected_and_writes_go_on() {
    let (mut house, ana, eve) = ran_ahead(DAY).await;
    let people = [&ana, &eve];
    writes_are_refused(&house, people, "clock_behind").await;
    house.restart(|_| {}).await;
    writes_are_refused(&house, people, "clock_behind").await;

    let corrected = house.app.own_log.correct_clock().await.unwrap().expect("it was behind");
    assert_eq!((corrected.ahead.since(corrected.clock), corrected.clock), (DAY, house.clock_now()));
    // Ana's stream is a day ahead; the second round shows that writing it does not stop the first one's.
    writes_go_on(&house, people).await;
    writes_go_on(&house, people).await;
    assert_eq!(house.app.own_log.correct_clock().await.unwrap(), None, "it is said once");
    no_stream_goes_back_in_time(&house).await;
    lists_can_be_read(&ana, &house).await;

    // The newest event is a day ahead once more when the house opens again.
    ana.letter(&house, &ana.id, "The last before").await;
    house.restart(|_| {}).await;
    writes_go_on(&house, people).await;
    no_stream_goes_back_in_time(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_excuses_nothing_that_comes_after_it() {
    let (mut house, ana, eve) = ran_ahead(DAY).await;
    let people = [&ana, &eve];
    house.app.own_log.correct_clock().await.unwrap().expect("it was behind");
    // The clock that was called right is evidence itself, for this process and the next.
    house.clock.back(Duration::from_secs(3));
    writes_are_refused(&house, people, "clock_behind").await;
    house.restart(|_| {}).await;
    writes_are_refused(&house, people, "clock_behind").await;
    house.clock.forward(Duration::from_secs(3));
    writes_go_on(&house, people).await;

    // And so is what is written later than anything that was excused.
    house.clock.forward(2 * DAY);
    let ana = house.log_in(&ana.email).await;
    let eve = house.log_in(&eve.email).await;
    house.clock.back(Duration::from_secs(60));
    writes_are_refused(&house, [&ana, &eve], "clock_behind").await;
    house.restart(|_| {}).await;
    writes_are_refused(&house, [&ana, &eve], "clock_behind").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_not_behind_is_not_corrected() {
    let house = TestHouse::start().await;
    let before = house.newest();
    let refused = house.app.own_log.correct_clock().await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The clock is not behind the log: there is nothing to correct."
    );
    assert_eq!(house.newest(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_more_than_a_minute_off_a_witness_stops_every_write() {
    let house = TestHouse::start().await;
    let ana = house.patient("Ana Acker", "ana@example.org").await;
    let eve = house.patient("Eve Ebner", "eve@example.org").await;
    let doubt = |off| house.app.executor.set_clock_doubt(off);
    doubt(Some(Duration::from_secs(61)));
    writes_are_refused(&house, [&ana, &eve], "clock_off_witness").await;
    lists_can_be_read(&ana, &house).await;
    doubt(Some(Duration::from_secs(60)));
    writes_go_on(&house, [&ana, &eve]).await;
    doubt(Some(Duration::from_secs(3_600)));
    writes_are_refused(&house, [&ana, &eve], "clock_off_witness").await;
    doubt(None);
    writes_go_on(&house, [&ana, &eve]).await;
}
