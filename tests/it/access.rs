//! Stories of access: what opens a report, and everything that shuts it again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment, consent};
use tests::door::Reply;

const MINUTE: Duration = Duration::from_secs(60);

/// An installation in which Bo has a consent of Ana's for everything and looks at her letter.
struct Looking {
    app: TestApp,
    ana: Person,
    bo: Person,
    cy: Person,
    report: String,
    consent: String,
    viewing: String,
}

impl Looking {
    async fn start() -> Self {
        Self::under(|_| {}).await
    }

    /// The consent changed by `change` before it is given.
    async fn under(change: impl FnOnce(&mut Value)) -> Self {
        let app = TestApp::start().await;
        let (ana, bo, cy) = app.cast().await;
        let report = ana.letter(&app, &ana.id, "Letter").await;
        let mut body = all_for_treatment(&app, &bo.id);
        change(&mut body);
        let consent = ana.grant(&app, body).await.expect(201).text("consent");
        let viewing = bo.open(&app, &ana.id, &report).await;
        let looking = Self { app, ana, bo, cy, report, consent, viewing };
        looking.page().await.expect(200);
        looking
    }

    async fn page(&self) -> Reply {
        self.bo.page(&self.app, &self.ana.id, &self.viewing, 1).await
    }

    async fn ask(&self) -> Reply {
        self.bo.ask(&self.app, &self.ana.id, &self.report).await
    }
}

/// Grant, upload, token, redeem, page, revoke: and after the revoke, no page.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoke_stops_the_open_view() {
    let looking = Looking::start().await;
    let Looking { app, ana, .. } = &looking;
    let page = looking.page().await.expect(200);
    assert_eq!(page.header("content-type"), "image/png");
    assert_eq!(page.header("medlock-pages"), "1");
    assert_eq!(page.header("cache-control"), "no-store");
    let token = looking.ask().await.expect(201).text("token");

    ana.revoke(app, &looking.consent).await.expect(200);
    looking.page().await.refused(403, "consent_revoked");
    looking.page().await.refused(403, "viewing_ended");
    looking.ask().await.refused(403, "consent_revoked");
    let redeemed = looking.bo.redeem(app, &ana.id, &token).await;
    redeemed.refused(403, "consent_revoked");

    // A consent given anew opens new viewings, not the one that ended.
    ana.grant(app, all_for_treatment(app, &looking.bo.id)).await.expect(201);
    looking.page().await.refused(403, "viewing_ended");
    looking.ask().await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_stops_the_open_view_and_kills_the_token() {
    let looking = Looking::start().await;
    let Looking { app, ana, bo, cy, .. } = &looking;
    let token = looking.ask().await.expect(201).text("token");
    app.standing(cy, bo, "suspend").await.expect(200);
    looking.page().await.refused(403, "only_a_verified_doctor");
    bo.redeem(app, &ana.id, &token).await.refused(403, "only_a_verified_doctor");
    looking.ask().await.refused(403, "only_a_verified_doctor");
    let text = ("Note", "other", "text/plain");
    let uploaded = bo.upload(app, &ana.id, text, b"x".to_vec()).await;
    uploaded.refused(403, "only_a_verified_doctor");

    app.standing(cy, bo, "reinstate").await.expect(200);
    looking.page().await.refused(403, "viewing_ended");
    let viewing = bo.open(app, &ana.id, &looking.report).await;
    bo.page(app, &ana.id, &viewing, 1).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_doctor_stays_out() {
    let app = TestApp::start().await;
    let (ana, _bo, cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let eve = app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    app.standing(&cy, &eve, "reject").await.expect(200);
    eve.ask(&app, &ana.id, &report).await.refused(403, "only_a_verified_doctor");
    let granted = ana.grant(&app, all_for_treatment(&app, &eve.id)).await;
    granted.refused(404, "no_such_doctor");
    for step in ["verify", "suspend", "reinstate"] {
        app.standing(&cy, &eve, step).await.refused(409, "wrong_standing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewing_ends_after_fifteen_minutes() {
    let looking = Looking::start().await;
    looking.app.later(15 * MINUTE - Duration::from_micros(1));
    looking.page().await.expect(200);
    looking.app.later(Duration::from_micros(1));
    looking.page().await.refused(403, "viewing_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unused_token_dies_after_five_minutes() {
    let looking = Looking::start().await;
    let token = looking.ask().await.expect(201).text("token");
    looking.app.later(5 * MINUTE);
    let late = looking.bo.redeem(&looking.app, &looking.ana.id, &token).await;
    late.refused(409, "token_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_expires_stops_the_open_view() {
    let looking = Looking::under(|body| {
        body["until"] = json!("2026-11-23T08:10:00.000000Z");
    })
    .await;
    looking.app.later(10 * MINUTE - Duration::from_micros(1));
    looking.page().await.expect(200);
    looking.app.later(Duration::from_micros(1));
    looking.page().await.refused(403, "consent_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewing_and_a_token_belong_to_their_session_and_end_with_it() {
    let looking = Looking::start().await;
    let Looking { app, ana, bo, .. } = &looking;
    let token = looking.ask().await.expect(201).text("token");
    let elsewhere = app.log_in(&bo.email).await;
    // A viewing and a token belong to the session they were opened in.
    let path = format!("/api/v1/patients/{}/viewings/{}/pages/1", ana.id, looking.viewing);
    elsewhere.get(app, &path).await.refused(404, "no_such_viewing");
    elsewhere.redeem(app, &ana.id, &token).await.refused(404, "no_such_token");
    bo.delete(app, "/api/v1/sessions/current").await.expect(200);
    looking.page().await.refused(401, "not_signed_in");
    elsewhere.get(app, &path).await.refused(404, "no_such_viewing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_allows_no_more_viewings_than_it_says() {
    let looking = Looking::under(|body| body["views_max"] = json!(2)).await;
    let Looking { app, ana, bo, .. } = &looking;
    let (one, two) = (looking.ask().await.expect(201), looking.ask().await.expect(201));
    bo.redeem(app, &ana.id, &one.text("token")).await.expect(201);
    // The pages of a viewing that is open are not counted; another viewing is.
    looking.page().await.expect(200);
    let third = bo.redeem(app, &ana.id, &two.text("token")).await;
    third.refused(403, "views_used_up");
    looking.ask().await.refused(403, "views_used_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_wins_over_every_consent() {
    let looking = Looking::start().await;
    let Looking { app, ana, bo, report, .. } = &looking;
    let other = ana.letter(app, &ana.id, "Other letter").await;
    let but_this = json!({
        "preset": "custom", "purpose": "TREAT", "scope": { "kind": "everything" },
        "exceptions": { "reports": [report] },
    });
    let excepted = ana.grant(app, consent(app, &bo.id, but_this)).await.expect(201);
    looking.page().await.refused(403, "report_excepted");
    looking.ask().await.refused(403, "report_excepted");
    bo.ask(app, &ana.id, &other).await.expect(201);
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    assert_eq!(bo.list(app, &reports).await.expect(200).column("report"), [other]);

    ana.revoke(app, &excepted.text("consent")).await.expect(200);
    looking.ask().await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn breaking_the_glass_is_never_reached_by_a_treatment_consent() {
    let looking = Looking::start().await;
    let Looking { app, ana, bo, report, .. } = &looking;
    let path = format!("/api/v1/patients/{}/view-tokens", ana.id);
    for purpose in ["BTG", "ETREAT", "HRESCH"] {
        let body = json!({ "report": report, "purpose": purpose });
        bo.post(app, &path, body).await.refused(403, "purpose_not_covered");
    }
    let glass = json!({
        "preset": "custom", "purpose": "BTG", "scope": { "kind": "everything" },
    });
    let granted = ana.grant(app, consent(app, &bo.id, glass)).await;
    granted.refused(422, "purpose_not_consentable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_needs_a_consent_too() {
    let looking = Looking::start().await;
    let Looking { app, ana, bo, .. } = &looking;
    let mine = bo.letter(app, &ana.id, "What I wrote").await;
    bo.ask(app, &ana.id, &mine).await.expect(201);
    ana.revoke(app, &looking.consent).await.expect(200);
    bo.ask(app, &ana.id, &mine).await.refused(403, "consent_revoked");
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    assert!(bo.list(app, &reports).await.expect(200).items().is_empty());
    let again = bo.upload(app, &ana.id, ("More", "other", "text/plain"), b"x".to_vec()).await;
    again.refused(403, "no_consent_in_force");
}

/// Whoever may not know of a record is told the same as if it were not there, letter by letter.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_know_does_not_exist() {
    let looking = Looking::start().await;
    let Looking { app, ana, bo, cy, report, .. } = &looking;
    let nobody = "00000000-0000-7000-8000-000000000000";
    let eve = app.doctor(cy, "Dr Eve Engel", "eve@example.org").await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    let unknown = eve.ask(app, nobody, report).await.refused(404, "not_found");
    let asked = [
        eve.ask(app, &ana.id, nobody).await,
        eve.ask(app, &ana.id, report).await,
        eve.get(app, &format!("/api/v1/patients/{}/reports", ana.id)).await,
        eve.get(app, &format!("/api/v1/patients/{nobody}/reports")).await,
        eve.upload(app, &ana.id, ("x", "other", "text/plain"), vec![]).await,
        eve.upload(app, nobody, ("x", "other", "text/plain"), vec![]).await,
        bo.ask(app, &ana.id, nobody).await,
        uma.get(app, &format!("/api/v1/patients/{}/reports", ana.id)).await,
        uma.get(app, &format!("/api/v1/patients/{nobody}/reports")).await,
        uma.get(app, &format!("/api/v1/patients/{}/consents", ana.id)).await,
        uma.get(app, &format!("/api/v1/patients/{}/access-history", ana.id)).await,
        uma.get(app, &format!("/api/v1/patients/{}/reports/{report}/content", ana.id)).await,
        uma.get(app, &format!("/api/v1/patients/{}/reports/{report}/content", uma.id)).await,
        uma.revoke_of(app, &ana.id, &looking.consent).await,
        uma.upload(app, &ana.id, ("x", "other", "text/plain"), vec![]).await,
    ];
    for (i, reply) in asked.iter().enumerate() {
        let found = (reply.status, reply.without_trace());
        assert_eq!(found, (404, unknown.without_trace()), "{i}");
    }
    // Somebody else's token and somebody else's viewing are no different from made-up ones.
    let token = looking.ask().await.expect(201).text("token");
    let theirs = eve.redeem(app, &ana.id, &token).await.refused(404, "no_such_token");
    let made_up = eve.redeem(app, nobody, "made up").await;
    assert_eq!(theirs.without_trace(), made_up.without_trace());
    let theirs = eve.page(app, &ana.id, &looking.viewing, 1).await;
    let made_up = eve.page(app, nobody, nobody, 1).await.refused(404, "no_such_viewing");
    assert_eq!(theirs.without_trace(), made_up.without_trace());
    let theirs = eve.close(app, &ana.id, &looking.viewing).await;
    let made_up = eve.close(app, nobody, nobody).await;
    assert_eq!(theirs.without_trace(), made_up.without_trace());
    looking.page().await.expect(200);
}

trait Meddles {
    async fn revoke_of(&self, app: &TestApp, patient: &str, consent: &str) -> Reply;
    async fn close(&self, app: &TestApp, patient: &str, viewing: &str) -> Reply;
}

impl Meddles for Person {
    async fn revoke_of(&self, app: &TestApp, patient: &str, consent: &str) -> Reply {
        let path = format!("/api/v1/patients/{patient}/consents/{consent}/revoke");
        Reply::to(self.request(app, Method::POST, &path)).await
    }

    async fn close(&self, app: &TestApp, patient: &str, viewing: &str) -> Reply {
        self.delete(app, &format!("/api/v1/patients/{patient}/viewings/{viewing}")).await
    }
}
