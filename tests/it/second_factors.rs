//! Authenticator apps and recovery codes: set up with a code, they answer in its place, and each answer
//! counts once.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::app::TestApp;
use tests::authenticator_app::AuthenticatorApp;
use tests::cast::{PASSWORD, Person, all_for_treatment};
use tests::door::Reply;

const APP: &str = "/api/v1/me/authenticator-app";
const CODES: &str = "/api/v1/me/recovery-codes";
const FACTORS: &str = "/api/v1/me/second-factors";
/// As long as a code is shown.
const STEP: Duration = Duration::from_secs(30);

/// Sets an app up with the code of the letter.
async fn set_up(app: &TestApp, who: &Person) -> AuthenticatorApp {
    let begun = who.post(app, "/api/v1/me/authenticator-app/key", json!({})).await.expect(200);
    let phone = AuthenticatorApp::with(&begun.text("key"));
    let body = json!({
        "challenge": begun.text("challenge"), "first_code": phone.at(app.clock_now()),
        "code": app.code(&who.email),
    });
    who.post(app, APP, body).await.expect(201);
    phone
}

/// What the app shows once the last code has gone.
fn next(app: &TestApp, phone: &AuthenticatorApp) -> String {
    app.later(STEP);
    phone.at(app.clock_now())
}

async fn begin_log_in(app: &TestApp, email: &str) -> Reply {
    let body = json!({ "email": email, "password": PASSWORD, "client": "browser" });
    app.post("/api/v1/sessions", body).await
}

async fn answer(app: &TestApp, challenge: &str, code: &str) -> Reply {
    let body = json!({ "challenge": challenge, "code": code, "client": "browser" });
    app.post("/api/v1/sessions/second-factor", body).await
}

async fn log_in(app: &TestApp, email: &str, code: &str) -> Reply {
    let challenge = begin_log_in(app, email).await.expect(202).text("challenge");
    answer(app, &challenge, code).await
}

/// The same request with an answer to the challenge it was refused for.
async fn confirmed(
    app: &TestApp,
    who: &Person,
    (method, path): (Method, &str),
    code: &str,
) -> Reply {
    let asked = Reply::to(who.request(app, method.clone(), path)).await;
    let challenge = asked.refused(403, "step_up_required").text("challenge");
    let step_up = format!("challenge={challenge}; code={code}");
    Reply::to(who.request(app, method, path).header("Medlock-Step-Up", step_up)).await
}

async fn make_codes(app: &TestApp, who: &Person, code: &str) -> Vec<String> {
    let made = confirmed(app, who, (Method::POST, CODES), code).await.expect(201).json();
    let codes = made["codes"].as_array().expect("codes").iter();
    codes.map(|code| code.as_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn a_doctor_logs_in_with_an_app_and_no_letter_goes_out() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    let begun = bo.post(&app, "/api/v1/me/authenticator-app/key", json!({})).await.expect(200);
    let (key, uri) = (begun.text("key"), begun.text("uri"));
    assert!(uri.starts_with("otpauth://totp/Medlock:") && uri.contains(&format!("secret={key}")));
    assert!(begun.text("picture").contains("<svg"));
    let phone = set_up(&app, &bo).await;

    let letters = app.letters().len();
    let asked = begin_log_in(&app, &bo.email).await.expect(202);
    assert_eq!(app.letters().len(), letters, "nobody falls back to letters");
    let challenge = asked.text("challenge");
    let told = asked.json();
    assert_eq!(
        (&told["app"], &told["letter"], &told["recovery"]),
        (&json!(true), &json!(false), &json!(false))
    );
    let again = app.get(&format!("/api/v1/challenges/{challenge}")).await.expect(200).json();
    assert_eq!(again, told);
    let resent = app.post("/api/v1/codes", json!({ "challenge": challenge })).await;
    resent.refused(409, "no_letters");
    answer(&app, &challenge, &next(&app, &phone)).await.expect(201);
    let known = bo.get(&app, FACTORS).await.expect(200).json();
    assert_eq!(known["letters"], false);
    assert!(known["app_since"].is_string() && known["recovery_codes"].is_null());
}

#[tokio::test]
async fn a_code_counts_once_whatever_it_is_for() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    let phone = set_up(&app, &bo).await;
    // The code that set the app up is used up, and so are those of earlier steps.
    log_in(&app, &bo.email, &phone.at(app.clock_now())).await.refused(403, "wrong_code");
    let earlier = phone.at(app.clock_now());
    app.later(STEP);
    let code = phone.at(app.clock_now());
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(begin_log_in(&app, &bo.email).await.expect(202).text("challenge"));
    }
    let all = join_all(challenges.iter().map(|challenge| answer(&app, challenge, &code))).await;
    assert_eq!(all.iter().filter(|reply| reply.status == 201).count(), 1);
    app.later(Duration::from_secs(120));
    log_in(&app, &bo.email, &earlier).await.refused(403, "wrong_code");
    app.later(Duration::from_secs(120));
    log_in(&app, &bo.email, &phone.at(app.clock_now())).await.expect(201);
}

#[tokio::test]
async fn an_app_is_set_up_by_its_owner_with_its_first_code_and_an_answer() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let begun = bo.post(&app, "/api/v1/me/authenticator-app/key", json!({})).await.expect(200);
    let phone = AuthenticatorApp::with(&begun.text("key"));
    let (now, code) = (app.clock_now(), app.code(&bo.email));
    let body = |first: &str, code: &str| json!({ "challenge": begun.text("challenge"), "first_code": first, "code": code });
    bo.post(&app, APP, body("000000", &code)).await.refused(403, "wrong_first_code");
    bo.post(&app, APP, body(&phone.at(now), "00")).await.refused(403, "wrong_code");
    ana.post(&app, APP, body(&phone.at(now), &code)).await.refused(403, "dead_code");
    bo.delete(&app, APP).await.refused(404, "no_authenticator_app");
    bo.post(&app, APP, body(&phone.at(now), &code)).await.expect(201);
    bo.post(&app, APP, body(&phone.at(now), &code)).await.refused(403, "dead_code");

    // A new one takes the place of the old, and the old confirms it.
    let begun = bo.post(&app, "/api/v1/me/authenticator-app/key", json!({})).await.expect(200);
    let newer = AuthenticatorApp::with(&begun.text("key"));
    let old_code = next(&app, &phone);
    let first = newer.at(app.clock_now());
    let body = json!({
        "challenge": begun.text("challenge"), "first_code": first, "code": old_code,
    });
    bo.post(&app, APP, body).await.expect(201);
    log_in(&app, &bo.email, &next(&app, &phone)).await.refused(403, "wrong_code");
    app.later(Duration::from_secs(120));
    log_in(&app, &bo.email, &newer.at(app.clock_now())).await.expect(201);
}

#[tokio::test]
async fn a_consent_is_confirmed_by_an_app_and_giving_it_up_brings_the_letters_back() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    begin_log_in(&app, &ana.email).await.expect(201);
    let phone = set_up(&app, &ana).await;
    begin_log_in(&app, &ana.email).await.expect(202);
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let consent = all_for_treatment(&app, &bo.id);
    let asked = ana.post(&app, &path, consent.clone()).await.refused(403, "step_up_required");
    let code = next(&app, &phone);
    let step_up = format!("challenge={}; code={code}", asked.text("challenge"));
    let request = ana.request(&app, Method::POST, &path).json(&consent);
    Reply::to(request.header("Medlock-Step-Up", step_up)).await.expect(201);

    let code = next(&app, &phone);
    confirmed(&app, &ana, (Method::DELETE, APP), &code).await.expect(200);
    begin_log_in(&app, &ana.email).await.expect(201);
    assert_eq!(ana.get(&app, FACTORS).await.expect(200).json()["letters"], true);
}

#[tokio::test]
async fn recovery_codes_open_once_each_and_new_ones_end_the_old() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    bo.post(&app, CODES, json!({})).await.refused(409, "nothing_to_recover");
    let phone = set_up(&app, &bo).await;
    let old = make_codes(&app, &bo, &next(&app, &phone)).await;
    assert_eq!(old.len(), 10);
    let distinct: std::collections::BTreeSet<_> = old.iter().collect();
    assert_eq!(distinct.len(), 10);
    log_in(&app, &bo.email, &old[0].to_uppercase().replace('-', " ")).await.expect(201);
    log_in(&app, &bo.email, &old[0]).await.refused(403, "wrong_code");
    let left =
        async || bo.get(&app, FACTORS).await.expect(200).json()["recovery_codes"]["left"].clone();
    assert_eq!(left().await, 9);

    // One code, many challenges at once.
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(begin_log_in(&app, &bo.email).await.expect(202).text("challenge"));
    }
    let all = join_all(challenges.iter().map(|challenge| answer(&app, challenge, &old[1]))).await;
    assert_eq!(all.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(left().await, 8);

    app.later(Duration::from_secs(120));
    let new = make_codes(&app, &bo, &old[2]).await;
    assert_eq!(left().await, 10);
    log_in(&app, &bo.email, &old[3]).await.refused(403, "wrong_code");
    app.later(Duration::from_secs(120));
    log_in(&app, &bo.email, &new[3]).await.expect(201);
}

/// A code for one thing is worth nothing for another, and is not used up by the attempt.
#[tokio::test]
async fn a_code_answers_its_own_challenge_only_and_five_answers_are_judged() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let phone = set_up(&app, &bo).await;
    let codes = make_codes(&app, &bo, &next(&app, &phone)).await;
    let asked = bo.delete(&app, APP).await.refused(403, "step_up_required");
    // The challenge of the removal opens no session.
    answer(&app, &asked.text("challenge"), &codes[0]).await.refused(403, "dead_code");
    assert_eq!(bo.get(&app, FACTORS).await.json()["recovery_codes"]["left"], 10);
    // Nor do Bo's codes answer for Ana.
    let anas = set_up(&app, &ana).await;
    log_in(&app, &ana.email, &codes[0]).await.refused(403, "wrong_code");
    drop(anas);
    let challenge = begin_log_in(&app, &bo.email).await.expect(202).text("challenge");
    for _ in 0..5 {
        app.later(STEP);
        answer(&app, &challenge, "abcd-efgh-ijkm-2345").await.refused(403, "wrong_code");
    }
    app.later(STEP);
    answer(&app, &challenge, &codes[0]).await.refused(403, "dead_code");
}

/// Events say what there is; seeds and codes are in none of them, nor in the work store as they are typed.
#[tokio::test]
async fn neither_the_log_nor_the_work_store_holds_a_seed_or_a_code() {
    let app = TestApp::start().await;
    let (_, bo, _) = app.cast().await;
    let begun = bo.post(&app, "/api/v1/me/authenticator-app/key", json!({})).await.expect(200);
    let key = begun.text("key");
    let phone = AuthenticatorApp::with(&key);
    let body = json!({
        "challenge": begun.text("challenge"), "first_code": phone.at(app.clock_now()),
        "code": app.code(&bo.email),
    });
    bo.post(&app, APP, body).await.expect(201);
    let codes = make_codes(&app, &bo, &next(&app, &phone)).await;
    let typed: Vec<String> = codes.iter().map(|code| code.replace('-', "")).collect();
    let lines = app.log().await;
    let told = lines.iter().map(|line| String::from_utf8_lossy(&line.bytes).into_owned());
    let told: Vec<_> = told.filter(|line| line.contains("identity.factor_added")).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("authenticator_app") && told[1].contains(r#""count":10"#), "{told:?}");
    let mut kept = told.concat().into_bytes();
    for file in ["work.db", "work.db-wal", "events.db", "events.db-wal"] {
        kept.extend(std::fs::read(app.data().join(file)).unwrap_or_default());
    }
    let holds = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("authenticator_app") && holds("app_seeds"), "these are the files");
    assert!(!holds(&key), "the seed");
    assert!(codes.iter().chain(&typed).all(|code| !holds(code)), "a recovery code");
}
