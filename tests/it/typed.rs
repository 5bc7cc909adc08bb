//! What people type: orders are judged before a code is sent for them, and what is meant is taken so.

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment, consent};
use tests::door::Reply;

const NOBODY: &str = "0192f3c4-0000-7000-8000-00000000abcd";

async fn answered(
    ana: &Person,
    app: &TestApp,
    body: &Value,
    (challenge, code): (&str, &str),
) -> Reply {
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let request = ana.request(app, Method::POST, &path).json(body);
    let answer = format!("challenge={challenge}; code={code}");
    Reply::to(request.header("Medlock-Step-Up", answer)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_judged_before_a_code_is_sent_for_it() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let of = |choice: Value| consent(&app, &bo.id, choice);
    let custom = |scope: Value, purpose: &str| {
        of(json!({ "preset": "custom", "scope": scope, "purpose": purpose }))
    };
    let with = |member: &str, value: Value| {
        let mut body = all_for_treatment(&app, &bo.id);
        body[member] = value;
        body
    };
    let everything = json!({ "kind": "everything" });
    let cases = [
        (all_for_treatment(&app, NOBODY), 404, "no_such_doctor"),
        (custom(json!({ "kind": "reports", "reports": [] }), "TREAT"), 422, "unsound_scope"),
        (of(json!({ "preset": "this_report_only", "report": NOBODY })), 404, "no_such_report"),
        (custom(everything, "BTG"), 422, "purpose_not_consentable"),
        (with("until", json!(app.now().to_string())), 422, "unsound_period"),
        (with("views_max", json!(0)), 422, "no_views"),
    ];
    for (body, status, code) in cases {
        ana.post(&app, &path, body.clone()).await.refused(status, code);
    }
    app.standing(&cy, &bo, "suspend").await.expect(200);
    ana.post(&app, &path, all_for_treatment(&app, &bo.id)).await.refused(404, "no_such_doctor");
    app.standing(&cy, &bo, "reinstate").await.expect(200);
    // The order may be unsound by the time that the code is there: it is judged again.
    let body = all_for_treatment(&app, &bo.id);
    let challenge = ana.post(&app, &path, body.clone()).await.text("challenge");
    app.standing(&cy, &bo, "suspend").await.expect(200);
    let code = app.code(&ana.email);
    answered(&ana, &app, &body, (&challenge, &code)).await.refused(404, "no_such_doctor");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_ids_are_taken_as_people_and_other_systems_write_them() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    for (before, between, after) in [("", " ", ""), (" ", "-", ""), ("", "", "  ")] {
        let mut body = all_for_treatment(&app, &bo.id);
        body["grantee"]["doctor"] = json!(bo.id.to_uppercase());
        let challenge = ana.post(&app, &path, body.clone()).await.text("challenge").to_uppercase();
        let code = app.code(&ana.email);
        let (first, last) = code.split_at(3);
        let typed = format!("{before}{first}{between}{last}{after}");
        answered(&ana, &app, &body, (&challenge, &typed)).await.expect(201);
    }
    let upper = ana.id.to_uppercase();
    let path = format!("/api/v1/patients/{upper}/consents");
    let listed = ana.list(&app, &path).await.expect(200);
    assert_eq!(listed.json()["total"], 3);
    assert_eq!(listed.items()[0]["grantee"]["doctor"], *bo.id, "told in one spelling");
    let log_in =
        json!({ "email": bo.email, "password": tests::cast::PASSWORD, "client": "browser" });
    let asked = app.post("/api/v1/sessions", log_in).await.expect(202);
    let code = app.code(&bo.email);
    let typed = format!("{} {}\n", &code[..3], &code[3..]);
    let answer = json!({
        "challenge": asked.text("challenge").to_uppercase(), "code": typed, "client": "browser",
    });
    app.post("/api/v1/sessions/second-factor", answer).await.expect(201);
}

/// Every text in an answer, with the name of its member.
fn texts<'a>(name: &'a str, value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => found.push((name, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(name, item, found)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| texts(name, value, found))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The trail alone says actors and streams as they stand in the signed lines.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_an_answer_is_what_an_address_takes() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    bo.write(&app, &ana.id, "Finding", "imaging").await;
    bo.open(&app, &ana.id, &report).await;
    let of_ana = |list: &str| format!("/api/v1/patients/{}/{list}", ana.id);
    let mut answers = Vec::new();
    for (who, path) in [
        (&ana, "/api/v1/me".to_owned()),
        (&ana, "/api/v1/me/sessions".to_owned()),
        (&ana, "/api/v1/doctors".to_owned()),
        (&ana, of_ana("reports")),
        (&ana, of_ana("consents")),
        (&ana, of_ana("access-history")),
        (&bo, "/api/v1/me".to_owned()),
        (&bo, "/api/v1/me/patients".to_owned()),
        (&bo, of_ana("reports")),
        (&cy, "/api/v1/admin/verifications".to_owned()),
    ] {
        answers.push((path.clone(), who.list(&app, &path).await.expect(200).json()));
    }
    for (path, answer) in &answers {
        let mut found = Vec::new();
        texts("", answer, &mut found);
        for (name, text) in found {
            let kinds = ["patient", "doctor", "manager", "admin", "account", "practice", "session"];
            let named = kinds.iter().any(|kind| {
                text.strip_prefix(kind).is_some_and(|rest| rest.starts_with([':', '-']))
            });
            assert!(!named, "{path}: {name} is {text}");
        }
    }
    let doctor = answers[2].1["items"][0]["doctor"].as_str().unwrap();
    ana.get(&app, &format!("/api/v1/doctors/{doctor}")).await.expect(200);
    let uploaders = answers[3].1["items"].as_array().unwrap().iter();
    let uploaders: Vec<_> =
        uploaders.map(|report| (&report["uploaded_by"], &report["uploaded_by_role"])).collect();
    assert_eq!(uploaders, [(&json!(bo.id), &json!("doctor")), (&json!(ana.id), &json!("patient"))]);
    assert_eq!(answers[4].1["items"][0]["grantee"], json!({ "kind": "doctor", "doctor": bo.id }));
}

fn log_in(password: &str, email: &str) -> Value {
    json!({ "email": email, "password": password, "client": "browser" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_an_address_are_the_same_on_every_keyboard() {
    let app = TestApp::start().await;
    let (composed, apart) = ("gr\u{fc}ne W\u{f6}rter", "gru\u{308}ne Wo\u{308}rter");
    for (number, (set, given)) in [(composed, apart), (apart, composed)].into_iter().enumerate() {
        let [at, same] =
            ["m\u{fc}ller", "mu\u{308}ller"].map(|name| format!("{name}{number}@example.org"));
        let body = json!({
            "name": "Uma", "birth_date": "1980-02-29", "email": at, "password": set,
        });
        let asked = app.post("/api/v1/patients", body).await.expect(202);
        let answer = json!({ "challenge": asked.text("challenge"), "code": app.code(&at) });
        app.post("/api/v1/registrations/confirm", answer).await.expect(200);
        app.post("/api/v1/sessions", log_in(given, &same)).await.expect(201);
        app.post("/api/v1/sessions", log_in(set, &at)).await.expect(201);
        let wrong = app.post("/api/v1/sessions", log_in("gruene Woerter", &at)).await;
        wrong.refused(401, "wrong_credentials");
    }
}
