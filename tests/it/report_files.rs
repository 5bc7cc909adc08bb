//! Reports whose files are lost or damaged: noticed without anybody opening them, said to those whose reports
//! they are and to whoever runs the service, and over when the files are put back.

use std::future::ready;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};

use crate::audit::folder::medlock;

/// Files of reports, by their place.
fn files(data: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(data.join("blobs")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|folder| !folder.ends_with("incoming"));
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files.map(|entry| entry.unwrap().path()).collect()
}

/// The file that came with the newest upload.
async fn uploaded(app: &TestApp, ana: &Person, title: &str) -> (String, PathBuf) {
    let before = files(&app.data());
    let report = ana.letter(app, &ana.id, title).await;
    let file = files(&app.data()).into_iter().find(|file| !before.contains(file));
    (report, file.unwrap())
}

/// What a list says of the files of reports, by their title.
async fn troubles(app: &TestApp, reader: &Person, patient: &str) -> Vec<(String, Value)> {
    let list = reader.list(app, &format!("/api/v1/patients/{patient}/reports")).await.expect(200);
    let said =
        |item: Value| (item["title"].as_str().unwrap().to_owned(), item["file_trouble"].clone());
    list.items().into_iter().map(said).collect()
}

async fn health(app: &TestApp) -> (bool, bool, String) {
    let ready = app.get("/readyz").await.expect(200).json();
    let files = ready["report_files"].as_str().unwrap().to_owned();
    (ready["ready"].as_bool().unwrap(), ready["healthy"].as_bool().unwrap(), files)
}

async fn scrub(app: &TestApp) {
    app.inside.report_scrub.run(|_| ready(())).await.unwrap();
}

/// Until the job that reads files has come round once since the start.
async fn until_the_job_has_read(app: &TestApp) {
    let read = async {
        while app.inside.report_scrub.known().status().finished.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), read).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_damaged_files_are_noticed_named_and_over_when_they_are_put_back() {
    let mut app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let (_, lost) = uploaded(&app, &ana, "Lost").await;
    let (_, spoilt) = uploaded(&app, &ana, "Spoilt").await;
    uploaded(&app, &ana, "Whole").await;
    scrub(&app).await;
    assert_eq!(health(&app).await, (true, true, "ok".to_owned()));
    assert!(troubles(&app, &ana, &ana.id).await.iter().all(|(_, trouble)| trouble.is_null()));

    let [kept, whole] = [&lost, &spoilt].map(|file| std::fs::read(file).unwrap());
    std::fs::remove_file(&lost).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 0x10;
    std::fs::write(&spoilt, bytes).unwrap();
    // The next process finds it out by itself.
    app.restart(|_| {}).await;
    until_the_job_has_read(&app).await;
    let (ready, healthy, said) = health(&app).await;
    assert_eq!((ready, healthy), (true, false), "{said}");
    assert!(said.contains("1 missing, 1 damaged"), "{said}");
    assert!(said.contains("`medlock verify --blobs`") && said.contains("backup"), "{said}");
    let expected =
        [("Whole", Value::Null), ("Spoilt", "damaged".into()), ("Lost", "missing".into())];
    let expected = expected.map(|(title, trouble)| (title.to_owned(), trouble));
    let ana = app.log_in("ana@example.org").await;
    let bo = app.log_in("bo@example.org").await;
    assert_eq!(troubles(&app, &ana, &ana.id).await, expected);
    assert_eq!(troubles(&app, &bo, &ana.id).await, expected, "the doctor sees it before asking");
    let listed = medlock(&["verify", "--blobs"], &app.data());
    assert_eq!(listed.code, 1, "{listed:?}");
    for what in ["is missing", "does not hash to its name"] {
        assert!(listed.stdout.contains(what), "{listed:?}");
    }

    std::fs::write(&lost, kept).unwrap();
    std::fs::write(&spoilt, whole).unwrap();
    scrub(&app).await;
    assert_eq!(health(&app).await, (true, true, "ok".to_owned()));
    assert!(troubles(&app, &ana, &ana.id).await.iter().all(|(_, trouble)| trouble.is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_a_file_gone_has_found_it_out_for_everybody() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let (report, file) = uploaded(&app, &ana, "Gone").await;
    std::fs::remove_file(file).unwrap();
    let content = format!("/api/v1/patients/{}/reports/{report}/content", ana.id);
    let refused = ana.get(&app, &content).await;
    assert!(refused.status >= 500, "{refused:?}");
    assert_eq!(troubles(&app, &ana, &ana.id).await, [("Gone".to_owned(), "missing".into())]);
    assert!(!health(&app).await.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_whose_key_is_gone_is_noticed_like_a_lost_file() {
    let mut app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    uploaded(&app, &ana, "Locked").await;
    app.stop().await;
    let vault = app.data().join("vault.db");
    let forget = "DELETE FROM report_keys; PRAGMA wal_checkpoint(TRUNCATE);";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&vault);
    let mut shell = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql(forget).execute(&mut shell).await.unwrap();
    sqlx::Connection::close(shell).await.unwrap();
    app.restart(|_| {}).await;
    until_the_job_has_read(&app).await;
    let (ready, healthy, said) = health(&app).await;
    assert_eq!((ready, healthy), (true, false));
    assert!(said.contains("put vault.db back"), "{said}");
    let ana = app.log_in("ana@example.org").await;
    assert_eq!(troubles(&app, &ana, &ana.id).await, [("Locked".to_owned(), "without_key".into())]);
}
