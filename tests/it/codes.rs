//! One-time codes: for one operation, once, for five minutes and five tries.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::cast::{PASSWORD, Person, all_for_treatment};
use tests::door::Reply;
use tests::house::TestHouse;

/// Answers Ana's challenge for a consent.
async fn answer(
    ana: &Person,
    house: &TestHouse,
    body: &Value,
    challenge: &str,
    code: &str,
) -> Reply {
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let request = ana.request(house, Method::POST, &path).json(body);
    let value = format!("challenge={challenge}; code={code}");
    Reply::to(request.header("Medlock-Step-Up", value)).await
}

/// Asks for a code for a consent: the challenge and the code.
async fn asked(ana: &Person, house: &TestHouse, body: &Value) -> (String, String) {
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let challenge = ana.post(house, &path, body.clone()).await.text("challenge");
    (challenge, house.code(&ana.email))
}

/// A code that is surely not this one.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_the_consent_it_was_asked_for_and_no_other() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let shown = all_for_treatment(&house, &bo.id);
    let (challenge, code) = asked(&ana, &house, &shown).await;
    let mut longer = shown.clone();
    longer["until"] = json!("2027-11-23T08:00:00.000000Z");
    answer(&ana, &house, &longer, &challenge, &code).await.refused(403, "dead_code");
    let uma = house.patient("Uma Unger", "uma@example.org").await;
    answer(&uma, &house, &shown, &challenge, &code).await.refused(403, "dead_code");
    answer(&ana, &house, &shown, &challenge, &code).await.expect(201);
    answer(&ana, &house, &shown, &challenge, &code).await.refused(403, "dead_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_registration_opens_no_session_and_the_other_way_round() {
    let house = TestHouse::start().await;
    let form = json!({
        "name": "Dr Bo Berg", "email": "bo@example.org", "password": PASSWORD,
        "licence": "L-4711", "issuer": "Medical Chamber", "specialty": "radiology", "specialty_text": "Radiology",
    });
    let challenge = house.post("/api/v1/doctors", form).await.expect(202).text("challenge");
    let code = house.code("bo@example.org");
    let as_log_in = json!({ "challenge": challenge, "code": code, "client": "browser" });
    let second = "/api/v1/sessions/second-factor";
    house.post(second, as_log_in).await.refused(403, "dead_code");
    let confirm = json!({ "challenge": challenge, "code": code });
    house.post("/api/v1/registrations/confirm", confirm).await.expect(200);

    let log_in = json!({ "email": "bo@example.org", "password": PASSWORD, "client": "browser" });
    let asked = house.post("/api/v1/sessions", log_in).await.expect(202);
    let mut code = json!({
        "challenge": asked.text("challenge"), "code": house.code("bo@example.org"),
    });
    let confirmed = house.post("/api/v1/registrations/confirm", code.clone()).await;
    confirmed.refused(403, "dead_code");
    // A browser's code opens no machine's session.
    code["client"] = json!("machine");
    house.post(second, code.clone()).await.refused(403, "dead_code");
    code["client"] = json!("browser");
    house.post(second, code).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_kill_the_challenge() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let body = all_for_treatment(&house, &bo.id);
    let (challenge, code) = asked(&ana, &house, &body).await;
    for _ in 0..5 {
        let wrong = answer(&ana, &house, &body, &challenge, other_than(&code)).await;
        wrong.refused(403, "wrong_code");
    }
    answer(&ana, &house, &body, &challenge, &code).await.refused(403, "dead_code");
    let (challenge, code) = asked(&ana, &house, &body).await;
    answer(&ana, &house, &body, &challenge, &code).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_dies_after_five_minutes() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let body = all_for_treatment(&house, &bo.id);
    let (challenge, code) = asked(&ana, &house, &body).await;
    house.later(Duration::from_secs(300));
    answer(&ana, &house, &body, &challenge, &code).await.refused(403, "dead_code");
    let (challenge, code) = asked(&ana, &house, &body).await;
    house.later(Duration::from_secs(299));
    answer(&ana, &house, &body, &challenge, &code).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_answers_with_one_code_one_is_taken() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let body = all_for_treatment(&house, &bo.id);
    let (challenge, code) = asked(&ana, &house, &body).await;
    let answers = (0..100).map(|_| answer(&ana, &house, &body, &challenge, &code));
    let replies = join_all(answers).await;
    let taken = replies.iter().filter(|reply| reply.status == 201).count();
    let dead = replies.iter().filter(|reply| reply.code() == "dead_code").count();
    assert_eq!((taken, dead), (1, 99));
    let granted = house.kinds().await.into_iter().filter(|kind| *kind == "consent.granted.v1");
    assert_eq!(granted.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_redeems_of_one_token_one_succeeds() {
    let house = TestHouse::start().await;
    let (ana, bo, _cy) = house.cast().await;
    let report = ana.letter(&house, &ana.id, "Letter").await;
    ana.grant(&house, all_for_treatment(&house, &bo.id)).await.expect(201);
    let token = bo.ask(&house, &ana.id, &report).await.expect(201).text("token");
    let replies = join_all((0..100).map(|_| bo.redeem(&house, &ana.id, &token))).await;
    let opened = replies.iter().filter(|reply| reply.status == 201).count();
    let used = replies.iter().filter(|reply| reply.code() == "token_used").count();
    assert_eq!((opened, used), (1, 99));
    let viewed = house.kinds().await.into_iter().filter(|kind| *kind == "access.record_viewed.v1");
    assert_eq!(viewed.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_answers_the_same_and_its_owner_is_told() {
    let house = TestHouse::start().await;
    let ana = house.patient("Ana Acker", "ana@example.org").await;
    let form = |email: &str| {
        json!({
            "name": "Mallory", "birth_date": "1990-01-01", "email": email, "password": PASSWORD,
        })
    };
    let taken = house.post("/api/v1/patients", form(&ana.email)).await.expect(202);
    let free = house.post("/api/v1/patients", form("free@example.org")).await.expect(202);
    let members = |reply: &Reply| {
        let json = reply.json();
        json.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members(&taken), members(&free));
    assert_eq!(taken.bytes.len(), free.bytes.len());
    let letter = house.letter(&ana.email);
    assert!(letter.contains("names an account already"), "{letter}");
    assert!(!letter.contains("Your code is"), "{letter}");
    // Nobody was sent a code for it, so nobody can confirm it; guesses are counted as everywhere.
    let path = "/api/v1/registrations/confirm";
    let guess = json!({ "challenge": taken.text("challenge"), "code": "x" });
    house.post(path, guess).await.refused(403, "wrong_code");
    let guess_free = json!({ "challenge": free.text("challenge"), "code": "x" });
    house.post(path, guess_free).await.refused(403, "wrong_code");
    assert_eq!(house.log_in(&ana.email).await.account, ana.account);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_register_one_address_share_it_by_who_confirms_first() {
    let house = TestHouse::start().await;
    let form = json!({
        "name": "Ana Acker", "birth_date": "1980-02-29", "email": "ana@example.org",
        "password": PASSWORD,
    });
    let mut confirmations = Vec::new();
    for _ in 0..2 {
        let asked = house.post("/api/v1/patients", form.clone()).await.expect(202);
        let code = house.code("ana@example.org");
        confirmations.push(json!({ "challenge": asked.text("challenge"), "code": code }));
    }
    let path = "/api/v1/registrations/confirm";
    house.post(path, confirmations.pop().unwrap()).await.expect(200);
    house.post(path, confirmations.pop().unwrap()).await.refused(409, "address_taken");
}
