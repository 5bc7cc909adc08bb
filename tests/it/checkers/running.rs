//! A running installation, read over HTTP and checked by others.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tests::app::TestApp;
use tests::go::ask;
use tests::program::medlock;

use super::by_hand::by_hand;
use super::check;

/// What stands at a path of the running service.
async fn fetch(app: &TestApp, path: &str) -> String {
    String::from_utf8(app.get(path).await.expect(200).bytes).unwrap()
}

/// Waits until the published checkpoint covers everything that is in the log now.
async fn until_published(app: &TestApp) {
    let length = app.newest() + 1;
    let mut published = app.inside.log.published();
    let waited = published.wait_for(|size| *size >= length);
    tokio::time::timeout(Duration::from_secs(30), waited).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn go_reads_the_log_of_a_running_service() {
    let app = TestApp::start().await;
    app.cast().await;
    until_published(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("checkpoint");
    fs::write(&old, fetch(&app, "/log/checkpoint").await).unwrap();
    let old_size = app.newest() + 1;
    app.log_in("ana@example.org").await;
    until_published(&app).await;
    let keys = fetch(&app, "/log/keys.txt").await;
    let url = format!("{}/log/", app.url);
    let last = app.newest().to_string();
    let old = old.to_str().unwrap().to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        ask(&["log", "-key", keys.trim(), "-old", &old, "-index", "0", "-index", &last, &url])
    });
    let read = asked.await.unwrap().unwrap();
    assert_eq!(read["entries"], app.newest() + 1);
    assert_eq!(read["included"], json!([0, app.newest()]));
    assert_eq!(read["continues"], json!([old_size]));
}

/// What somebody who trusts this installation's keys of today believes.
async fn policy(app: &TestApp) -> String {
    let keys = fetch(app, "/log/keys.txt").await;
    let logs: String = keys.lines().map(|key| format!("log {key}\n")).collect();
    logs + "quorum none\n"
}

/// Ana's export, made beside the running service.
async fn exported(app: &TestApp, out: &Path) {
    let log = app.log().await;
    let ana = log.iter().find_map(|line| line.stream.patient_id()).unwrap().to_string();
    let mut command = Command::new(medlock());
    command.args(["export", "--patient", &ana, "--data"]).arg(app.data()).arg(out);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn python_and_stock_tools_find_an_export_in_the_log_that_is_served() {
    let app = TestApp::start().await;
    app.cast().await;
    until_published(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let (out, mine) = (folder.path().join("out"), folder.path().join("mine"));
    exported(&app, &out).await;
    fs::write(&mine, policy(&app).await).unwrap();
    let url = format!("{}/log/", app.url);
    let ask = move || {
        let words = [out.to_str().unwrap(), "--policy", mine.to_str().unwrap()];
        let here = check(&words);
        let served = check(&[words.as_slice(), &["--log", &url]].concat());
        let hand = by_hand(&out);
        fs::remove_dir_all(out.join("log/tile")).unwrap();
        let gone = check(&words);
        (here, served, hand, gone)
    };
    let (here, served, hand, gone) = tokio::task::spawn_blocking(ask).await.unwrap();
    assert!(here.0 && here.1.starts_with("Right: "), "{}", here.1);
    assert!(here.1.contains("are all there is up to the checkpoint"), "{}", here.1);
    assert_eq!(here, served);
    let said: Vec<&str> = hand.lines().collect();
    assert_eq!((said.len(), said[0]), (3, said[1]), "{hand}");
    assert_eq!(said[2], "Signature Verified Successfully");
    assert!(!gone.0 && gone.1.contains("tile/entries/000 is missing"), "{}", gone.1);
}
