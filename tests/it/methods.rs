//! Methods: `HEAD` is `GET` without a body, and whoever tries one that an address does not take is told
//! which it takes.

use reqwest::Method;
use tests::app::TestApp;
use tests::door::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_a_get_without_a_body() {
    let app = TestApp::start().await;
    let (ana, _bo, _cy) = app.cast().await;
    app.until_published().await;
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    for path in
        ["/livez", "/api/v1/me", "/api/openapi.json", "/log/checkpoint", &reports, "/nowhere"]
    {
        let got = ana.get(&app, path).await;
        let head = Reply::to(ana.request(&app, Method::HEAD, path)).await.expect(got.status);
        assert!(head.bytes.is_empty(), "{path}");
        for name in ["content-type", "content-length", "cache-control", "etag"] {
            assert_eq!(head.header(name), got.header(name), "{path}: {name}");
        }
    }
    // A connection goes on after the answer to a HEAD, and nobody without a session learns more by it.
    Reply::to(app.client.head(format!("{}{reports}", app.url))).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_another_method_is_told_which_there_are() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let document = api::rest::openapi();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 30);
    for (path, operations) in paths {
        let operations = operations.as_object().unwrap();
        let mut taken: Vec<String> = operations.keys().map(|name| name.to_uppercase()).collect();
        let id = "0192f3c4-0000-7000-8000-0000000000b0";
        let address: String = path
            .split('/')
            .map(|part| if part.starts_with('{') { format!("/{id}") } else { format!("/{part}") })
            .collect();
        let address = &address[1..];
        let shown = path.ends_with("/pages/{page}") || path == "/api/v1/stream";
        if operations.contains_key("get") && !shown {
            taken.push("HEAD".to_owned());
        }
        taken.sort();
        for method in [Method::TRACE, Method::PATCH, Method::OPTIONS, Method::HEAD, Method::DELETE]
        {
            if taken.iter().any(|name| *name == method.as_str()) {
                continue;
            }
            let reply = Reply::to(ana.request(&app, method.clone(), address)).await.expect(405);
            assert_eq!(reply.header("allow"), taken.join(", "), "{method} {path}");
        }
    }
    let elsewhere = app.client.patch(format!("{}/api/v1/nothing", app.url));
    assert_eq!(Reply::to(elsewhere).await.refused(404, "not_found").header("allow"), "");
}
