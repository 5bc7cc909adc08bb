//! Bad input gets a clear error, and nothing happens.

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{PASSWORD, Person, all_for_treatment};
use tests::door::Reply;

/// Sends bytes as they are.
async fn raw(person: &Person, app: &TestApp, path: &str, body: impl Into<Vec<u8>>) -> Reply {
    let request = person.request(app, Method::POST, path);
    Reply::to(request.header("Content-Type", "application/json").body(body.into())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_fit_is_refused_and_its_values_are_not_repeated() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let before = app.newest();
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let good = all_for_treatment(&app, &bo.id);
    let changed = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        serde_json::to_vec(&body).unwrap()
    };
    let broken = [
        vec![],
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"{\"doctor\":\"\xff\xfe\"}".to_vec(),
        changed("hush", json!("a secret")),
        changed("grantee", json!(7)),
        changed("grantee", json!("a secret")),
        changed("from", json!("yesterday, a secret")),
        changed("views_max", json!(-1)),
        changed("views_max", json!("a secret")),
        changed("choice", json!({ "preset": "a secret" })),
        changed("choice", json!({ "preset": "all_for_treatment", "hush": "a secret" })),
    ];
    for body in broken {
        let sent = String::from_utf8_lossy(&body).into_owned();
        let reply = raw(&ana, &app, &path, body).await;
        assert_eq!((reply.status, reply.code()), (400, "bad_body".to_owned()), "{sent}");
        assert!(!reply.without_trace().contains("a secret"), "{}", reply.without_trace());
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
    // The name of a member that nobody knows is said: it is the one thing that helps.
    let reply = raw(&ana, &app, &path, changed("hush", json!(1))).await;
    assert!(reply.text("detail").contains("`hush`"), "{}", reply.text("detail"));
    let text = ana.request(&app, Method::POST, &path).body("{}");
    Reply::to(text).await.refused(415, "not_json");
    assert_eq!(app.newest(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_larger_than_is_taken_is_refused_however_it_comes() {
    let app = TestApp::start().await;
    let huge = format!("{{\"email\":\"{}\"}}", "x".repeat(70_000));
    let known = app.client.post(format!("{}/api/v1/sessions", app.url));
    let known = known.header("Content-Type", "application/json");
    Reply::to(known.try_clone().unwrap().body(huge.clone())).await.refused(413, "too_large");
    // Without a length: the limit counts what comes.
    let pieces: Vec<_> = huge.as_bytes().chunks(1_000).map(<[u8]>::to_vec).collect();
    let pieces = futures::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let body = reqwest::Body::wrap_stream(pieces);
    Reply::to(known.body(body)).await.refused(413, "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_told_everything_that_is_wrong_with_it_at_once() {
    let app = TestApp::start().await;
    let form = json!({
        "name": "x".repeat(201), "birth_date": "29.2.1980", "email": "ana", "password": "short",
    });
    let reply = app.post("/api/v1/patients", form).await.refused(422, "bad_form");
    let errors = reply.json()["errors"].clone();
    let pointers: Vec<_> = errors.as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/birth_date", "/email", "/password"]);
    for line in ["", "  ", "two\nlines", "nul\u{0}"] {
        let form = json!({
            "name": line, "birth_date": "1980-02-29", "email": "ana@example.org",
            "password": PASSWORD,
        });
        app.post("/api/v1/patients", form).await.refused(422, "bad_form");
    }
    assert!(app.log().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn over_long_and_ill_formed_words_are_refused_field_by_field() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let before = app.newest();
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    let report = |title: &str, media_type: &str| json!({ "title": title, "category": "other", "media_type": media_type });
    for (title, media_type, pointer) in [
        ("", "text/plain", "/title"),
        (&*"x".repeat(201), "text/plain", "/title"),
        ("Letter", "Text/Plain; charset=utf-8", "/media_type"),
        ("Letter", &*format!("text/{}", "x".repeat(100)), "/media_type"),
    ] {
        let reply = ana.post(&app, &reports, report(title, media_type)).await;
        let reply = reply.refused(422, "bad_form");
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer);
    }
    let standing = format!("/api/v1/doctors/{}/standing", bo.id);
    for note in ["".to_owned(), "x".repeat(1_001), "a\u{7}b".to_owned()] {
        let step = json!({ "step": "suspend", "note": note });
        let reply = cy.post(&app, &standing, step).await.refused(422, "bad_form");
        assert_eq!(reply.json()["errors"][0]["pointer"], "/note");
    }
    let many: Vec<_> = (0..201).map(|n| format!("00000000-0000-7000-8000-{n:012}")).collect();
    let choice = json!({
        "preset": "custom", "purpose": "TREAT", "scope": { "kind": "reports", "reports": many },
    });
    let granted = ana.grant(&app, tests::cast::consent(&app, &bo.id, choice)).await;
    granted.refused(422, "unsound_scope");
    assert_eq!(app.newest(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_names_nothing_answers_404_and_a_wrong_method_405() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    for path in [
        "/nowhere",
        "/api/v1/patients/not-a-uuid/reports",
        "/api/v1/patients/%00/reports",
        "/api/v1/patients/../../etc/passwd",
        "/api/problems/no_such_code",
    ] {
        ana.get(&app, path).await.refused(404, "not_found");
    }
    // An id in capitals is the same id.
    let upper = format!("/api/v1/patients/{}/consents", ana.id.to_uppercase());
    ana.get(&app, &upper).await.expect(200);
    app.call(Method::DELETE, "/api/v1/doctors", None).await.refused(405, "method_not_allowed");
    app.call(Method::PUT, "/livez", None).await.refused(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_taken_in_every_form_of_rfc_3339() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    for (from, until) in [
        ("2026-11-23T08:00:00Z", "2026-11-24T08:00:00.000Z"),
        ("2026-11-23T09:00:00+01:00", "2026-11-23T23:00:00.123456789-08:00"),
    ] {
        let mut body = all_for_treatment(&app, &bo.id);
        (body["from"], body["until"]) = (json!(from), json!(until));
        ana.grant(&app, body).await.expect(201);
        let path = format!("/api/v1/admin/trail?from={}", from.replace('+', "%2B"));
        cy.get(&app, &path).await.expect(200);
    }
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let listed = ana.list(&app, &path).await.expect(200);
    assert_eq!(listed.column("from"), ["2026-11-23T08:00:00.000000Z"; 2]);
    let until = ["2026-11-24T07:00:00.123456Z", "2026-11-24T08:00:00.000000Z"];
    assert_eq!(listed.column("until"), until);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_does_not_fit_is_refused() {
    let app = TestApp::start().await;
    let (ana, _bo, cy) = app.cast().await;
    let list = format!("/api/v1/patients/{}/access-history", ana.id);
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "hush=1",
        "min_position=-1",
        "limit=1&limit=2",
    ] {
        ana.get(&app, &format!("{list}?{query}")).await.refused(400, "bad_query");
    }
    for cursor in ["x", "", "%20"] {
        ana.get(&app, &format!("{list}?cursor={cursor}")).await.refused(400, "bad_cursor");
    }
    for limit in [1, 200] {
        ana.get(&app, &format!("{list}?limit={limit}")).await.expect(200);
    }
    for query in ["stream=No%20body", "actor=x", "from=today", "until=1", "type=x&hush=1"] {
        let reply = cy.get(&app, &format!("/api/v1/admin/trail?{query}")).await;
        assert_eq!((reply.status, &*reply.code()), (400, "bad_query"), "{query}");
    }
    let path = "/api/v1/admin/verifications?standing=sitting";
    cy.get(&app, path).await.refused(400, "bad_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_does_not_fit_is_refused() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let body = all_for_treatment(&app, &bo.id);
    let long = "k".repeat(129);
    for (name, value) in [
        ("Medlock-Step-Up", "code=123456"),
        ("Medlock-Step-Up", "challenge=x; code=123456"),
        ("Medlock-Step-Up", "challenge=00000000-0000-7000-8000-000000000000"),
        ("Idempotency-Key", ""),
        ("Idempotency-Key", &long),
    ] {
        let request = ana.request(&app, Method::POST, &path).json(&body).header(name, value);
        Reply::to(request).await.refused(400, "bad_header");
    }
    let stream = ana.request(&app, Method::GET, "/api/v1/stream").header("Last-Event-ID", "x");
    Reply::to(stream).await.refused(400, "bad_header");
    let upload = ana.request(&app, Method::PUT, "/api/v1/uploads").body("x");
    Reply::to(upload).await.refused(400, "bad_header");
}
