//! A data folder with a story in it, and the binary run on it.

use std::path::Path;
use std::process::{Command, Stdio};

use domain::ids::StreamName;
use domain::journal::Line;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tests::app::TestApp;
use tests::cast::all_for_treatment;

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `medlock` with a folder as `--data`; `verify` of an export takes none.
pub(crate) fn medlock(args: &[&str], data: &Path) -> Outcome {
    let mut command = Command::new(tests::program::medlock());
    command.args(args).current_dir(data.parent().unwrap()).stdin(Stdio::null());
    let of_export = args[0] == "verify" && is_no_database(args);
    if !of_export {
        command.arg("--data").arg(data);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    Outcome { code, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Whether an export or an address is named, as a word of its own.
fn is_no_database(args: &[&str]) -> bool {
    let named = |word: &str| word.starts_with('/') || word.starts_with("http://");
    args.windows(2).any(|pair| named(pair[1]) && !pair[0].starts_with("--"))
}

/// An installation in which a doctor looked at a patient's report and the consent was revoked. Between any
/// two events of the patient that follow each other lies one of somebody else.
pub(crate) async fn app_with_history() -> TestApp {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let text = ("Letter", "consultation", "text/plain");
    let uploaded = ana.upload(&app, &ana.id, text, b"All is well.".to_vec()).await.expect(201);
    ana.upload(&app, &ana.id, text, b"All is better.".to_vec()).await.expect(201);
    let report = uploaded.text("report");
    let consent = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    app.log_in("bo@example.org").await;
    let asked = bo.ask(&app, &ana.id, &report).await.expect(201);
    let viewing = bo.redeem(&app, &ana.id, &asked.text("token")).await.expect(201);
    bo.page(&app, &ana.id, &viewing.text("viewing"), 1).await.expect(200);
    app.log_in("ana@example.org").await;
    ana.revoke(&app, &consent.text("consent")).await.expect(200);
    app.log_in("bo@example.org").await;
    app
}

/// The only patient's stream.
pub(crate) fn patient_stream(log: &[Line]) -> StreamName {
    let patient = log.iter().find(|line| line.stream.patient_id().is_some());
    patient.unwrap().stream.clone()
}

/// Copies a folder whole, and the master key that lies beside it if it is a data folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    let [key, copied] = [from, to].map(|folder| folder.with_added_extension("key"));
    if key.is_file() {
        std::fs::copy(key, copied).unwrap();
    }
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Nothing waits in a write-ahead log any more.
pub(crate) async fn fold(data: &Path) {
    for entry in std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_some_and(|extension| extension == "db") {
            let options = SqliteConnectOptions::new().filename(&entry);
            let mut shell = options.connect().await.unwrap();
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE);").execute(&mut shell).await.unwrap();
            shell.close().await.unwrap();
        }
    }
}
