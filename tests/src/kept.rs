//! Data folders of the past, kept as archives: every later version must open them.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::time::minutes;
use serde_json::json;

use crate::app::TestApp;
use crate::cast::{PASSWORD, all_for_treatment, consent};

/// The archive of a folder written in this format of the event database.
pub fn archive(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/house-{format}.tar.gz"))
}

/// Unpacks the folder `data`, and what lies beside it, into `parent`.
pub fn unpack(format: u32, parent: &Path) {
    let mut tar = Command::new("tar");
    let tar = tar.arg("-xzf").arg(archive(format)).arg("-C").arg(parent);
    assert!(tar.status().is_ok_and(|status| status.success()), "the archive is unpacked");
}

/// Writes an archive of a folder in which the cast did what people do, one of everything that happens.
///
/// # Panics
/// If the service does not do what its stories say.
pub async fn write(to: &Path) {
    let mut app = TestApp::start_with(|config| config.transparency.checkpoint_millis = 1_000).await;
    everything(&app).await;
    app.until_published().await;
    app.stop().await;
    let data = app.data();
    let parent = data.parent().expect("a folder above it");
    let mut tar = Command::new("tar");
    let tar = tar.args(["--sort=name", "--owner=0", "--group=0", "--mtime=@0", "-czf"]).arg(to);
    let tar = tar
        .arg("-C")
        .arg(parent)
        .args(["--exclude=data/outbox/*", "data", "data.guard"])
        .arg("data.key");
    assert!(tar.status().is_ok_and(|status| status.success()), "the archive is written");
}

async fn everything(app: &TestApp) {
    let (ana, bo, cy) = app.cast().await;
    let mo = app.pending_doctor("Dr Mo Moor", "mo@example.org").await;
    app.standing(&cy, &mo, "reject").await.expect(200);
    cy.get(app, "/api/v1/admin/verifications").await.expect(200);
    let letter = ana.letter(app, &ana.id, "Letter of May").await;
    let scan = ana.write(app, &ana.id, "Scan of June", "imaging").await;
    bo.ask(app, &ana.id, &letter).await.refused(404, "not_found");
    let all = ana.grant(app, all_for_treatment(app, &bo.id)).await.expect(201);
    let single = consent(app, &bo.id, json!({ "preset": "this_report_only", "report": scan }));
    ana.grant(app, single).await.expect(201);
    bo.get(app, "/api/v1/me/patients").await.expect(200);
    bo.list(app, &format!("/api/v1/patients/{}/reports", ana.id)).await.expect(200);
    bo.letter(app, &ana.id, "What Dr Bo wrote").await;
    let viewing = bo.open(app, &ana.id, &letter).await;
    bo.page(app, &ana.id, &viewing, 1).await.expect(200);
    app.later(minutes(1));
    bo.delete(app, &format!("/api/v1/patients/{}/viewings/{viewing}", ana.id)).await.expect(200);
    let second = bo.open(app, &ana.id, &scan).await;
    let download = format!("/api/v1/patients/{}/reports/{letter}/content", ana.id);
    ana.get(app, &download).await.expect(200);
    ana.revoke(app, &all.text("consent")).await.expect(200);
    app.standing(&cy, &bo, "suspend").await.expect(200);
    bo.page(app, &ana.id, &second, 1).await.refused(403, "only_a_verified_doctor");
    app.standing(&cy, &bo, "reinstate").await.expect(200);
    let wrong = json!({ "email": ana.email, "password": "not hers at all", "client": "browser" });
    app.post("/api/v1/sessions", wrong).await.refused(401, "wrong_credentials");
    let machine = json!({ "email": ana.email, "password": PASSWORD, "client": "machine" });
    app.post("/api/v1/sessions", machine).await.expect(201);
}
