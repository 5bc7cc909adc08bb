//! One-time codes: for one operation, once, for five minutes and five tries.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{PASSWORD, Person, all_for_treatment};
use tests::door::Reply;

/// Answers Ana's challenge for a consent.
async fn answer(ana: &Person, app: &TestApp, body: &Value, challenge: &str, code: &str) -> Reply {
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let request = ana.request(app, Method::POST, &path).json(body);
    let value = format!("challenge={challenge}; code={code}");
    Reply::to(request.header("Medlock-Step-Up", value)).await
}

/// Asks for a code for a consent: the challenge and the code.
async fn asked(ana: &Person, app: &TestApp, body: &Value) -> (String, String) {
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let challenge = ana.post(app, &path, body.clone()).await.text("challenge");
    (challenge, app.code(&ana.email))
}

/// A code that is surely not this one.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_the_consent_it_was_asked_for_and_no_other() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let shown = all_for_treatment(&app, &bo.id);
    let (challenge, code) = asked(&ana, &app, &shown).await;
    let mut longer = shown.clone();
    longer["until"] = json!("2027-11-23T08:00:00.000000Z");
    answer(&ana, &app, &longer, &challenge, &code).await.refused(403, "dead_code");
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    answer(&uma, &app, &shown, &challenge, &code).await.refused(403, "dead_code");
    answer(&ana, &app, &shown, &challenge, &code).await.expect(201);
    answer(&ana, &app, &shown, &challenge, &code).await.refused(403, "dead_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_registration_opens_no_session_and_the_other_way_round() {
    let app = TestApp::start().await;
    let form = json!({
        "name": "Dr Bo Berg", "email": "bo@example.org", "password": PASSWORD,
        "licence": "L-4711", "issuer": "Medical Chamber", "specialty": "radiology", "specialty_text": "Radiology",
    });
    let challenge = app.post("/api/v1/doctors", form).await.expect(202).text("challenge");
    let code = app.code("bo@example.org");
    let as_log_in = json!({ "challenge": challenge, "code": code, "client": "browser" });
    let second = "/api/v1/sessions/second-factor";
    app.post(second, as_log_in).await.refused(403, "dead_code");
    let confirm = json!({ "challenge": challenge, "code": code });
    app.post("/api/v1/registrations/confirm", confirm).await.expect(200);

    let log_in = json!({ "email": "bo@example.org", "password": PASSWORD, "client": "browser" });
    let asked = app.post("/api/v1/sessions", log_in).await.expect(202);
    let mut code = json!({
        "challenge": asked.text("challenge"), "code": app.code("bo@example.org"),
    });
    let confirmed = app.post("/api/v1/registrations/confirm", code.clone()).await;
    confirmed.refused(403, "dead_code");
    // A browser's code opens no machine's session.
    code["client"] = json!("machine");
    app.post(second, code.clone()).await.refused(403, "dead_code");
    code["client"] = json!("browser");
    app.post(second, code).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_kill_the_challenge() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let body = all_for_treatment(&app, &bo.id);
    let (challenge, code) = asked(&ana, &app, &body).await;
    for _ in 0..5 {
        let wrong = answer(&ana, &app, &body, &challenge, other_than(&code)).await;
        wrong.refused(403, "wrong_code");
    }
    answer(&ana, &app, &body, &challenge, &code).await.refused(403, "dead_code");
    let (challenge, code) = asked(&ana, &app, &body).await;
    answer(&ana, &app, &body, &challenge, &code).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_dies_after_five_minutes() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let body = all_for_treatment(&app, &bo.id);
    let (challenge, code) = asked(&ana, &app, &body).await;
    app.later(Duration::from_secs(300));
    answer(&ana, &app, &body, &challenge, &code).await.refused(403, "dead_code");
    let (challenge, code) = asked(&ana, &app, &body).await;
    app.later(Duration::from_secs(299));
    answer(&ana, &app, &body, &challenge, &code).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_answers_with_one_code_one_is_taken() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let body = all_for_treatment(&app, &bo.id);
    let (challenge, code) = asked(&ana, &app, &body).await;
    let answers = (0..100).map(|_| answer(&ana, &app, &body, &challenge, &code));
    let replies = join_all(answers).await;
    let taken = replies.iter().filter(|reply| reply.status == 201).count();
    let dead = replies.iter().filter(|reply| reply.code() == "dead_code").count();
    assert_eq!((taken, dead), (1, 99));
    let granted = app.kinds().await.into_iter().filter(|kind| *kind == "consent.granted.v1");
    assert_eq!(granted.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_redeems_of_one_token_one_succeeds() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    let replies = join_all((0..100).map(|_| bo.redeem(&app, &ana.id, &token))).await;
    let opened = replies.iter().filter(|reply| reply.status == 201).count();
    let used = replies.iter().filter(|reply| reply.code() == "token_used").count();
    assert_eq!((opened, used), (1, 99));
    let viewed = app.kinds().await.into_iter().filter(|kind| *kind == "access.record_viewed.v1");
    assert_eq!(viewed.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_answers_the_same_and_its_owner_is_told() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let form = |email: &str| {
        json!({
            "name": "Mallory", "birth_date": "1990-01-01", "email": email, "password": PASSWORD,
        })
    };
    let taken = app.post("/api/v1/patients", form(&ana.email)).await.expect(202);
    let free = app.post("/api/v1/patients", form("free@example.org")).await.expect(202);
    let members = |reply: &Reply| {
        let json = reply.json();
        json.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members(&taken), members(&free));
    assert_eq!(taken.bytes.len(), free.bytes.len());
    let letter = app.letter(&ana.email);
    assert!(letter.contains("names an account already"), "{letter}");
    assert!(!letter.contains("Your code is"), "{letter}");
    // Nobody was sent a code for it, so nobody can confirm it; guesses are counted as everywhere.
    let path = "/api/v1/registrations/confirm";
    let guess = json!({ "challenge": taken.text("challenge"), "code": "x" });
    app.post(path, guess).await.refused(403, "wrong_code");
    let guess_free = json!({ "challenge": free.text("challenge"), "code": "x" });
    app.post(path, guess_free).await.refused(403, "wrong_code");
    assert_eq!(app.log_in(&ana.email).await.account, ana.account);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_register_one_address_share_it_by_who_confirms_first() {
    let app = TestApp::start().await;
    let form = json!({
        "name": "Ana Acker", "birth_date": "1980-02-29", "email": "ana@example.org",
        "password": PASSWORD,
    });
    let mut confirmations = Vec::new();
    for _ in 0..2 {
        let asked = app.post("/api/v1/patients", form.clone()).await.expect(202);
        let code = app.code("ana@example.org");
        confirmations.push(json!({ "challenge": asked.text("challenge"), "code": code }));
    }
    let path = "/api/v1/registrations/confirm";
    app.post(path, confirmations.pop().unwrap()).await.expect(200);
    app.post(path, confirmations.pop().unwrap()).await.refused(409, "address_taken");
}

async fn again(app: &TestApp, challenge: &str) -> Reply {
    app.post("/api/v1/codes", json!({ "challenge": challenge })).await
}

/// A code is asked for twice, four minutes apart: the newest is right, though the first would be over by now.
async fn sent_again(app: &TestApp, email: &str, challenge: &str, what: &str) -> (String, String) {
    let (lost, letters) = (app.code(email), app.letters().len());
    app.later(Duration::from_secs(240));
    let sent = again(app, &challenge.to_uppercase()).await.expect(202);
    assert_eq!(sent.text("challenge"), *challenge, "it is the same challenge");
    assert!(app.letter(email).contains(what), "{}", app.letter(email));
    assert_eq!(app.letters().len(), letters, "of the letter before nothing is left");
    app.later(Duration::from_secs(240));
    (lost, app.code(email))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_letter_did_not_come_is_sent_again_and_the_one_before_counts_no_more() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;

    let form = json!({
        "name": "Uma Unger", "birth_date": "1980-02-29", "email": "uma@example.org",
        "password": PASSWORD,
    });
    let challenge = app.post("/api/v1/patients", form).await.expect(202).text("challenge");
    let (lost, code) =
        sent_again(&app, "uma@example.org", &challenge, "to confirm this address").await;
    let path = "/api/v1/registrations/confirm";
    let confirm = |code: &str| app.post(path, json!({ "challenge": challenge, "code": code }));
    if lost != code {
        confirm(&lost).await.refused(403, "wrong_code");
    }
    confirm(&code).await.expect(200);
    again(&app, &challenge).await.refused(403, "dead_code");

    let log_in = json!({ "email": bo.email, "password": PASSWORD, "client": "browser" });
    let challenge = app.post("/api/v1/sessions", log_in).await.expect(202).text("challenge");
    let (lost, code) = sent_again(&app, &bo.email, &challenge, "to log in").await;
    let answer_with = |code: &str| {
        let answer = json!({ "challenge": challenge, "code": code, "client": "browser" });
        app.post("/api/v1/sessions/second-factor", answer)
    };
    if lost != code {
        answer_with(&lost).await.refused(403, "wrong_code");
    }
    answer_with(&code).await.expect(201);
    again(&app, &challenge).await.refused(403, "dead_code");

    let body = all_for_treatment(&app, &bo.id);
    let (challenge, _) = asked(&ana, &app, &body).await;
    let (lost, code) = sent_again(&app, &ana.email, &challenge, "you were asked to confirm").await;
    if lost != code {
        answer(&ana, &app, &body, &challenge, &lost).await.refused(403, "wrong_code");
    }
    answer(&ana, &app, &body, &challenge, &code).await.expect(201);
    again(&app, &challenge).await.refused(403, "dead_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_a_code_is_asked_for_five_answers_are_judged() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let body = all_for_treatment(&app, &bo.id);
    let (challenge, _) = asked(&ana, &app, &body).await;
    for _ in 0..4 {
        again(&app, &challenge).await.expect(202);
    }
    let letters = app.letters().len();
    again(&app, &challenge).await.refused(403, "no_more_codes");
    assert_eq!(app.letters().len(), letters);
    let code = app.code(&ana.email);
    answer(&ana, &app, &body, &challenge, &code).await.expect(201);
}

/// Who asks knows a challenge and nothing else; made-up ones are all alike, and counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_asks_for_codes_learns_nothing_and_is_slowed_down() {
    let app = TestApp::start_with(|config| config.rates.logins_per_minute = 30).await;
    let (ana, _bo, _cy) = app.cast().await;
    let form = |email: &str| {
        json!({
            "name": "Mallory", "birth_date": "1990-01-01", "email": email, "password": PASSWORD,
        })
    };
    let taken = app.post("/api/v1/patients", form(&ana.email)).await.expect(202).text("challenge");
    let free = app.post("/api/v1/patients", form("f@example.org")).await.expect(202);
    let free = free.text("challenge");
    let [of_taken, of_free] = [again(&app, &taken).await, again(&app, &free).await];
    assert_eq!((of_taken.status, of_free.status), (202, 202));
    assert_eq!(of_taken.bytes.len(), of_free.bytes.len());
    let letter = app.letter(&ana.email);
    assert!(letter.contains("names an account already"), "{letter}");
    assert!(!letter.contains("Your code is"), "{letter}");

    let nobodys = "0192f3c4-0000-7000-8000-00000000abcd";
    let path = "/api/v1/codes";
    app.post(path, json!({ "challenge": nobodys })).await.refused(403, "dead_code");
    app.post(path, json!({ "challenge": "a secret" })).await.refused(422, "bad_form");
    let mut codes = Vec::new();
    for _ in 0..40 {
        codes.push(app.post(path, json!({ "challenge": nobodys })).await.code());
    }
    codes.dedup();
    assert_eq!(codes, ["dead_code", "too_many_requests"]);
    // Whose challenge lives is not held up by them.
    again(&app, &free).await.expect(202);
}
