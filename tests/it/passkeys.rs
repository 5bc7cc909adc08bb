//! Passkeys: a second factor that is set up with a code, answers in a code's place, and can be given up.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::authenticator::Authenticator;
use tests::cast::{PASSWORD, Person, all_for_treatment};
use tests::door::Reply;

const PASSKEYS: &str = "/api/v1/me/passkeys";

/// What was made, with the code that was sent.
async fn add(app: &TestApp, who: &Person, authenticator: &mut Authenticator) -> Reply {
    let begun = who.post(app, "/api/v1/me/passkeys/options", json!({})).await.expect(200);
    let made = authenticator.create(&begun.json()["options"]);
    let challenge = begun.text("challenge");
    let body = json!({ "challenge": challenge, "code": app.code(&who.email), "credential": made });
    who.post(app, PASSKEYS, body).await
}

async fn begin_log_in(app: &TestApp, email: &str) -> Reply {
    let body = json!({ "email": email, "password": PASSWORD, "client": "browser" });
    app.post("/api/v1/sessions", body).await
}

async fn options(app: &TestApp, challenge: &str) -> Reply {
    app.post(&format!("/api/v1/challenges/{challenge}/passkey"), json!({})).await
}

async fn answer(app: &TestApp, challenge: &str, passkey: &Value) -> Reply {
    let body = json!({ "challenge": challenge, "passkey": passkey, "client": "browser" });
    app.post("/api/v1/sessions/second-factor", body).await
}

/// What there is in the list of somebody's passkeys.
async fn listed(app: &TestApp, who: &Person) -> Vec<String> {
    who.get(app, PASSKEYS).await.expect(200).column("passkey")
}

#[tokio::test]
async fn a_doctor_logs_in_with_a_passkey() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    let mut key = Authenticator::numbered(1);
    let added = add(&app, &bo, &mut key).await.expect(201).text("passkey");
    let list = bo.get(&app, PASSKEYS).await.expect(200).json();
    assert_eq!(list["items"][0]["passkey"], added.as_str());
    assert_eq!(list["items"][0]["place"], "built_in");

    let asked = begin_log_in(&app, &bo.email).await.expect(202);
    assert_eq!(asked.json()["passkey"], true);
    let challenge = asked.text("challenge");
    let options = options(&app, &challenge).await.expect(200).json()["options"].clone();
    let signed = key.get(&options);
    answer(&app, &challenge, &signed).await.expect(201);
    answer(&app, &challenge, &signed).await.refused(403, "dead_code");
}

#[tokio::test]
async fn a_patient_with_a_passkey_is_asked_for_it_and_one_without_is_not() {
    let app = TestApp::start().await;
    let (ana, _, _) = app.cast().await;
    begin_log_in(&app, &ana.email).await.expect(201);
    let mut key = Authenticator::numbered(1);
    let passkey = add(&app, &ana, &mut key).await.expect(201).text("passkey");
    let asked = begin_log_in(&app, &ana.email).await.expect(202);
    assert!(app.code_if_there(&ana.email).is_none(), "whoever has a passkey gets no letters");
    let body = json!({
        "challenge": asked.text("challenge"), "code": "123456", "client": "browser",
    });
    app.post("/api/v1/sessions/second-factor", body).await.refused(403, "wrong_code");

    let path = format!("{PASSKEYS}/{passkey}");
    let asked = ana.delete(&app, &path).await.refused(403, "step_up_required");
    let challenge = asked.text("challenge");
    let options = options(&app, &challenge).await.expect(200).json()["options"].clone();
    let signed = URL_SAFE_NO_PAD.encode(key.get(&options).to_string());
    let step_up = format!("challenge={challenge}; passkey={signed}");
    let request = ana.request(&app, Method::DELETE, &path).header("Medlock-Step-Up", step_up);
    Reply::to(request).await.expect(200);
    assert!(listed(&app, &ana).await.is_empty());
    begin_log_in(&app, &ana.email).await.expect(201);
}

#[tokio::test]
async fn a_consent_is_confirmed_by_a_passkey() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let mut key = Authenticator::numbered(1);
    add(&app, &ana, &mut key).await.expect(201);
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let consent = all_for_treatment(&app, &bo.id);
    let asked = ana.post(&app, &path, consent.clone()).await.refused(403, "step_up_required");
    let challenge = asked.text("challenge");
    let options = options(&app, &challenge).await.expect(200).json()["options"].clone();
    let passkey = URL_SAFE_NO_PAD.encode(key.get(&options).to_string());
    let step_up = format!("challenge={challenge}; passkey={passkey}");
    let grant = async |body: &Value| {
        let request = ana.request(&app, Method::POST, &path).json(body);
        Reply::to(request.header("Medlock-Step-Up", &step_up)).await
    };
    let mut other = consent.clone();
    other["views_max"] = json!(3);
    grant(&other).await.refused(403, "dead_code");
    grant(&consent).await.expect(201);
    grant(&consent).await.refused(403, "dead_code");
}

/// What is wrong with an answer is the answer's fault and nobody's secret: five of them, and the challenge is
/// dead for the right one too.
#[tokio::test]
async fn an_answer_that_does_not_fit_is_wrong_and_counts() {
    let app = TestApp::start().await;
    let (_, bo, cy) = app.cast().await;
    let mut key = Authenticator::numbered(1);
    add(&app, &bo, &mut key).await.expect(201);
    let mut cys = Authenticator::numbered(2);
    add(&app, &cy, &mut cys).await.expect(201);
    let challenge = begin_log_in(&app, &bo.email).await.expect(202).text("challenge");
    let asked = options(&app, &challenge).await.expect(200).json()["options"].clone();
    let earlier = key.get(&asked);
    let asked = options(&app, &challenge).await.expect(200).json()["options"].clone();

    let (mut elsewhere, mut copied) = (key.on("https://medlock.evil.example"), key.copied());
    let mut damaged = key.clone().get(&asked);
    let signature = damaged["response"]["signature"].as_str().expect("text").replace('A', "B");
    damaged["response"]["signature"] = json!(signature);
    let wrong = [
        ("to an earlier question", earlier),
        ("given on another page", elsewhere.get(&asked)),
        ("of somebody else's passkey", cys.get(&asked)),
        ("of a copy whose counter went back", copied.get(&asked)),
    ];
    for (what, passkey) in wrong {
        // Who answers wrongly again and again has to wait.
        app.later(Duration::from_secs(30));
        let reply = answer(&app, &challenge, &passkey).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "wrong_passkey"), "{what}");
    }
    app.later(Duration::from_secs(30));
    answer(&app, &challenge, &damaged).await.refused(403, "wrong_passkey");
    app.later(Duration::from_secs(30));
    answer(&app, &challenge, &key.get(&asked)).await.refused(403, "dead_code");
}

#[tokio::test]
async fn of_many_right_answers_at_once_one_opens_a_session() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    let mut key = Authenticator::numbered(1);
    add(&app, &bo, &mut key).await.expect(201);
    let challenge = begin_log_in(&app, &bo.email).await.expect(202).text("challenge");
    let asked = options(&app, &challenge).await.expect(200).json()["options"].clone();
    let signed = key.get(&asked);
    let answers = join_all((0..8).map(|_| answer(&app, &challenge, &signed))).await;
    let opened = answers.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_passkey_is_set_up_by_its_owner_only_and_with_the_code() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let mut key = Authenticator::numbered(1);
    let begun = bo.post(&app, "/api/v1/me/passkeys/options", json!({})).await.expect(200);
    let made = key.create(&begun.json()["options"]);
    let body = |code: &str| json!({ "challenge": begun.text("challenge"), "code": code, "credential": made });
    bo.post(&app, PASSKEYS, body("00")).await.refused(403, "wrong_code");
    let code = app.code(&bo.email);
    ana.post(&app, PASSKEYS, body(&code)).await.refused(403, "dead_code");
    assert!(listed(&app, &bo).await.is_empty() && listed(&app, &ana).await.is_empty());
    // What was made for another page is refused before the code is used up.
    let mut elsewhere = key.on("https://medlock.evil.example");
    let mut foreign = body(&code);
    foreign["credential"] = elsewhere.create(&begun.json()["options"]);
    bo.post(&app, PASSKEYS, foreign).await.refused(403, "passkey_not_taken");
    let added = bo.post(&app, PASSKEYS, body(&code)).await.expect(201).text("passkey");

    // Somebody else's passkey does not exist.
    let path = format!("{PASSKEYS}/{added}");
    ana.delete(&app, &path).await.refused(404, "no_such_passkey");
    // An account without passkeys has nothing to ask for.
    let challenge = begin_log_in(&app, "cy@example.org").await.expect(202).text("challenge");
    options(&app, &challenge).await.refused(409, "no_passkey");
    let unknown = "0192f3c4-0000-7000-8000-00000000dead";
    options(&app, unknown).await.refused(403, "dead_code");
}

/// Events say that there is a passkey; its key is none. Neither is in the log what a browser answered.
#[tokio::test]
async fn the_log_says_that_there_is_a_passkey_and_nothing_of_its_key() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    let mut key = Authenticator::numbered(1);
    let passkey = add(&app, &bo, &mut key).await.expect(201).text("passkey");
    let lines = app.log().await;
    let lines: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(&line.bytes)).collect();
    let told: Vec<_> = lines.iter().filter(|line| line.contains("identity.factor_")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains(&passkey) && told[0].contains(r#""stream":"factors-"#), "{}", told[0]);
    let credential = URL_SAFE_NO_PAD.encode([1; 16]);
    assert!(lines.iter().all(|line| !line.contains(&credential)));
}
