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
