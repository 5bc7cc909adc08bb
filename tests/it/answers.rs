//! Answers: one thing by its address, what stands for it, who one is, and how often one may ask.

use reqwest::Method;
use serde_json::json;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

async fn with(by: &Person, app: &TestApp, path: &str, line: (&str, &str)) -> Reply {
    Reply::to(by.request(app, Method::GET, path).header(line.0, line.1)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_is_answered_as_in_its_list_and_to_nobody_else() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let stan = app.doctor(&cy, "Dr Stan Stein", "stan@example.org").await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let hidden = ana.write(&app, &ana.id, "Hidden", "imaging").await;
    let mut body = all_for_treatment(&app, &bo.id);
    body["choice"] = json!({
        "preset": "custom", "purpose": "TREAT", "scope": { "kind": "reports", "reports": [report] },
    });
    let consent = ana.grant(&app, body).await.expect(201).text("consent");
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    let consents = format!("/api/v1/patients/{}/consents", ana.id);

    let listed = ana.list(&app, &reports).await.expect(200).items()[1].clone();
    let one = format!("{reports}/{report}");
    assert_eq!(ana.get(&app, &one).await.expect(200).json(), listed);
    assert_eq!(bo.get(&app, &one).await.expect(200).json(), listed);
    bo.get(&app, &format!("{reports}/{hidden}")).await.refused(404, "not_found");
    for by in [&uma, &stan] {
        by.get(&app, &one).await.refused(404, "not_found");
    }
    cy.get(&app, &one).await.refused(403, "wrong_role");

    let listed = ana.list(&app, &consents).await.expect(200).items()[0].clone();
    let one = format!("{consents}/{consent}");
    assert_eq!(ana.get(&app, &one).await.expect(200).json(), listed);
    uma.get(&app, &one).await.refused(404, "not_found");
    let nothing = "00000000-0000-7000-8000-000000000000";
    for nowhere in [&reports, &consents].map(|list| format!("{list}/{nothing}")) {
        ana.get(&app, &nowhere).await.refused(404, "not_found");
    }
    let newest = app.newest();
    ana.get(&app, &format!("{one}?min_position={newest}")).await.expect(200);
    let ahead = ana.get(&app, &format!("{one}?min_position={}", newest + 9)).await;
    ahead.refused(400, "beyond_the_log");

    let doctor = format!("/api/v1/doctors/{}", bo.id);
    let listed = ana.list(&app, "/api/v1/doctors").await.expect(200).items()[0].clone();
    assert_eq!(ana.get(&app, &doctor).await.expect(200).json(), listed);
    app.standing(&cy, &bo, "suspend").await.expect(200);
    ana.list(&app, &doctor).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_who_they_are_here() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    for (who, role, standing) in [
        (&ana, "patient", json!(null)),
        (&bo, "doctor", json!("verified")),
        (&eve, "doctor", json!("pending")),
        (&cy, "admin", json!(null)),
    ] {
        let me = who.get(&app, "/api/v1/me").await.expect(200);
        assert_eq!((me.text("role"), me.text("email")), (role.to_owned(), who.email.clone()));
        assert_eq!(me.json()["standing"], standing);
        assert_eq!(me.text("account"), who.id);
    }
    app.standing(&cy, &bo, "suspend").await.expect(200);
    assert_eq!(bo.get(&app, "/api/v1/me").await.expect(200).text("standing"), "suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_the_same_is_not_sent_again() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let consents = format!("/api/v1/patients/{}/consents", ana.id);
    let before = ana.list(&app, &consents).await.expect(200);
    let tag = before.header("etag");
    let same = with(&ana, &app, &consents, ("If-None-Match", &tag)).await.expect(304);
    assert_eq!((same.bytes.len(), same.header("etag")), (0, tag.clone()));
    assert_eq!(same.header("cache-control"), "no-store");
    with(&ana, &app, &consents, ("If-None-Match", "\"other\"")).await.expect(200);
    bo.open(&app, &ana.id, &report).await;
    let after = ana.list(&app, &consents).await.expect(200);
    assert_ne!(after.header("etag"), tag, "a viewing was counted");
    with(&ana, &app, &consents, ("If-None-Match", &tag)).await.expect(200);
    // What is refused has no tag.
    let refused = with(&bo, &app, &consents, ("If-None-Match", "*")).await;
    assert_eq!(refused.refused(403, "wrong_role").header("etag"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_may_be_bound_to_what_its_sender_saw() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let granted = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let one = format!("/api/v1/patients/{}/consents/{}", ana.id, granted.text("consent"));
    let seen = ana.list(&app, &one).await.expect(200).header("etag");
    bo.open(&app, &ana.id, &report).await;
    let revoke = |known: &str| {
        let request = ana.request(&app, Method::POST, &format!("{one}/revoke"));
        Reply::to(request.header("If-Match", known))
    };
    let before = app.newest();
    revoke(&seen).await.refused(412, "changed_meanwhile");
    revoke("\"made-up\"").await.refused(412, "changed_meanwhile");
    revoke("made-up").await.refused(412, "changed_meanwhile");
    assert_eq!(app.newest(), before);
    let seen = ana.list(&app, &one).await.expect(200).header("etag");
    revoke(&format!("\"other\", {seen}")).await.expect(200);
    assert_eq!(ana.list(&app, &one).await.expect(200).text("state"), "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_how_often_one_may_ask() {
    let app = TestApp::start_with(|config| config.rates.requests_per_minute = 60).await;
    for left in (0..10).rev() {
        let reply = app.get(if left % 2 == 0 { "/api/v1/me" } else { "/nowhere" }).await;
        assert_eq!(reply.header("ratelimit-policy"), "\"requests\";q=10;w=10");
        assert_eq!(reply.header("ratelimit"), format!("\"requests\";r={left}"));
    }
    let refused = app.get("/livez").await.refused(429, "too_many_requests");
    assert_eq!(refused.header("ratelimit"), "\"requests\";r=0;t=1");
    assert_eq!(refused.header("retry-after"), "1");
}

/// Two admins at two screens: whoever acts on what is no longer so is told, and nothing happens.
#[tokio::test(flavor = "multi_thread")]
async fn a_doctors_standing_is_changed_as_it_was_seen_or_not_at_all() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    let one = |doctor: &Person| format!("/api/v1/admin/verifications/{}", doctor.id);
    let listed = cy.list(&app, "/api/v1/admin/verifications").await.expect(200);
    let seen = cy.list(&app, &one(&eve)).await.expect(200);
    assert_eq!(seen.json(), listed.items()[0]);
    assert_eq!(cy.list(&app, &one(&bo)).await.expect(200).text("standing"), "verified");
    for nobody in [&ana, &cy] {
        cy.get(&app, &one(nobody)).await.refused(404, "not_found");
    }
    for by in [&ana, &bo] {
        by.get(&app, &one(&eve)).await.refused(403, "wrong_role");
    }
    let tag = seen.header("etag");
    with(&cy, &app, &one(&eve), ("If-None-Match", &tag)).await.expect(304);

    let step = |step: &str, known: &str| {
        let path = format!("/api/v1/doctors/{}/standing", eve.id);
        let body = json!({ "step": step, "note": "register entry seen" });
        Reply::to(cy.request(&app, Method::POST, &path).json(&body).header("If-Match", known))
    };
    step("verify", "\"made-up\"").await.refused(412, "changed_meanwhile");
    step("verify", &tag).await.expect(200);
    let before = app.newest();
    for late in ["suspend", "reject", "verify"] {
        step(late, &tag).await.refused(412, "changed_meanwhile");
    }
    assert_eq!(app.newest(), before);
    // Suspended and back: where she stands is the same, what was seen is not.
    let seen = cy.list(&app, &one(&eve)).await.expect(200).header("etag");
    step("suspend", &seen).await.expect(200);
    step("reinstate", "*").await.expect(200);
    step("suspend", &seen).await.refused(412, "changed_meanwhile");
    let again = cy.list(&app, &one(&eve)).await.expect(200);
    assert_eq!(again.text("standing"), "verified");
    step("suspend", &again.header("etag")).await.expect(200);
}
