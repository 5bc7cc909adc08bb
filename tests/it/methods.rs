//! Methods: `HEAD` is `GET` without a body, and whoever tries one that an address does not take is told
//! which it takes.

use reqwest::Method;
use tests::app::TestApp;
use tests::cast::all_for_treatment;
use tests::door::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_a_get_without_a_body() {
    let app = TestApp::start().await;
    let (ana, _bo, _cy) = app.cast().await;
    app.until_published().await;
    let consents = format!("/api/v1/patients/{}/consents", ana.id);
    for path in
        ["/livez", "/api/v1/me", "/api/openapi.json", "/log/checkpoint", &consents, "/nowhere"]
    {
        let got = ana.get(&app, path).await;
        let head = Reply::to(ana.request(&app, Method::HEAD, path)).await.expect(got.status);
        assert!(head.bytes.is_empty(), "{path}");
        for name in ["content-type", "content-length", "cache-control", "etag"] {
            assert_eq!(head.header(name), got.header(name), "{path}: {name}");
        }
    }
    // A connection goes on after the answer to a HEAD, and nobody without a session learns more by it.
    Reply::to(app.client.head(format!("{}{consents}", app.url))).await.expect(401);
}

/// What shows something that is recorded as shown, or never ends.
const BY_GET_ONLY: [&str; 9] = [
    "/api/v1/admin/verifications",
    "/api/v1/admin/verifications/{doctor}",
    "/api/v1/doctors",
    "/api/v1/doctors/{doctor}",
    "/api/v1/me/patients",
    "/api/v1/patients/{patient}/reports",
    "/api/v1/patients/{patient}/reports/{report}",
    "/api/v1/patients/{patient}/viewings/{viewing}/pages/{page}",
    "/api/v1/stream",
];

/// Whoever asks for headers is shown nothing, so the log says of nothing that it was shown.
#[tokio::test(flavor = "multi_thread")]
async fn no_head_is_an_event() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let granted = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let (consent, viewing) = (granted.text("consent"), bo.open(&app, &ana.id, &report).await);
    let known = [
        ("{patient}", &*ana.id),
        ("{doctor}", &bo.id),
        ("{report}", &report),
        ("{consent}", &consent),
        ("{viewing}", &viewing),
        ("{page}", "1"),
    ];
    let document = api::rest::openapi();
    let before = app.newest();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if operations.get("get").is_none() {
            continue;
        }
        let address = known.iter().fold(path.clone(), |path, (name, id)| path.replace(name, id));
        for who in [&ana, &bo, &cy] {
            let head = Reply::to(who.request(&app, Method::HEAD, &address)).await;
            assert!(head.bytes.is_empty(), "{address}");
            assert_eq!(head.status == 405, BY_GET_ONLY.contains(&path.as_str()), "{address}");
            assert_eq!(app.newest(), before, "{address}");
        }
    }
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
        if operations.contains_key("get") && !BY_GET_ONLY.contains(&path.as_str()) {
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
