//! Sessions: what holds one, what ends one, and what does not get in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{PASSWORD, Person};
use tests::door::Reply;

/// A machine's tokens.
struct Machine {
    access: String,
    refresh: String,
}

impl Machine {
    fn of(reply: &Reply) -> Self {
        assert_eq!(reply.header("set-cookie"), "", "a machine gets no cookie");
        Self { access: reply.text("access_token"), refresh: reply.text("refresh_token") }
    }

    /// Ana logs in with a machine.
    async fn log_in(app: &TestApp, email: &str) -> Self {
        let body = json!({ "email": email, "password": PASSWORD, "client": "machine" });
        Self::of(&app.post("/api/v1/sessions", body).await.expect(201))
    }
}

fn me(app: &TestApp) -> RequestBuilder {
    app.client.get(format!("{}/api/v1/me", app.url))
}

async fn bearer(app: &TestApp, token: &str) -> Reply {
    Reply::to(me(app).bearer_auth(token)).await
}

async fn refresh(app: &TestApp, token: &str) -> Reply {
    app.post("/api/v1/sessions/refresh", json!({ "refresh_token": token })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_used_twice_ends_the_session_for_whoever_holds_it() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let machine = Machine::log_in(&app, &ana.email).await;
    bearer(&app, &machine.access).await.expect(200);
    let next = Machine::of(&refresh(&app, &machine.refresh).await.expect(201));
    bearer(&app, &next.access).await.expect(200);
    bearer(&app, &machine.access).await.expect(200);

    refresh(&app, &machine.refresh).await.refused(401, "refresh_reused");
    // Both access tokens still have minutes to live by their own word; the log says otherwise.
    bearer(&app, &machine.access).await.refused(401, "not_signed_in");
    bearer(&app, &next.access).await.refused(401, "not_signed_in");
    refresh(&app, &next.refresh).await.refused(401, "not_signed_in");
    ana.get(&app, "/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_token_dies_after_ten_minutes_and_is_refreshed() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let machine = Machine::log_in(&app, &ana.email).await;
    app.later(Duration::from_secs(599));
    bearer(&app, &machine.access).await.expect(200);
    app.later(Duration::from_secs(1));
    bearer(&app, &machine.access).await.refused(401, "not_signed_in");
    let next = Machine::of(&refresh(&app, &machine.refresh).await.expect(201));
    bearer(&app, &next.access).await.expect(200);

    app.later(Duration::from_secs(12 * 3_600));
    refresh(&app, &next.refresh).await.refused(401, "not_signed_in");
    ana.get(&app, "/api/v1/me").await.refused(401, "not_signed_in");
}

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_machine_token_opens_nothing() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let machine = Machine::log_in(&app, &ana.email).await;
    let parts: Vec<&str> = machine.access.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!("three parts") };
    let mut claims: Value = serde_json::from_slice(&decoded(body)).unwrap();
    assert_eq!(claims["sub"], ana.account);
    claims["sub"] = json!(uma.account);
    let uma_instead = URL_SAFE_NO_PAD.encode(claims.to_string());
    let header: Value = serde_json::from_slice(&decoded(head)).unwrap();
    assert_eq!(header["alg"], "EdDSA");
    let with = |member: &str, value: &str| {
        let mut header = header.clone();
        header[member] = json!(value);
        URL_SAFE_NO_PAD.encode(header.to_string())
    };
    // Another installation signs with another key.
    let other = TestApp::start().await;
    let theirs = other.patient("Ana Acker", "ana@example.org").await;
    let theirs = Machine::log_in(&other, &theirs.email).await.access;
    for forged in [
        format!("{head}.{uma_instead}.{signature}"),
        format!("{}.{body}.", with("alg", "none")),
        format!("{}.{body}.{signature}", with("alg", "HS256")),
        format!("{}.{body}.{signature}", with("kid", "other")),
        format!("{head}.{body}.{}", "A".repeat(86)),
        format!("{head}.{body}"),
        String::new(),
        "x".repeat(7_000),
        theirs,
    ] {
        bearer(&app, &forged).await.refused(401, "not_signed_in");
    }
    let basic = me(&app).header("Authorization", "Basic YW5hOng=");
    let refused = Reply::to(basic).await.refused(401, "not_signed_in");
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    bearer(&app, &machine.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_a_browser_does_not_hold_a_machine() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let machine = Machine::log_in(&app, &ana.email).await;
    let secret = ana.cookie().split_once('=').unwrap().1.to_owned();
    refresh(&app, &secret).await.refused(401, "not_signed_in");
    bearer(&app, &secret).await.refused(401, "not_signed_in");
    for held in [&machine.refresh, &machine.access] {
        let request = me(&app).header("Cookie", format!("__Host-medlock={held}"));
        Reply::to(request).await.refused(401, "not_signed_in");
    }
    ana.get(&app, "/api/v1/me").await.expect(200);
    bearer(&app, &machine.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_alone_changes_nothing() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let before = app.newest();
    let path = format!("{}/api/v1/patients/{}/reports", app.url, ana.id);
    let body = json!({ "title": "x", "category": "other", "media_type": "text/plain" });
    let bare = || app.client.post(&path).json(&body).header("Cookie", ana.cookie());
    Reply::to(bare()).await.refused(403, "csrf");
    Reply::to(bare().header("X-CSRF-Token", "x")).await.refused(403, "csrf");
    let other = app.log_in(&ana.email).await;
    Reply::to(bare().header("X-CSRF-Token", other.csrf())).await.refused(403, "csrf");
    let with = |origin: &str| bare().header("X-CSRF-Token", ana.csrf()).header("Origin", origin);
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        Reply::to(with(origin)).await.refused(403, "foreign_origin");
    }
    assert_eq!(app.newest(), before + 1, "only the log-in");
    Reply::to(with(&app.url)).await.expect(201);
    // What only reads needs no token, so that a link can be followed; and it says the token again.
    let again = me(&app).header("Cookie", ana.cookie());
    assert_eq!(Reply::to(again).await.expect(200).text("csrf_token"), ana.csrf());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let body = json!({ "email": ana.email, "password": PASSWORD, "client": "browser" });
    let cookie = app.post("/api/v1/sessions", body).await.expect(201).header("set-cookie");
    assert!(cookie.starts_with("__Host-medlock="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let out = ana.delete(&app, "/api/v1/sessions/current").await.expect(200);
    let gone = out.header("set-cookie");
    assert!(gone.starts_with("__Host-medlock=;") && gone.contains("Max-Age=0"), "{gone}");
    ana.get(&app, "/api/v1/me").await.refused(401, "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn my_sessions_are_listed_and_can_be_ended_from_another() {
    let app = TestApp::start().await;
    let phone = app.patient("Ana Acker", "ana@example.org").await;
    let desktop = app.log_in(&phone.email).await;
    let machine = Machine::log_in(&app, &phone.email).await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let path = "/api/v1/me/sessions";
    let mine = desktop.list(&app, path).await.expect(200);
    assert_eq!(mine.json()["total"], 3);
    let current = |item: &Value| item["current"] == true;
    assert_eq!(mine.items().iter().filter(|item| current(item)).count(), 1);
    let here = mine.items().into_iter().find(current).unwrap();
    assert_eq!((&here["session"], &here["client"]), (&json!(desktop.session), &json!("browser")));

    let end = |by: &Person| {
        let path = format!("/api/v1/sessions/{}", phone.session);
        Reply::to(by.request(&app, Method::DELETE, &path))
    };
    end(&uma).await.refused(404, "no_such_session");
    end(&desktop).await.expect(200);
    phone.get(&app, "/api/v1/me").await.refused(401, "not_signed_in");
    end(&desktop).await.expect(200);
    let left = desktop.list(&app, path).await.expect(200);
    assert_eq!(left.json()["total"], 2);
    bearer(&app, &machine.access).await.expect(200);
    let end = app.client.delete(format!("{}/api/v1/sessions/current", app.url));
    Reply::to(end.bearer_auth(&machine.access)).await.expect(200);
    bearer(&app, &machine.access).await.refused(401, "not_signed_in");
    refresh(&app, &machine.refresh).await.refused(401, "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_set_names_the_key_that_signs() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let token = Machine::log_in(&app, &ana.email).await.access;
    let header: Value = serde_json::from_slice(&decoded(token.split('.').next().unwrap())).unwrap();
    let keys = app.get("/.well-known/jwks.json").await.expect(200);
    let key = &keys.json()["keys"][0];
    assert_eq!((&key["kid"], &key["crv"]), (&header["kid"], &json!("Ed25519")));
    assert!(key.get("d").is_none(), "a private key");
}
