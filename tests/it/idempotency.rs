//! `Idempotency-Key`: the same request again does nothing again and answers the same.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

async fn keyed(by: &Person, app: &TestApp, key: &str, path: &str, body: &Value) -> Reply {
    let request = by.request(app, Method::POST, path).json(body);
    Reply::to(request.header("Idempotency-Key", key)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_answers_the_same_and_adds_nothing() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let body = all_for_treatment(&app, &bo.id);
    let asked = keyed(&ana, &app, "k", &path, &body).await;
    let answer = format!("challenge={}; code={}", asked.text("challenge"), app.code(&ana.email));
    asked.refused(403, "step_up_required");
    let grant = |body: Value| {
        let request = ana.request(&app, Method::POST, &path).json(&body);
        let request = request.header("Idempotency-Key", "k").header("Medlock-Step-Up", &answer);
        Reply::to(request)
    };
    let first = grant(body.clone()).await.expect(201);
    let newest = app.newest();
    let again = grant(body.clone()).await.expect(201);
    assert_eq!(first.bytes, again.bytes);
    // Nor does it need the code again, and no new one is sent.
    let letters = app.letters();
    let without = keyed(&ana, &app, "k", &path, &body).await.expect(201);
    assert_eq!((without.bytes, app.letters()), (first.bytes.clone(), letters));
    let mut other = body.clone();
    other["views_max"] = json!(1);
    grant(other).await.refused(422, "idempotency_key_reused");
    assert_eq!(app.newest(), newest);

    // Another person's key is another key; another path is another request.
    let consent = first.text("consent");
    let revoke = format!("{path}/{consent}/revoke");
    keyed(&ana, &app, "k", &revoke, &json!({})).await.refused(422, "idempotency_key_reused");
    let revoked = keyed(&ana, &app, "r", &revoke, &json!({})).await.expect(200);
    let newest = app.newest();
    let again = keyed(&ana, &app, "r", &revoke, &json!({})).await.expect(200);
    assert_eq!((revoked.bytes, app.newest()), (again.bytes, newest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_even_to_a_repeated_request() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let path = format!("/api/v1/patients/{}/view-tokens", ana.id);
    let body = json!({ "report": report, "purpose": "TREAT" });
    // A refusal is decided anew: what stood in the way may be gone.
    keyed(&bo, &app, "k", &path, &body).await.refused(404, "not_found");
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let token = keyed(&bo, &app, "k", &path, &body).await.expect(201).text("token");
    let newest = app.newest();
    let again = keyed(&bo, &app, "k", &path, &body).await.refused(409, "already_issued");
    assert!(!String::from_utf8_lossy(&again.bytes).contains(&token));
    let other = json!({ "report": report, "purpose": "ETREAT" });
    keyed(&bo, &app, "k", &path, &other).await.refused(422, "idempotency_key_reused");
    assert_eq!(app.newest(), newest);

    let redeem = format!("/api/v1/patients/{}/viewings", ana.id);
    let body = json!({ "token": token });
    let opened = keyed(&bo, &app, "v", &redeem, &body).await.expect(201);
    let again = keyed(&bo, &app, "v", &redeem, &body).await.expect(201);
    assert_eq!(opened.bytes, again.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_equal_requests_at_once_one_is_carried_out() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    let path = format!("/api/v1/patients/{}/viewings", ana.id);
    let body = json!({ "token": token });
    let newest = app.newest();
    let replies = join_all((0..20).map(|_| keyed(&bo, &app, "k", &path, &body))).await;
    let opened: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 201).collect();
    let waiting = replies.iter().filter(|reply| reply.code() == "in_flight").count();
    assert!(!opened.is_empty());
    assert_eq!(opened.len() + waiting, 20);
    assert!(opened.iter().all(|reply| reply.bytes == opened[0].bytes));
    assert_eq!(app.newest(), newest + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_outlives_a_restart() {
    let mut app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let path = format!("/api/v1/doctors/{}/standing", bo.id);
    let body = json!({ "step": "suspend", "note": "licence lapsed" });
    let first = keyed(&cy, &app, "k", &path, &body).await.expect(200);
    app.restart(|_| {}).await;
    let newest = app.newest();
    let again = keyed(&cy, &app, "k", &path, &body).await.expect(200);
    assert_eq!((first.bytes, app.newest()), (again.bytes, newest));
    ana.get(&app, "/api/v1/me").await.expect(200);
}
