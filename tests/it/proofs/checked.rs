//! What a patient keeps, checked by `medlock check` and by Python, and what somebody did to it found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::ids::{PatientId, StreamName};
use domain::journal::{Envelope, Position};
use tests::app::TestApp;
use tests::cast::Person;
use tests::program::medlock;
use tests::sample_log::write_manifest;

use super::{let_in, policy_text};

/// What a checker said, and how it ended.
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) text: String,
}

pub(super) fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Said { code: output.status.code().unwrap(), text: String::from_utf8(text).unwrap() }
}

impl Said {
    #[track_caller]
    pub(super) fn expect(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}", self.text);
        for words in words {
            assert!(self.text.contains(words), "{words}: {}", self.text);
        }
        self
    }
}

/// An installation in which Bo looked at Ana's letter, and a folder with what she took home.
pub(super) struct Home {
    pub(super) app: TestApp,
    ana: Person,
    consent: String,
    folder: tempfile::TempDir,
}

impl Home {
    pub(super) async fn furnished() -> Self {
        let app = TestApp::start().await;
        let (ana, bo, _) = app.cast().await;
        let letter = ana.letter(&app, &ana.id, "Letter").await;
        let consent = let_in(&app, &ana, &bo).await;
        bo.open(&app, &ana.id, &letter).await;
        app.patient("Uma Unger", "uma@example.org").await;
        app.until_published().await;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine"), policy_text(&app).await).unwrap();
        Self { app, ana, consent, folder }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> String {
        format!("{}/log/", self.app.url)
    }

    fn stream(&self) -> StreamName {
        StreamName::patient(self.ana.id.parse::<PatientId>().unwrap())
    }

    async fn keep(&self, path: &str, name: &str) -> Vec<u8> {
        let path = format!("/api/v1/patients/{}/{path}", self.ana.id);
        let bytes = self.ana.get(&self.app, &path).await.expect(200).bytes;
        fs::write(self.path(name), &bytes).unwrap();
        bytes
    }

    /// The history bundle, opened with the tool everybody has.
    pub(super) async fn bundle(&self) -> PathBuf {
        self.keep("history-bundle", "history.tar").await;
        let mut opening = Command::new("tar");
        run(opening.current_dir(self.folder.path()).args(["xf", "history.tar"])).expect(0, &[]);
        self.path("medlock-history")
    }

    /// `medlock check`, with the policy of somebody who believes this log.
    fn check(&self, what: &Path, more: &[&str]) -> Said {
        let policy = self.path("mine");
        run(Command::new(medlock())
            .arg("check")
            .arg(what)
            .arg("--witness-policy")
            .arg(policy)
            .args(more))
    }

    fn prove(&self, words: &[&str]) -> Said {
        let mut command = Command::new(medlock());
        run(command.arg("prove").args(words).arg("--data").arg(self.app.data()))
    }

    fn check_py(&self, words: &[&str]) -> Said {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut command = Command::new(root.join("target/venv/bin/python3"));
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(root.join("docs/verify/check.py"));
        run(command.args(words).arg("--policy").arg(self.path("mine")))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_checks_without_the_house_and_not_after_a_touched_byte() {
    let mut home = Home::furnished().await;
    let receipt = home.keep(&format!("consents/{}/receipt", home.consent), "receipt").await;
    let path = home.path("receipt");
    let log = home.log();
    let keys = home.app.get("/log/keys.txt").await.expect(200).bytes;
    let grown = home.check(&path, &["--log", &log]);
    grown.expect(0, &["Right: the event stands at position", "events, continues it"]);
    home.app.stop().await;

    home.check(&path, &[]).expect(
        0,
        &[
            "checked: the line: consent.granted.v1",
            "NOT checked: whether the log as it is served now",
        ],
    );
    let key = String::from_utf8(keys).unwrap();
    let by_key = ["check", path.to_str().unwrap(), "--key", key.trim()];
    run(Command::new(medlock()).args(by_key)).expect(0, &["Right: the event stands"]);
    run(Command::new(medlock()).arg("check").arg(&path)).expect(2, &["a receipt carries no keys"]);
    home.check_py(&["receipt", path.to_str().unwrap()]).expect(0, &["Right: the event stands"]);

    let text = String::from_utf8(receipt).unwrap();
    let spoil = |from: &str, to: &str| text.replacen(from, to, 1);
    for (spoiled, words) in [
        (spoil("\"TREAT\"", "\"HOPER\""), "does not carry the digests of the line"),
        (spoil("\nindex ", "\nindex 1"), "does not lead from the leaf"),
        (spoil("medlock.invalid/log\n", "medlock.invalid/lag\n"), "WRONG"),
    ] {
        assert_ne!(spoiled, text, "{words}");
        fs::write(&path, spoiled).unwrap();
        home.check(&path, &[]).expect(1, &["WRONG", words]);
    }
    let proof = text.split_once('\n').unwrap().1;
    fs::write(&path, proof).unwrap();
    home.check(&path, &[]).expect(0, &["NOT checked: what the event says: its line is not here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_complete_against_the_log_it_stands_in() {
    let home = Home::furnished().await;
    let folder = home.bundle().await;
    let log = home.log();
    let all = format!("lines are all that medlock.invalid/log has of {}", home.stream());
    for what in [&folder, &home.path("history.tar")] {
        home.check(what, &["--log", &log]).expect(
            0,
            &[
                "Right: these",
                &all,
                "chain, digests, tags, proof of each",
                "NOT checked: what was never logged",
            ],
        );
    }
    home.check(&folder, &[]).expect(0, &["whether they are all was not checked"]);
    let mut own = Command::new(medlock());
    let own = own.arg("check").arg(&folder).args(["--log", &log]);
    run(own)
        .expect(0, &["Right in itself, by the word of its own keys", "NOT checked: whose keys"]);
    let words = [folder.to_str().unwrap(), "--log", &log];
    home.check_py(&words).expect(0, &["Right: ", "are all there is up to the checkpoint"]);
    home.check_py(&words[..1]).expect(0, &["Right"]);
}

/// What was cut, is another file, or could not be asked for, is not called wrong; what only went through
/// another system is taken as it was.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_is_not_called_wrong() {
    let home = Home::furnished().await;
    let receipt = home.keep(&format!("consents/{}/receipt", home.consent), "receipt").await;
    let receipt = String::from_utf8(receipt).unwrap();
    let path = home.path("receipt");
    let unread = |said: Said| {
        let said = said.expect(3, &["could not be read"]);
        assert!(!said.text.contains("WRONG"), "{}", said.text);
    };
    for changed in [
        receipt.replace('\n', "\r\n"),
        format!("\u{feff}{receipt}"),
        receipt.trim_end().to_owned(),
        format!("\u{feff}{}", receipt.trim_end().replace('\n', "\r\n")),
    ] {
        fs::write(&path, changed).unwrap();
        home.check(&path, &[]).expect(0, &["Right: the event stands"]);
    }
    for kept in [receipt.len() - 2, receipt.len() - 40, receipt.len() / 2, 300, 20] {
        fs::write(&path, &receipt[..kept]).unwrap();
        unread(home.check(&path, &[]));
    }
    fs::write(&path, &receipt).unwrap();
    unread(home.check(&path, &["--log", "http://127.0.0.1:1/"]));
    fs::write(&path, b"\x89PNG\r\n\x1a\n and so on").unwrap();
    home.check(&path, &[]).expect(3, &["is no receipt, no proof and no whole bundle"]);

    let folder = home.bundle().await;
    let archive = home.path("history.tar");
    let pack = Command::new("gzip").arg("--keep").arg(&archive).status().unwrap();
    assert!(pack.success());
    home.check(&home.path("history.tar.gz"), &[]).expect(0, &["Right: these"]);
    for (name, kept) in [("history.tar", 9_000), ("history.tar.gz", 2_000)] {
        let bytes = fs::read(home.path(name)).unwrap();
        fs::write(home.path(name), &bytes[..kept]).unwrap();
        let said = home.check(&home.path(name), &[]);
        assert!(said.code == 3 && !said.text.contains("WRONG"), "{name}: {}", said.text);
    }
    for file in ["events.jsonl", "manifest.json"] {
        let whole = fs::read(folder.join(file)).unwrap();
        fs::write(folder.join(file), &whole[..whole.len() - whole.len() / 3]).unwrap();
        unread(home.check(&folder, &[]));
        fs::remove_file(folder.join(file)).unwrap();
        unread(home.check(&folder, &[]));
        fs::write(folder.join(file), whole).unwrap();
    }
    home.check(&folder, &[]).expect(0, &["Right: these"]);
}

/// Takes the line of an event type out of a bundle, with its position and its proof, and makes the manifest
/// anew, as the installation could that hands it out.
fn withhold(folder: &Path, kind: &str, stream: &StreamName) -> (u32, u64) {
    let text = fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let positions = fs::read_to_string(folder.join("positions")).unwrap();
    let rows: Vec<(&str, &str)> = text.lines().zip(positions.lines()).collect();
    let kind_of = |line: &str| Envelope::read(line.as_bytes()).unwrap().kind.to_owned();
    let at = rows.iter().position(|(line, _)| kind_of(line) == kind).unwrap();
    let version = u32::try_from(at).unwrap();
    let position = rows[at].1.to_owned();
    let kept = || rows.iter().enumerate().filter(|(row, _)| *row != at);
    let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    write("events.jsonl", kept().map(|(_, (line, _))| format!("{line}\n")).collect());
    write("positions", kept().map(|(_, (_, position))| format!("{position}\n")).collect());
    fs::remove_file(folder.join(format!("proofs/{position}.tlog-proof"))).unwrap();
    write_manifest(folder, Some(stream));
    (version, position.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_kept_from_the_patient_is_found_in_the_log() {
    let home = Home::furnished().await;
    let stream = home.stream();
    let log = home.log();
    // The newest line is the view itself: nothing in the bundle misses it, the log's leaves do.
    let folder = home.bundle().await;
    let (version, position) = withhold(&folder, "access.record_viewed.v1", &stream);
    let lines = home.app.log().await;
    let line = &lines[usize::try_from(position).unwrap()];
    assert_eq!((line.position, line.version.0), (Position(position), version));
    home.check(&folder, &[]).expect(0, &["whether they are all was not checked"]);
    let named =
        format!("position {position}: version {version} of {stream} stands here, and is withheld");
    home.check(&folder, &["--log", &log]).expect(1, &["WRONG at ", &named]);
    let words = [folder.to_str().unwrap(), "--log", &log];
    let named = format!("WRONG: position {position}: the log has one more line of {stream}");
    home.check_py(&words).expect(1, &[&named]);

    // A line from the middle breaks the chain, and the log says which it was.
    fs::remove_dir_all(&folder).unwrap();
    let folder = home.bundle().await;
    let (version, position) = withhold(&folder, "consent.granted.v1", &stream);
    let named = format!("version {version} of {stream} stands here, and is withheld");
    let chain = format!("{stream} continues with version {}, expected {version}", version + 1);
    let said = home.check(&folder, &["--log", &log]);
    said.expect(1, &[&format!("WRONG at position {position}: {named}"), &chain]);
    home.check(&folder, &[]).expect(1, &[&chain]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_stream_hides_nothing() {
    let home = Home::furnished().await;
    let folder = home.bundle().await;
    let stream = home.stream();
    let log = home.log();
    fs::write(folder.join("stream-keys"), format!("{stream} {}\n", "07".repeat(32))).unwrap();
    write_manifest(&folder, Some(&stream));
    let tag = format!("the leaf's tag is not that of {stream} version 0");
    home.check(&folder, &[]).expect(1, &["WRONG at position", &tag]);
    for proof in fs::read_dir(folder.join("proofs")).unwrap() {
        fs::remove_file(proof.unwrap().path()).unwrap();
    }
    let nowhere = format!("the tag of {stream} version 0 stands nowhere in the log");
    home.check(&folder, &["--log", &log]).expect(1, &["WRONG at position", &nowhere]);
    home.check(&folder, &[]).expect(1, &["lines have no proof, and no log was named"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_proves_the_same_beside_the_running_service() {
    let home = Home::furnished().await;
    let path = format!("consents/{}/receipt", home.consent);
    let receipt = String::from_utf8(home.keep(&path, "receipt").await).unwrap();
    let code = home.path("receipt.svg");
    let words = ["consent", &home.consent, "--qr", code.to_str().unwrap()];
    assert_eq!(home.prove(&words).expect(0, &[]).text, receipt);
    assert!(fs::read_to_string(code).unwrap().contains("<svg"));
    let revoked = ["consent", home.consent.as_str(), "--revoked"];
    home.prove(&revoked).expect(1, &["this consent was not taken back"]);

    let served = home.app.get("/api/v1/log/inclusion?position=3").await.expect(200).bytes;
    assert_eq!(home.prove(&["event", "3"]).expect(0, &[]).text.as_bytes(), served);
    home.prove(&["event", "1000000"]).expect(2, &["there is no position 1000000: the log has"]);
    home.prove(&["consistency", "3", "1000000"]).expect(2, &["there is no position 999999"]);
    let nobody = "0192f3c4-0000-7000-8000-00000000abcd";
    home.prove(&["consent", nobody]).expect(2, &["no such consent"]);
    let served = home.app.get("/api/v1/log/consistency?from=3&to=7").await.expect(200).bytes;
    assert_eq!(home.prove(&["consistency", "3", "7"]).expect(0, &[]).text.as_bytes(), served);
    home.prove(&["consistency", "7", "3"]).expect(2, &["the older tree is named first"]);

    let out = home.path("out");
    let words = ["history", &home.ana.id, out.to_str().unwrap()];
    home.prove(&words).expect(0, &["each with its proof"]);
    home.prove(&words).expect(3, &["cannot be used"]);
    let files = home.app.data().join("log");
    home.check(&out, &["--log", files.to_str().unwrap()]).expect(0, &["Right: these"]);
}
