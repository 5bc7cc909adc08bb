//! Stories of access: the one path that everything else stands on.

use tests::cast::all_for_treatment;
use tests::house::TestHouse;

/// Grant, upload, token, redeem, page, revoke: and after the revoke, no page.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoke_stops_the_open_view() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let text = ("Letter", "consultation", "text/plain");
    let uploaded = ana.upload(&house, &ana.id, text, b"All is well.".to_vec()).await.expect(201);
    let report = uploaded.text("report");
    bo.ask(&house, &ana.id, &report).await.refused(404, "not_found");

    let consent = ana.grant(&house, all_for_treatment(&house, &bo.id)).await.expect(201);
    let asked = bo.ask(&house, &ana.id, &report).await.expect(201);
    let viewing = bo.redeem(&house, &ana.id, &asked.text("token")).await.expect(201);
    let viewing = viewing.text("viewing");
    let page = bo.page(&house, &ana.id, &viewing, 1).await.expect(200);
    assert_eq!(page.header("content-type"), "image/png");
    assert_eq!(page.header("medlock-pages"), "1");
    assert_eq!(page.header("cache-control"), "no-store");

    ana.revoke(&house, &consent.text("consent")).await.expect(200);
    bo.page(&house, &ana.id, &viewing, 1).await.refused(403, "consent_revoked");
    bo.page(&house, &ana.id, &viewing, 1).await.refused(403, "viewing_ended");
    bo.ask(&house, &ana.id, &report).await.refused(403, "consent_revoked");

    let path = format!("/api/v1/patients/{}/access-history", ana.id);
    let history = ana.get(&house, &path).await.expect(200);
    println!("{:#}", history.json());
}
