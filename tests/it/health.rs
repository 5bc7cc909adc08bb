//! How the installation says how it is doing, and what no answer goes without.

use reqwest::Method;
use serde_json::json;
use tests::app::TestApp;
use tests::door::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn the_house_says_that_it_lives_and_is_ready() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    ana.list(&app, "/api/v1/me/sessions").await.expect(200);
    assert_eq!(app.get("/livez").await.expect(200).bytes, b"alive\n");
    let ready = app.get("/readyz").await.expect(200);
    let mut body = ready.json();
    for moving in [
        "log_signed",
        "log_published",
        "scrubbed",
        "read_models_behind",
        "report_files_read",
        "jobs",
    ] {
        body.as_object_mut().unwrap().remove(moving);
    }
    let expected = json!({
        "ready": true, "healthy": true, "event_store": "ok", "read_models": "ok",
        "descriptors": "ok",
        "transparency_log": "ok", "witnesses": "ok", "anchors": "ok",
        "report_files": "ok",
    });
    assert_eq!(body, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_requests_by_route_and_name_nobody() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    ana.get(&app, &format!("/api/v1/patients/{}/reports", ana.id)).await.expect(200);
    let metrics = app.get("/metrics").await.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(metrics.bytes).unwrap();
    for part in [
        "medlock_http_requests_total{",
        "method=\"GET\"",
        "route=\"/api/v1/patients/{patient}/reports\"",
        "status=\"200\"",
        "medlock_http_request_seconds",
        "medlock_read_models_behind ",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains(&ana.id), "an id in the metrics");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_goes_without_its_headers() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let text = ("Letter", "consultation", "text/plain");
    let stored = ana.upload(&app, &ana.id, text, b"x".to_vec()).await.expect(201);
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    let content = format!("{reports}/{}/content", stored.text("report"));
    let bad = ana.request(&app, Method::POST, &reports);
    let bad = bad.header("Content-Type", "application/json").body("{");
    let personal = [
        stored,
        ana.get(&app, &reports).await.expect(200),
        ana.get(&app, &content).await.expect(200),
        ana.get(&app, "/api/v1/me?x=1").await,
        app.get("/api/v1/me").await.expect(401),
        app.get("/nowhere").await.expect(404),
        app.call(Method::DELETE, "/livez", None).await.expect(405),
        Reply::to(bad).await.expect(400),
        app.get("/readyz").await.expect(200),
        app.get("/metrics").await.expect(200),
    ];
    let public = [
        app.get("/api/problems/not_found").await.expect(200),
        app.get("/.well-known/jwks.json").await.expect(200),
        app.get("/api/openapi.json").await.expect(200),
        app.get("/api/docs/").await.expect(200),
    ];
    for reply in &personal {
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    for reply in personal.iter().chain(&public) {
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    for reply in public {
        assert_ne!(reply.header("cache-control"), "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_has_a_page_and_every_refusal_leads_to_it() {
    let app = TestApp::start().await;
    let rows = api::refusal::table();
    assert!(rows.len() > 70, "{}", rows.len());
    for row in rows {
        let page = app.get(&format!("/api/problems/{}", row.code)).await.expect(200);
        let metadata: Vec<&str> = row.metadata.iter().map(|beside| beside.name()).collect();
        let expected = json!({
            "code": row.code, "status": row.status.as_u16(), "detail": row.rule, "next": row.next,
            "retry": row.retry.name(), "metadata": metadata,
        });
        assert_eq!(page.json(), expected);
    }
    let refused = app.get("/api/v1/me").await.refused(401, "not_signed_in");
    app.get(&refused.text("type")).await.expect(200);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.text("trace_id").len(), 32);
    let occurrence = refused.text("instance").replace('-', "");
    assert_eq!(occurrence, format!("urn:uuid:{}", refused.text("trace_id")));
}

/// The product works without internet, and its pages run nothing but files of their own.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_tries_the_api_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let page = app.get("/api/docs").await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'; style-src 'self';"), "{policy}");
    let html = String::from_utf8(page.bytes).unwrap();
    assert!(!html.contains("://"), "{html}");
    assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains(" onload="));
    let scripts: Vec<&str> = html.split("<script").skip(1).collect();
    assert!(!scripts.is_empty());
    for script in &scripts {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(rest.trim_start().starts_with("</script>"), "an inline script: {rest}");
        let source = tag.split("src=\"./").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        app.get(&format!("/api/docs/{source}")).await.expect(200);
    }
    let start = app.get("/api/docs/swagger-initializer.js").await.expect(200);
    let start = String::from_utf8(start.bytes).unwrap();
    assert!(start.contains("/api/openapi.json"), "{start}");
    assert!(start.contains("\"validatorUrl\": \"none\""), "{start}");
    let described = app.get("/api/openapi.json").await.expect(200);
    assert_eq!(described.json(), api::rest::openapi());
}
