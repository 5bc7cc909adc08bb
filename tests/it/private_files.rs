//! What lies in a data folder is nobody else's to read, and nobody else's to choose.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use tests::process::ServerProcess;
use tests::program::medlock;

const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

/// The words somebody hears whose service does not start on this folder.
fn refused(data: &Path) -> String {
    let mut serve = Command::new(medlock());
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let ended = serve.output().unwrap();
    assert_eq!(ended.status.code(), Some(3), "it started");
    String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn a_folder_left_open_is_closed_at_the_next_start_and_the_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ServerProcess::start(&data).kill();
    let inside = ["events.db", "vault.db", "work.db", "log.db", "blobs", "outbox"];
    for name in inside.map(|name| data.join(name)).iter().chain([&data]) {
        let open = if name.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(name, Permissions::from_mode(open)).unwrap();
    }
    ServerProcess::start(&data).kill();
    for name in inside.map(|name| data.join(name)).iter().chain([&data]) {
        let closed = if name.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(name), closed, "{}", name.display());
    }
    let log = fs::read_to_string(data.with_extension("log")).unwrap();
    assert!(log.contains("vault.db") && log.contains("open to others"), "{log}");
}

#[test]
fn a_link_or_somebody_elses_file_in_the_place_of_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    ServerProcess::start(&data).kill();
    for name in ["events.db", "vault.db", "work.db", "log.db", "blobs", "log", "outbox"] {
        let (path, elsewhere) = (data.join(name), folder.path().join("elsewhere"));
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let words = refused(&data);
        assert!(words.contains(name) && words.contains("is a link"), "{words}");
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();

        chown(&path, Some(NOBODY), None).unwrap();
        let words = refused(&data);
        assert!(words.contains("belongs to user 65534") && words.contains("chown"), "{words}");
        chown(&path, Some(0), None).unwrap();
    }
    let elsewhere = folder.path().join("guard");
    fs::rename(data.with_extension("guard"), &elsewhere).unwrap();
    symlink(&elsewhere, data.with_extension("guard")).unwrap();
    refused(&data);
    fs::rename(&elsewhere, data.with_extension("guard")).unwrap();
    ServerProcess::start(&data).kill();
}
