//! Ways in that are not meant to be: guessing, and the first admin's link.

use std::time::Duration;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::PASSWORD;
use tests::door::Reply;

async fn try_password(app: &TestApp, email: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "password": password, "client": "browser" });
    app.post("/api/v1/sessions", body).await
}

/// Ten wrong passwords, waiting as long as the installation says in between. Answers each wait, seconds.
async fn guess_until_locked(app: &TestApp, email: &str) -> Vec<String> {
    let mut waits = Vec::new();
    for _ in 0..10 {
        let mut reply = try_password(app, email, "wrong").await;
        if reply.status == 429 {
            let wait = reply.refused(429, "login_slowed").header("retry-after");
            app.later(Duration::from_secs(wait.parse().unwrap()));
            waits.push(wait);
            reply = try_password(app, email, "wrong").await;
        }
        reply.refused(401, "wrong_credentials");
    }
    waits
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_then_locked_and_an_address_nobody_has_looks_the_same() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let known = guess_until_locked(&app, &ana.email).await;
    assert_eq!(known, ["2", "4", "8", "16", "32", "64"]);
    // Locked means locked: the right password is not even looked at.
    let locked = try_password(&app, &ana.email, PASSWORD).await.refused(429, "login_locked");
    let unknown = guess_until_locked(&app, "nobody@example.org").await;
    assert_eq!(unknown, known);
    let nobody = try_password(&app, "nobody@example.org", PASSWORD).await;
    assert_eq!(nobody.without_trace(), locked.without_trace());
    // Failures are events; what came after the lock is not.
    let failed = app.kinds().await.into_iter().filter(|k| *k == "identity.login_failed.v1");
    assert_eq!(failed.count(), 20);

    app.later(Duration::from_secs(15 * 60));
    assert_eq!(app.log_in(&ana.email).await.account, ana.account);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_holds_for_the_guesser_and_not_for_the_owner() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    guess_until_locked(&app, &ana.email).await;
    try_password(&app, &ana.email, PASSWORD).await.refused(429, "login_locked");
    // Another machine of this network: another loopback address is another source.
    let elsewhere = reqwest::Client::builder().local_address(Some("127.0.0.2".parse().unwrap()));
    let elsewhere = elsewhere.build().unwrap().post(format!("{}/api/v1/sessions", app.url));
    let body = json!({ "email": ana.email, "password": PASSWORD, "client": "browser" });
    Reply::to(elsewhere.json(&body)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_sent_only_so_many_letters() {
    let app = TestApp::start_with(|config| config.rates.letters_per_minute = 1).await;
    let form = json!({
        "name": "Ana Acker", "birth_date": "1980-02-29", "email": "ana@example.org",
        "password": PASSWORD,
    });
    let mut sent = 0;
    while app.post("/api/v1/patients", form.clone()).await.status == 202 {
        sent += 1;
    }
    assert_eq!(sent, 10);
    let more = app.post("/api/v1/patients", form.clone()).await;
    let wait = more.refused(429, "too_many_requests").header("retry-after");
    app.later(Duration::from_secs(wait.parse().unwrap()));
    app.post("/api/v1/patients", form).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_makes_only_so_many_requests() {
    let app = TestApp::start_with(|config| config.rates.requests_per_minute = 60).await;
    let replies = futures::future::join_all((0..11).map(|_| app.get("/livez"))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 10);
    let refused = app.get("/livez").await.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    app.later(Duration::from_secs(1));
    app.get("/livez").await.expect(200);
}

fn admin_form(token: &str) -> Value {
    json!({ "token": token, "name": "Cy Corvin", "email": "cy@example.org", "password": PASSWORD })
}

const FIRST: &str = "/api/v1/admins/first";
const CONFIRM: &str = "/api/v1/registrations/confirm";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admins_link_is_good_for_half_an_hour_and_for_one() {
    let app = TestApp::start().await;
    app.post(FIRST, admin_form("made up")).await.refused(403, "link_dead");
    let old = app.link().await;
    let newer = app.link().await;
    app.post(FIRST, admin_form(&old)).await.refused(403, "link_dead");
    app.later(Duration::from_secs(30 * 60));
    app.post(FIRST, admin_form(&newer)).await.refused(403, "link_dead");

    let link = app.link().await;
    let asked = app.post(FIRST, admin_form(&link)).await.expect(202);
    let challenge = asked.text("challenge");
    let code = app.code("cy@example.org");
    let answer = json!({ "challenge": challenge, "code": code, "token": link });
    app.post(CONFIRM, answer.clone()).await.expect(200);
    app.post(CONFIRM, answer).await.refused(403, "dead_code");
    let cy = app.log_in("cy@example.org").await;
    cy.get(&app, "/api/v1/admin/verifications").await.expect(200);

    app.post(FIRST, admin_form(&link)).await.refused(409, "admin_exists");
    let next = app.inside.first_admin.link().await.unwrap();
    assert!(next.is_none(), "no link is made once an admin exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_is_asked_for_again_when_the_address_is_confirmed() {
    let app = TestApp::start().await;
    let link = app.link().await;
    let asked = app.post(FIRST, admin_form(&link)).await.expect(202);
    let code = app.code("cy@example.org");
    let without = json!({ "challenge": asked.text("challenge"), "code": code });
    app.post(CONFIRM, without).await.refused(403, "link_dead");
    let nobody = try_password(&app, "cy@example.org", PASSWORD).await;
    nobody.refused(401, "wrong_credentials");
    assert!(!app.kinds().await.contains(&"identity.first_admin_admitted.v1"));
    app.first_admin(&link, "Cy Corvin", "cy@example.org").await;
}

/// Or there would be an admin who can never log in, and no link for another.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_admin_is_not_admitted_under_an_address_that_names_somebody_else() {
    let app = TestApp::start().await;
    let link = app.link().await;
    let asked = app.post(FIRST, admin_form(&link)).await.expect(202);
    let code = app.code("cy@example.org");
    app.patient("Cy Corvin", "cy@example.org").await;
    let answer = json!({ "challenge": asked.text("challenge"), "code": code, "token": link });
    app.post(CONFIRM, answer).await.refused(409, "address_taken");
    let cy = app.first_admin(&link, "Cy Corvin", "cy.corvin@example.org").await;
    cy.get(&app, "/api/v1/admin/verifications").await.expect(200);
}
