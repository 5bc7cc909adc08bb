//! The API held against its own description by a tool that is not ours: Schemathesis makes requests of what
//! the description says, good and bad ones, as a patient, a doctor and an admin, and looks at every answer.

use std::path::Path;
use std::process::Stdio;

use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tokio::process::Command;

/// What every answer is held against. That good data is taken is not: whom a random id names, and what may
/// happen to it, no description says.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,\
                      negative_data_rejection,missing_required_header,unsupported_method,\
                      allow_header_conformance";

/// Addresses that end the session that is used, or never end themselves.
const LEFT_OUT: [&str; 2] = ["/api/v1/sessions/current", "/api/v1/stream"];

async fn hold_against_its_description(app: &TestApp, by: &Person) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/schemathesis");
    assert!(program.is_file(), "{} is missing: ./scripts/test installs it", program.display());
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .args(["run", &format!("{}/api/openapi.json", app.url())])
        .args(["--checks", CHECKS])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "6", "--workers", "1"])
        .args(["--generation-deterministic", "--no-shrink"])
        .args(["--suppress-health-check", "all", "--request-timeout", "20", "--warnings", "off"])
        .args(["--header", &format!("Cookie: {}", by.cookie())])
        .args(["--header", &format!("X-CSRF-Token: {}", by.csrf())]);
    for path in LEFT_OUT {
        command.args(["--exclude-path", path]);
    }
    let told = command.stdin(Stdio::null()).output().await.unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{said}{}", String::from_utf8_lossy(&told.stderr));
    assert!(said.contains("Tested: ") && said.contains(" passed"), "{said}");
    // Whatever it sent, the one who sent it is still signed in.
    by.get(app, "/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_answered_as_the_description_says() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    hold_against_its_description(&app, &ana).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_answered_as_the_description_says() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    bo.open(&app, &ana.id, &report).await;
    hold_against_its_description(&app, &bo).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_answered_as_the_description_says() {
    let app = TestApp::start().await;
    let (_ana, _bo, cy) = app.cast().await;
    app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    hold_against_its_description(&app, &cy).await;
}
