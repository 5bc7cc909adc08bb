//! A proxy in front: who counts as whom, who may come in as the first admin, which page may write, and what
//! printed links begin with.

use api::config::{Config, Networks, ProxyHeader, PublicUrl};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use tests::app::TestApp;
use tests::cast::PASSWORD;
use tests::door::Reply;
use tests::process::ServerProcess;

/// The stories' own client stands where a proxy would: on this machine.
fn behind_a_proxy(config: &mut Config) {
    config.http.trusted_proxies = Networks::of(["127.0.0.1"]).unwrap();
}

fn log_in(app: &TestApp, email: &str, password: &str) -> RequestBuilder {
    let body = json!({ "email": email, "password": password, "client": "browser" });
    app.client.post(format!("{}/api/v1/sessions", app.url)).json(&body)
}

/// Ten guesses from one customer behind the proxy, waiting in between as long as is said.
async fn guess_until_locked(app: &TestApp, email: &str, from: &str) {
    for _ in 0..10 {
        let guess = || log_in(app, email, "wrong").header("X-Forwarded-For", from);
        let mut reply = Reply::to(guess()).await;
        if reply.status == 429 {
            let wait = reply.header("retry-after").parse().unwrap();
            app.later(std::time::Duration::from_secs(wait));
            reply = Reply::to(guess()).await;
        }
        reply.refused(401, "wrong_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guesser_behind_the_proxy_locks_nobody_else_behind_it_out() {
    let app = TestApp::start_with(behind_a_proxy).await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let guesser = "198.51.100.1, 203.0.113.66";
    guess_until_locked(&app, &ana.email, guesser).await;
    let from = |from: &str| log_in(&app, &ana.email, PASSWORD).header("X-Forwarded-For", from);
    Reply::to(from(guesser)).await.refused(429, "login_locked");
    // What the guesser writes left of itself makes it nobody else, nor does another spelling.
    for same in ["192.0.2.1, 203.0.113.66", "::ffff:203.0.113.66", "203.0.113.66:5, 127.0.0.1"] {
        Reply::to(from(same)).await.refused(429, "login_locked");
    }
    Reply::to(from("203.0.113.7")).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_says_to_be_somebody_else_is_still_himself() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    guess_until_locked(&app, &ana.email, "203.0.113.66").await;
    for (name, value) in
        [("X-Forwarded-For", "203.0.113.7"), ("Forwarded", "for=203.0.113.7"), ("X-Real-IP", "::1")]
    {
        let other = log_in(&app, &ana.email, PASSWORD).header(name, value);
        Reply::to(other).await.refused(429, "login_locked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_of_requests_is_each_customers_own() {
    let app = TestApp::start_with(|config| {
        behind_a_proxy(config);
        config.http.proxy_header = ProxyHeader::Forwarded;
        config.rates.requests_per_minute = 3;
    })
    .await;
    let from = |from: &str| app.client.get(format!("{}/livez", app.url)).header("Forwarded", from);
    let mut answered = 0;
    while Reply::to(from("for=203.0.113.66")).await.status == 200 {
        answered += 1;
        assert!(answered < 100, "no budget");
    }
    Reply::to(from("for=203.0.113.66")).await.refused(429, "too_many_requests");
    Reply::to(from("for=203.0.113.7")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_came_by_tls_is_told_to_stay_with_it() {
    let app = TestApp::start_with(behind_a_proxy).await;
    let by = |proto: &str| {
        let request = app.client.get(format!("{}/nowhere", app.url));
        request.header("X-Forwarded-Proto", proto)
    };
    let told = Reply::to(by("https")).await.header("strict-transport-security");
    assert_eq!(told, "max-age=31536000");
    assert_eq!(Reply::to(by("http")).await.header("strict-transport-security"), "");
    let strangers = TestApp::start().await;
    let request = strangers.client.get(format!("{}/livez", strangers.url));
    let reply = Reply::to(request.header("X-Forwarded-Proto", "https")).await;
    assert_eq!(reply.header("strict-transport-security"), "");
}

const FIRST: &str = "/api/v1/admins/first";

fn admin_form(app: &TestApp, link: &str) -> RequestBuilder {
    let form = json!({
        "token": link, "name": "Cy Corvin", "email": "cy@example.org", "password": PASSWORD,
    });
    app.client.post(format!("{}{FIRST}", app.url)).json(&form)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_comes_in_from_this_machine_whatever_stands_in_front() {
    let app = TestApp::start().await;
    let link = app.link().await;
    // A proxy on this machine that nobody told us of passes on what comes from anywhere.
    for header in ["X-Forwarded-For", "Forwarded"] {
        let passed_on = admin_form(&app, &link).header(header, "127.0.0.1");
        Reply::to(passed_on).await.refused(403, "first_admin_from_elsewhere");
    }
    Reply::to(admin_form(&app, &link)).await.expect(202);

    let app = TestApp::start_with(behind_a_proxy).await;
    let link = app.link().await;
    let from = |from: &str| admin_form(&app, &link).header("X-Forwarded-For", from);
    for elsewhere in ["203.0.113.7", "127.0.0.1, 203.0.113.7"] {
        Reply::to(from(elsewhere)).await.refused(403, "first_admin_from_elsewhere");
    }
    Reply::to(from("203.0.113.7, 127.0.0.1, 127.0.0.1"))
        .await
        .refused(403, "first_admin_from_elsewhere");
    Reply::to(from("::1")).await.expect(202);
}

/// As behind the port of a container, where whoever calls from its host comes from the bridge.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_comes_in_from_the_networks_that_are_named() {
    let app = TestApp::start_with(|config| {
        behind_a_proxy(config);
        config.http.first_admin_from = Networks::of(["172.16.0.0/12"]).unwrap();
    })
    .await;
    let link = app.link().await;
    let from = |from: &str| admin_form(&app, &link).header("X-Forwarded-For", from);
    Reply::to(from("172.32.0.1")).await.refused(403, "first_admin_from_elsewhere");
    Reply::to(from("172.17.0.1")).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_page_at_the_public_url_writes() {
    let url = PublicUrl::try_from("https://medlock.example.org".to_owned()).unwrap();
    let app = TestApp::start_with(|config| config.http.public_url = Some(url)).await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let before = app.newest();
    let page = |origin: &str| log_in(&app, &ana.email, PASSWORD).header("Origin", origin);
    // Before anything is looked at: a foreign page cannot even sign its reader in.
    for foreign in ["https://evil.example", "null", &app.url, "http://medlock.example.org"] {
        Reply::to(page(foreign)).await.refused(403, "foreign_origin");
    }
    let site = |site: &str| log_in(&app, &ana.email, PASSWORD).header("Sec-Fetch-Site", site);
    for foreign in ["cross-site", "same-site"] {
        Reply::to(site(foreign)).await.refused(403, "foreign_origin");
    }
    assert_eq!(app.newest(), before);
    let ours = page("https://medlock.example.org").header("Sec-Fetch-Site", "same-origin");
    Reply::to(ours).await.expect(201);
    let read =
        app.client.get(format!("{}/livez", app.url)).header("Origin", "https://evil.example");
    Reply::to(read).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_first_admin_begins_with_the_public_url_and_lets_somebody_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let settings = [
        ("MEDLOCK_HTTP__PUBLIC_URL", "https://medlock.example.org"),
        ("MEDLOCK_HTTP__TRUSTED_PROXIES", "127.0.0.0/8"),
        ("MEDLOCK_HTTP__FIRST_ADMIN_FROM", "[\"172.16.0.0/12\"]"),
    ];
    let server = ServerProcess::start_with(&data, &settings);
    assert_eq!(server.link_base, "https://medlock.example.org");
    let token = server.link.clone().unwrap();
    let form = json!({
        "token": token, "name": "Cy Corvin", "email": "cy@example.org", "password": PASSWORD,
    });
    let request = Client::new().request(Method::POST, format!("{}{FIRST}", server.url));
    let request = request.json(&form).header("X-Forwarded-For", "172.17.0.1");
    Reply::to(request.header("Origin", "https://medlock.example.org")).await.expect(202);
}
