//! Commands that only read leave evidence as they found it: not a byte changes, no file comes or goes,
//! whether the service runs, was stopped or was killed, and also where nothing can be written.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::cast::all_for_treatment;
use tests::process::ServerProcess;
use tests::program::medlock;

use crate::audit::folder::copy;

/// An installation, the folder it is in, and what its commands are asked about.
struct Evidence {
    folder: tempfile::TempDir,
    out: tempfile::TempDir,
    patient: String,
    doctor: String,
    report: String,
    consent: String,
}

/// Everything a folder shows of a file.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    length: u64,
    modified: (i64, i64),
    mode: u32,
    content: Option<blake3::Hash>,
}

fn seen(folder: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, about) = (entry.path(), entry.metadata().unwrap());
            let content = about.is_file().then(|| blake3::hash(&std::fs::read(&path).unwrap()));
            if about.is_dir() {
                folders.push(path.clone());
            }
            let modified = (about.mtime(), about.mtime_nsec());
            let seen = Seen { length: about.len(), modified, mode: about.mode(), content };
            found.insert(path, seen);
        }
    }
    found
}

impl Evidence {
    async fn of_a_service() -> (Self, ServerProcess) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let server =
            ServerProcess::start_with(&data, &[("MEDLOCK_TRANSPARENCY__CHECKPOINT_MILLIS", "50")]);
        let link = server.link.clone().unwrap();
        let (ana, bo, _cy) = server.cast_with(&link).await;
        let report = ana.letter(&server, &ana.id, "Letter").await;
        let consent = ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
        let viewing = bo.open(&server, &ana.id, &report).await;
        bo.page(&server, &ana.id, &viewing, 1).await.expect(200);
        let closed = format!("/api/v1/patients/{}/viewings/{viewing}", ana.id);
        bo.delete(&server, &closed).await.expect(200);
        let consent = consent.text("consent");
        let out = tempfile::tempdir().unwrap();
        let this = Self { folder, out, patient: ana.id, doctor: bo.id, report, consent };
        this.until_all_is_written(&server).await;
        (this, server)
    }

    /// Nothing is under way any more: everything is published and every read model is filled.
    async fn until_all_is_written(&self, server: &ServerProcess) {
        for _ in 0..600 {
            let ready = server.get("/readyz").await.json();
            let all = ready["log_published"] == ready["log_signed"];
            let events = medlock_on(&self.folder.path().join("data"), &["replay"]).lines().count();
            if all && ready["log_published"] == events && ready["read_models_behind"] == 0 {
                return;
            }
        }
        panic!("the service never came to rest");
    }

    /// Every command that only reads, with words for where it writes what it was asked to write.
    fn commands(&self) -> Vec<Vec<String>> {
        let out = |name: &str| {
            let path = self.out.path().join(name);
            let _ = std::fs::remove_dir_all(&path);
            path.to_str().unwrap().to_owned()
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        vec![
            words(&["verify"]),
            words(&["verify", "--blobs", "--policy"]),
            words(&["replay"]),
            words(&["replay", "--output", "table"]),
            words(&["explain", "--doctor", &self.doctor, "--report", &self.report]),
            words(&["anchors"]),
            words(&["export", "--all", &out("all")]),
            words(&["export", "--patient", &self.patient, &out("one")]),
            words(&["prove", "event", "3"]),
            words(&["prove", "consistency", "2", "5"]),
            words(&["prove", "consent", &self.consent]),
            words(&["prove", "history", &self.patient, &out("history")]),
        ]
    }

    /// Runs them all on the installation in `folder` and looks at it before and after.
    fn read_everything(&self, folder: &Path, state: &str) {
        let before = seen(folder);
        for words in self.commands() {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            medlock_on(&folder.join("data"), &words);
            assert_eq!(seen(folder), before, "{state}: {words:?} left a trace");
        }
    }
}

/// What a command that must go well says.
fn medlock_on(data: &Path, words: &[&str]) -> String {
    let mut command = Command::new(medlock());
    let command = command.args(words).arg("--data").arg(data).stdin(Stdio::null());
    let output = command.output().unwrap();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?} on {}: {why}", data.display());
    String::from_utf8(output.stdout).unwrap()
}

/// A folder seen at another place where nothing can be written. Needs root, as the machine of every run has.
struct ReadOnly(tempfile::TempDir);

impl ReadOnly {
    fn of(folder: &Path) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mount = |words: &[&str]| {
            let done = Command::new("mount").args(words).status().unwrap();
            assert!(done.success(), "{words:?}: run as root");
        };
        let to = place.path().to_str().unwrap();
        mount(&["--bind", folder.to_str().unwrap(), to]);
        mount(&["-o", "remount,bind,ro", to]);
        assert!(std::fs::write(place.path().join("x"), b"x").is_err());
        Self(place)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_read_leave_no_trace() {
    let (evidence, server) = Evidence::of_a_service().await;
    let house = evidence.folder.path();
    let both = |folder: &Path, state: &str| {
        evidence.read_everything(folder, state);
        evidence.read_everything(ReadOnly::of(folder).0.path(), &format!("{state}, read-only"));
    };
    both(house, "running");
    server.kill();
    both(house, "killed");
    // A copy of some files: databases and their write-ahead logs, and nothing else.
    let copied = tempfile::tempdir().unwrap();
    copy(house, &copied.path().join("house"));
    let copied = copied.path().join("house");
    for name in ["events.db", "vault.db", "work.db", "log.db"] {
        std::fs::remove_file(copied.join(format!("data/{name}-shm"))).unwrap();
    }
    both(&copied, "copied");
    let server = ServerProcess::start(&house.join("data"));
    let ended = Command::new("kill").args(["-TERM", &server.pid().to_string()]).status();
    let mut server = server;
    assert!(ended.unwrap().success() && server.wait() == Some(0));
    both(house, "stopped");
}
