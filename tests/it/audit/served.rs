//! `medlock verify` of an export and of a log at a URL that are not an installation's, by somebody with a
//! policy of their own: a log of 300 leaves, two of its three witnesses, and what is done to it.

use std::fs;
use std::path::{Path, PathBuf};

use domain::journal::note::{KeyKind, Note, NoteKey};
use domain::samples::ORIGIN;
use serde_json::json;
use tests::sample_log::{SampleLog, ana, write_manifest};
use tests::static_files::StaticFiles;

use super::folder::{Outcome, medlock};

/// A full bundle and a part of the next one.
pub(super) const SIZE: u64 = 300;

pub(super) struct Auditor {
    folder: tempfile::TempDir,
}

impl Auditor {
    pub(super) fn of(log: &SampleLog, only_ana: bool) -> Self {
        let auditor = Self { folder: tempfile::tempdir().unwrap() };
        log.export(&auditor.path("export"), only_ana.then(ana).as_ref(), SIZE);
        fs::write(auditor.path("policy"), log.policy()).unwrap();
        auditor
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(super) fn verify(&self, words: &[&str]) -> Outcome {
        let policy = self.text("policy");
        let data = self.path("none");
        let given = ["verify", "--witness-policy", &policy];
        medlock(&[&given, words].concat(), &data)
    }

    pub(super) fn export(&self) -> Outcome {
        self.verify(&[&self.text("export")])
    }
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_export_is_whole_for_those_who_bring_a_policy() {
    let log = SampleLog::of(SIZE);
    for only_ana in [false, true] {
        let auditor = Auditor::of(&log, only_ana);
        let good = auditor.export();
        assert_eq!(good.code, 0, "{good:?}");
        assert!(good.stdout.contains("those you believe vouch for it"), "{good:?}");
        for words in [
            "every bundle and tile of the tree of 300 leaves",
            "the root over 300 events in log/checkpoint",
            "the log's signature on log/checkpoint, by a key from elsewhere",
            "the cosignatures on log/checkpoint, by w1, w2",
            "1 receipts of the anchor file, but for the tree they name: name the folder",
            "something was never written",
        ] {
            assert!(good.stdout.contains(words), "{words}: {good:?}");
        }
        let complete = "nothing logged in 1 stream(s) is withheld";
        assert_eq!(good.stdout.contains(complete), only_ana, "{good:?}");
        let alone = medlock(&["verify", &auditor.text("export")], &auditor.path("none"));
        assert_eq!((alone.code, alone.stdout.contains("by itself")), (0, true), "{alone:?}");
        assert!(alone.stdout.contains("whose log this is"), "{alone:?}");
    }
}

/// What is done to an export, and the words of the verdict.
type Damage = (&'static str, fn(&SampleLog, &Path), &'static str);

const DAMAGE: [Damage; 12] = [
    (
        "a flipped bit in a tile",
        |_, export| flip(&export.join("log/tile/0/000"), 5 * 32),
        "position 5: tile/0/000 holds another hash than the leaf gives",
    ),
    (
        "a wrong root of a tile",
        |_, export| flip(&export.join("log/tile/1/000.p/1"), 3),
        "position 0: tile/1/000.p/1 holds another hash than the leaves below give",
    ),
    (
        "a flipped bit in a tag of a bundle",
        |_, export| flip(&export.join("log/tile/entries/001.p/44"), 102 * 4 + 10),
        "position 260: ",
    ),
    (
        "a bundle that is gone",
        |_, export| fs::remove_file(export.join("log/tile/entries/000")).unwrap(),
        "position 0: tile/entries/000 is missing",
    ),
    (
        "a bad signature by a known key",
        |log, export| {
            let mut note = log.checkpoint(SIZE);
            note.signatures[0].signature[20] ^= 1;
            fs::write(export.join("log/checkpoint"), note.to_string()).unwrap();
        },
        "log/checkpoint: the signature by clinic.example/log is not right",
    ),
    (
        "another root, signed and cosigned",
        |log, export| {
            let note = log.checkpoint_of(SIZE, [3; 32]).to_string();
            fs::write(export.join("log/checkpoint"), note).unwrap();
        },
        "log/checkpoint has another root over 300 events than their leaves give",
    ),
    (
        "no cosignatures",
        |log, export| {
            let mut note = log.checkpoint(SIZE);
            note.signatures.truncate(2);
            fs::write(export.join("log/checkpoint"), note.to_string()).unwrap();
        },
        "log/checkpoint: 1 of the policy's 3 witnesses have cosigned it, which is no quorum",
    ),
    (
        "a forged cosignature",
        |log, export| {
            let mut note = log.checkpoint(SIZE);
            note.signatures[1].signature[20] ^= 1;
            fs::write(export.join("log/checkpoint"), note.to_string()).unwrap();
        },
        "log/checkpoint: the signature by w1.example is not right",
    ),
    (
        "a receipt of another tree",
        |log, export| {
            let note = log.checkpoint_of(150, [3; 32]).to_string();
            let text = json!({"anchor": "file", "note": note, "receipt": {}, "size": 150});
            fs::write(export.join("receipts/file-150.json"), text.to_string()).unwrap();
        },
        "receipts/file-150.json (anchor file) has another root over 150 events",
    ),
    (
        "a key that is not the stream's",
        |_, export| {
            let path = export.join("stream-keys");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replacen("01", "02", 1)).unwrap();
        },
        "tag",
    ),
    (
        "a file that is not the manifest's",
        |_, export| flip(&export.join("policy"), 3),
        "policy is not the file that manifest.json speaks of",
    ),
    (
        "a line that says something else",
        |_, export| {
            let path = export.join("events.jsonl");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replacen("number 9\"", "number 8\"", 1)).unwrap();
        },
        "position 9: the leaf does not carry the digests of the line",
    ),
];

#[test]
fn each_damaged_link_of_an_export_is_named_at_its_place() {
    let log = SampleLog::of(SIZE);
    for (name, damage, expected) in DAMAGE {
        let auditor = Auditor::of(&log, true);
        damage(&log, &auditor.path("export"));
        let found = auditor.export();
        assert_eq!(found.code, 1, "{name}: {found:?}");
        assert!(found.stdout.contains(expected), "{name}: {found:?}");
        assert!(found.stdout.contains("not checked"), "{name}: {found:?}");
    }
}

#[test]
fn a_line_that_was_withheld_is_found_wherever_it_stood() {
    let log = SampleLog::of(SIZE);
    let newest = format!("the log has one more line of {}, which is withheld", ana());
    for (cut, expected) in [(99, newest.as_str()), (50, "version 51"), (0, "version 1")] {
        let auditor = Auditor::of(&log, true);
        for file in ["events.jsonl", "positions"] {
            let path = auditor.path("export").join(file);
            let text = fs::read_to_string(&path).unwrap();
            let kept = text.lines().enumerate().filter(|(at, _)| *at != cut);
            let kept: String = kept.map(|(_, line)| format!("{line}\n")).collect();
            fs::write(&path, kept).unwrap();
        }
        write_manifest(&auditor.path("export"), Some(&ana()));
        let found = auditor.export();
        assert_eq!((found.code, found.stdout.contains(expected)), (1, true), "{cut}: {found:?}");
    }
}

/// The public files of a log, and a policy, served and beside.
fn published(log: &SampleLog, size: u64) -> (Auditor, StaticFiles) {
    let auditor = Auditor::of(log, false);
    log.publish(&auditor.path("served"), size);
    fs::write(auditor.path("served/keys.txt"), format!("{}\n", log.log.public())).unwrap();
    let server = StaticFiles::serve(&auditor.path("served"));
    (auditor, server)
}

#[test]
fn a_log_at_an_address_is_read_whole() {
    let log = SampleLog::of(SIZE);
    let (auditor, server) = published(&log, SIZE);
    let good = auditor.verify(&[&server.url()]);
    assert_eq!(good.code, 0, "{good:?}");
    assert!(
        good.stdout.contains("300 leaves, read from their bundles, and every tile"),
        "{good:?}"
    );
    assert!(good.stdout.contains("ask for an export"), "{good:?}");
    let alone = medlock(&["verify", &server.url()], &auditor.path("none"));
    assert_eq!((alone.code, alone.stdout.contains("whose log this is")), (0, true), "{alone:?}");
    let with = |key: &NoteKey| {
        let key = key.public().to_string();
        medlock(&["verify", &server.url(), "--key", &key], &auditor.path("none"))
    };
    assert_eq!(with(&log.log).code, 0);
    assert_eq!(with(&log.witnesses[0]).code, 2, "no log's key");
    let other = with(&NoteKey::new(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap());
    assert_eq!((other.code, other.stdout.contains("no log that the policy names")), (1, true));
    let review = auditor.verify(&[&server.url(), "--policy"]);
    assert_eq!(review.code, 2, "{review:?}");

    flip(&auditor.path("served/tile/1/000.p/1"), 3);
    let found = auditor.verify(&[&server.url()]);
    assert_eq!((found.code, found.stdout.contains("tile/1/000.p/1 holds another")), (1, true));
    let nobody = auditor.verify(&["http://127.0.0.1:1/"]);
    assert_eq!(nobody.code, 3, "{nobody:?}");
}

#[test]
fn an_address_that_serves_two_trees_is_caught() {
    let log = SampleLog::of(SIZE);
    let (auditor, server) = published(&log, SIZE);
    let mut fork = SampleLog::of(SIZE);
    fork.rewrite(270, &json!({"note": "another history"}));
    fs::write(auditor.path("served/checkpoint"), fork.checkpoint(SIZE).to_string()).unwrap();
    let found = auditor.verify(&[&server.url()]);
    let expected = "the checkpoint it serves has another root over 300 events";
    assert_eq!((found.code, found.stdout.contains(expected)), (1, true), "{found:?}");
}

#[test]
fn what_was_remembered_catches_a_fork_and_lets_growth_pass() {
    let log = SampleLog::of(SIZE);
    let (auditor, server) = published(&log, 200);
    let memory = auditor.text("memory");
    let url = server.url();
    let kept = || fs::read(&memory).unwrap();
    let look = || auditor.verify(&["--remember", &memory, &url]);
    let first = look();
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(kept(), log.checkpoint(200).to_string().into_bytes());
    log.publish(&auditor.path("served"), SIZE);
    let grown = look();
    assert_eq!(grown.code, 0, "{grown:?}");
    assert!(grown.stdout.contains("the root over 200 events in the remembered"), "{grown:?}");
    assert_eq!(Note::parse(&kept()).unwrap(), log.checkpoint(SIZE));

    let mut fork = SampleLog::of(SIZE);
    fork.rewrite(100, &json!({"note": "another history"}));
    fork.publish(&auditor.path("served"), SIZE);
    let found = look();
    assert_eq!(found.code, 1, "{found:?}");
    assert!(found.stdout.contains("has another root over 300 events"), "{found:?}");
    log.publish(&auditor.path("served"), 200);
    let back = look();
    let expected = "covers 300 events and here are 200";
    assert_eq!((back.code, back.stdout.contains(expected)), (1, true), "{back:?}");
    assert_eq!(Note::parse(&kept()).unwrap(), log.checkpoint(SIZE), "the evidence stays");
}
