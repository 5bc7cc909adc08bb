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
        body["grantee"] = json!(format!("doctor:{}", bo.id.to_uppercase()));
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
    assert_eq!(listed.column("grantee")[0], format!("doctor:{}", bo.id), "told in one spelling");
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
