//! The cases of the paper, one story each: what it calls TC01 to TC06.

use reqwest::Method;
use serde_json::json;
use tests::app::{BEGIN, TestApp};
use tests::cast::{PASSWORD, Person, all_for_treatment, consent};
use tests::door::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn tc01_a_patient_registers_with_a_code_by_mail_and_logs_in() {
    let app = TestApp::start().await;
    let email = "ana@example.org";
    let form = json!({
        "name": "Ana Acker", "birth_date": "1980-02-29", "email": email, "password": PASSWORD,
    });
    let challenge = app.post("/api/v1/patients", form).await.expect(202).text("challenge");

    let log_in = json!({ "email": email, "password": PASSWORD, "client": "browser" });
    let too_early = app.post("/api/v1/sessions", log_in).await;
    too_early.refused(401, "wrong_credentials");

    let confirm = json!({ "challenge": challenge, "code": app.code(email) });
    let path = "/api/v1/registrations/confirm";
    let account = app.post(path, confirm.clone()).await.expect(200).text("account");
    app.post(path, confirm).await.refused(403, "dead_code");

    let ana = app.log_in(email).await;
    assert_eq!(ana.id, account);
    assert_eq!(ana.get(&app, "/api/v1/me").await.expect(200).text("name"), "Ana Acker");
    assert_eq!(
        app.kinds().await,
        [
            "identity.login_failed.v1",
            "identity.patient_registered.v1",
            "identity.login_claimed.v1",
            "identity.session_opened.v1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tc02_a_doctor_can_do_nothing_until_the_admin_has_verified_the_licence() {
    let app = TestApp::start().await;
    let cy = app.first_admin(&app.link().await, "Cy Corvin", "cy@example.org").await;
    let bo = app.pending_doctor("Dr Bo Berg", "bo@example.org").await;
    bo.get(&app, "/api/v1/me/patients").await.refused(403, "only_a_verified_doctor");
    bo.get(&app, "/api/v1/doctors").await.refused(403, "only_a_verified_doctor");

    let queue = "/api/v1/admin/verifications";
    let waiting = cy.list(&app, queue).await.expect(200);
    assert_eq!(waiting.column("name"), ["Dr Bo Berg"]);
    assert_eq!(waiting.column("licence"), ["L-4711"]);
    bo.get(&app, queue).await.refused(403, "wrong_role");
    app.standing(&cy, &bo, "verify").await.expect(200);
    assert!(cy.list(&app, queue).await.expect(200).items().is_empty());
    let verified = cy.list(&app, &format!("{queue}?standing=verified")).await.expect(200);
    assert_eq!(verified.column("note"), ["register entry seen"]);

    // The password alone opens nothing: a doctor's log-in takes a code as well.
    let log_in = json!({ "email": bo.email, "password": PASSWORD, "client": "browser" });
    let asked = app.post("/api/v1/sessions", log_in).await.expect(202);
    assert_eq!(asked.header("set-cookie"), "");
    let wrong = json!({ "challenge": asked.text("challenge"), "code": "x", "client": "browser" });
    app.post("/api/v1/sessions/second-factor", wrong).await.refused(403, "wrong_code");
    let bo = app.log_in("bo@example.org").await;
    bo.get(&app, "/api/v1/me/patients").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn tc03_a_doctor_uploads_a_report_for_a_patient_who_let_them_in() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let about = ("MRI of the knee", "imaging", "text/plain");
    let findings = b"Meniscus intact.".to_vec();
    let refused = bo.upload(&app, &ana.id, about, findings.clone()).await;
    refused.refused(404, "not_found");

    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let stored = bo.upload(&app, &ana.id, about, findings.clone()).await.expect(201);
    assert_eq!(stored.json()["size"], findings.len());

    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    let listed = ana.list(&app, &reports).await.expect(200);
    assert_eq!(listed.column("title"), ["MRI of the knee"]);
    assert_eq!(listed.column("uploaded_by_name"), ["Dr Bo Berg"]);
    assert_eq!(listed.column("category"), ["imaging"]);

    let content = format!("{reports}/{}/content", stored.text("report"));
    let mine = ana.get(&app, &content).await.expect(200);
    assert_eq!(mine.bytes, findings);
    assert!(mine.header("content-disposition").starts_with("attachment"));
    bo.get(&app, &content).await.refused(403, "wrong_role");
}

#[tokio::test(flavor = "multi_thread")]
async fn tc04_a_patient_grants_a_consent_for_a_time_with_a_code_and_takes_it_back() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let body = all_for_treatment(&app, &bo.id);
    let path = format!("/api/v1/patients/{}/consents", ana.id);
    let asked = ana.post(&app, &path, body.clone()).await;
    let challenge = asked.text("challenge");
    asked.refused(403, "step_up_required");
    let answered = |code: String| {
        let request = ana.request(&app, Method::POST, &path).json(&body);
        let answer = format!("challenge={challenge}; code={code}");
        Reply::to(request.header("Medlock-Step-Up", answer))
    };
    answered("none".to_owned()).await.refused(403, "wrong_code");
    assert_eq!(ana.list(&app, &path).await.json()["total"], 0);
    let first = answered(app.code(&ana.email)).await.expect(201).text("consent");
    assert_eq!(in_force(&ana, &app).await, std::slice::from_ref(&first));
    bo.ask(&app, &ana.id, &report).await.expect(201);

    app.later(domain::time::minutes(7 * 24 * 60));
    let (ana, bo) = (app.log_in(&ana.email).await, app.log_in(&bo.email).await);
    bo.ask(&app, &ana.id, &report).await.refused(403, "consent_expired");
    assert!(in_force(&ana, &app).await.is_empty());

    let second = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let second = second.text("consent");
    bo.ask(&app, &ana.id, &report).await.expect(201);
    ana.revoke(&app, &second).await.expect(200);
    bo.ask(&app, &ana.id, &report).await.refused(403, "consent_revoked");
    let all = ana.list(&app, &path).await.expect(200);
    assert_eq!(all.column("consent"), [second, first]);
    assert_eq!(all.column("state"), ["revoked", "expired"]);
}

async fn in_force(ana: &Person, app: &TestApp) -> Vec<String> {
    let path = format!("/api/v1/patients/{}/consents?which=in_force", ana.id);
    ana.list(app, &path).await.expect(200).column("consent")
}

#[tokio::test(flavor = "multi_thread")]
async fn tc05_a_view_token_opens_the_pages_once() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let lines: String = (1..=90).map(|n| format!("Line {n}: nothing abnormal.\n")).collect();
    let about = ("Long letter", "consultation", "text/plain");
    let report = ana.upload(&app, &ana.id, about, lines.into_bytes()).await.expect(201);
    let report = report.text("report");
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);

    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    let opened = bo.redeem(&app, &ana.id, &token).await.expect(201);
    bo.redeem(&app, &ana.id, &token).await.refused(409, "token_used");

    let viewing = opened.text("viewing");
    let first = bo.get(&app, &opened.text("first_page")).await.expect(200);
    assert!(first.bytes.starts_with(b"\x89PNG"));
    let pages: u32 = first.header("medlock-pages").parse().unwrap();
    assert!(pages >= 2, "{pages}");
    let last = bo.page(&app, &ana.id, &viewing, pages).await.expect(200);
    assert_ne!(first.bytes, last.bytes);
    for beyond in [0, pages + 1, 5_000] {
        bo.page(&app, &ana.id, &viewing, beyond).await.refused(404, "no_such_page");
    }

    let path = format!("/api/v1/patients/{}/viewings/{viewing}", ana.id);
    bo.delete(&app, &path).await.expect(200);
    bo.page(&app, &ana.id, &viewing, 1).await.refused(403, "viewing_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn tc06_history_and_trail_tell_it_all() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let scan = ana.write(&app, &ana.id, "MRI of 3 May", "imaging").await;
    let blood = ana.write(&app, &ana.id, "Blood count", "laboratory").await;
    let imaging = json!({
        "preset": "custom", "purpose": "TREAT",
        "scope": { "kind": "categories", "categories": ["imaging"] },
    });
    let granted = ana.grant(&app, consent(&app, &bo.id, imaging)).await.expect(201);
    let viewing = bo.open(&app, &ana.id, &scan).await;
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
    bo.ask(&app, &ana.id, &blood).await.refused(403, "scope_does_not_cover");
    ana.revoke(&app, &granted.text("consent")).await.expect(200);
    bo.page(&app, &ana.id, &viewing, 1).await.refused(403, "consent_revoked");

    assert_eq!(
        ana.history(&app).await,
        [
            "You revoked your consent of 23 November 2026 (UTC), given to Dr Bo Berg.",
            "Dr Bo Berg asked to open *Blood count* for treatment and was refused: no consent \
             you gave them for this purpose covers this report.",
            "Dr Bo Berg opened *MRI of 3 May* for treatment, allowed by your consent of \
             23 November 2026 (UTC). One page was shown. It ended early: you had revoked your consent.",
            "Dr Bo Berg asked to open *MRI of 3 May* for treatment and was given leave to, allowed by \
             your consent of 23 November 2026 (UTC).",
            "You let Dr Bo Berg see these of your reports, those to come included: imaging, for \
             treatment until 30 November 2026, 08:00 UTC.",
            "You added *Blood count*.",
            "You added *MRI of 3 May*.",
        ]
    );

    let trail = cy.list(&app, "/api/v1/admin/trail?limit=200").await.expect(200);
    let mut kinds = app.kinds().await;
    kinds.reverse();
    assert_eq!(trail.column("type"), kinds);
    assert_eq!(trail.json()["total"], kinds.len());
    let trail_text = String::from_utf8(trail.bytes.clone()).unwrap();
    for word in ["Acker", "Berg", "MRI", "Blood", "example.org"] {
        assert!(!trail_text.contains(word), "the trail says {word}");
    }
    let about_ana = format!("/api/v1/admin/trail?stream=patient-{}&from={BEGIN}", ana.id);
    let about_ana = cy.list(&app, &about_ana).await.expect(200);
    assert!(about_ana.column("type").contains(&"access.page_shown.v1".to_owned()));
    bo.get(&app, "/api/v1/admin/trail").await.refused(403, "wrong_role");
}
