//! A second process on the folder of a running service: whatever would write is refused with words and
//! changes nothing, whatever reads does so beside it, and the service notices neither.

use std::path::Path;
use std::process::{Command, Stdio};

use tests::process::ServerProcess;
use tests::program::medlock as program;

use crate::audit::folder::medlock;

/// Every command that would write what the service writes.
const WRITING: [&[&str]; 9] = [
    &["serve", "--listen", "127.0.0.1:0"],
    &["first-admin"],
    &["rebuild"],
    &["log", "rebuild"],
    &["log", "rotate-key"],
    &["log", "correct-clock"],
    &["log", "continue", "--origin", "medlock.invalid/log-2"],
    &["work-store", "begin"],
    &["demo", "--listen", "127.0.0.1:0"],
];

fn files(data: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(data).unwrap().map(Result::unwrap) {
        found.push((entry.path(), entry.metadata().unwrap().len()));
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_second_is_refused_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    let (ana, _bo, _cy) = server.cast_with(&link).await;
    while server.get("/readyz").await.json()["log_published"] != server_length(&data) {}
    let before = files(&data);
    for words in WRITING {
        let mut second = Command::new(program());
        let second = second.args(words).arg("--data").arg(&data).stdin(Stdio::null());
        let output = second.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(2 | 3)), "{words:?}: {output:?}");
        assert!(said.contains("in use") || said.contains("empty"), "{words:?}: {said}");
        assert_eq!(files(&data), before, "{words:?}: {said}");
    }
    let session = ana.get(&server, "/api/v1/me").await.expect(200);
    assert_eq!(session.text("account"), ana.id, "nobody was disturbed");
    assert_eq!(medlock(&["verify"], &data).code, 0);
    server.kill();
    // The one who came first is gone: the next one is the first.
    ServerProcess::start(&data).kill();
}

fn server_length(data: &Path) -> u64 {
    medlock(&["replay"], data).stdout.lines().count() as u64
}
