//! Go's `sumdb/note` and `sumdb/tlog`, and the transparency-dev libraries, as clients of our log.

use std::fs;
use std::path::{Path, PathBuf};

use domain::samples::ORIGIN;
use serde_json::json;
use tests::go::{ask, ask_coded};
use tests::sample_log::SampleLog;

use super::{flip, spoil_signature};

/// Two full bundles, a part of a third, and tiles of two levels.
const SIZE: u64 = 600;

/// A published log and what its reader trusts.
struct GoChecker {
    folder: tempfile::TempDir,
    key: String,
    witnesses: Vec<String>,
}

impl GoChecker {
    fn of(log: &SampleLog, size: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        log.publish(&folder.path().join("log"), size);
        fs::write(folder.path().join("policy"), log.policy()).unwrap();
        let witnesses = log.witnesses.iter().map(|key| key.public().to_string()).collect();
        Self { folder, key: log.log.public().to_string(), witnesses }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl ToString) -> String {
        fs::write(self.path(name), text.to_string()).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Asks the client with the log's key, two witnesses and the policy.
    fn ask(&self, what: &str, words: &[&str]) -> Result<serde_json::Value, String> {
        self.asking(what, words, ask)
    }

    /// What could not be read has a code of its own, and is not called wrong.
    #[track_caller]
    fn unread(&self, what: &str, words: &[&str]) {
        let said = self.asking(what, words, ask_coded).unwrap_err();
        assert_eq!(said.0, Some(3), "{}", said.1);
        assert!(said.1.starts_with("could not be read: "), "{}", said.1);
    }

    fn asking<T>(&self, what: &str, words: &[&str], ask: impl Fn(&[&str]) -> T) -> T {
        let policy = self.path("policy");
        let mut asked = vec![what, "-key", &self.key, "-policy", policy.to_str().unwrap()];
        for witness in &self.witnesses[..2] {
            asked.extend(["-witness", witness]);
        }
        asked.extend(words);
        ask(&asked)
    }

    fn ask_log(&self) -> Result<serde_json::Value, String> {
        self.ask("log", &[self.path("log").to_str().unwrap()])
    }
}

#[test]
fn go_reads_a_log_whole_and_finds_it_grown_from_what_it_knew() {
    let log = SampleLog::of(SIZE);
    let checker = GoChecker::of(&log, SIZE);
    let mut words = vec!["-index".to_owned(), "0".to_owned()];
    for index in [1, 255, 256, 511, 512, 599] {
        words.extend(["-index".to_owned(), index.to_string()]);
    }
    for size in [1, 255, 256, 257, 512, 599, 600] {
        let old = checker.write(&format!("old-{size}"), log.checkpoint(size));
        words.extend(["-old".to_owned(), old]);
    }
    words.push(checker.path("log").to_str().unwrap().to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut read = checker.ask("log", &words).unwrap();
    read["tiles"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    let expected = json!({
        "origin": ORIGIN,
        "size": SIZE,
        "root": hex::encode(log.root(SIZE)),
        "signatures": [ORIGIN, "w1.example", "w2.example"],
        "tiles": ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"],
        "entries": SIZE,
        "included": [0, 1, 255, 256, 511, 512, 599],
        "continues": [1, 255, 256, 257, 512, 599, 600],
    });
    assert_eq!(read, expected);
}

#[test]
fn go_reads_logs_of_every_small_size() {
    let log = SampleLog::of(12);
    for size in 1..=12 {
        let read = GoChecker::of(&log, size).ask_log().unwrap();
        assert_eq!(read["root"], hex::encode(log.root(size)), "{size}");
    }
}

#[test]
fn go_checks_the_receipts_we_hand_out() {
    let log = SampleLog::of(SIZE);
    let checker = GoChecker::of(&log, SIZE);
    for index in [0, 299, 599] {
        let receipt = log.receipt(index, SIZE);
        let file = checker.write("receipt", &receipt);
        let read = checker.ask("receipt", &[&file]).unwrap();
        assert_eq!(read["included"], json!([index]));
        let file = checker.write("proof", &receipt.proof);
        assert_eq!(checker.ask("proof", &[&file]).unwrap()["included"], json!([index]));
    }
    let good = log.receipt(299, SIZE);
    let mut spoiled = [good.clone(), good.clone(), good.clone(), good];
    spoiled[0].line = spoiled[0].line.replace("number 299", "number 300");
    spoiled[1].proof.index = 298;
    spoiled[2].proof.checkpoint.signatures[1].signature[20] ^= 1;
    spoiled[3].proof.checkpoint.signatures.truncate(2);
    let words = [
        "the leaf does not carry the SHA-256 of the line",
        "calculated root",
        "invalid signature for key w1.example",
        "w2.example has not cosigned it",
    ];
    for (receipt, words) in spoiled.iter().zip(words) {
        let file = checker.write("receipt", receipt);
        let message = checker.ask("receipt", &[&file]).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
}

/// What somebody did to a log's files, and what Go says of it.
type Damage = (&'static str, fn(&Path), &'static str);

const DAMAGE: [Damage; 8] = [
    (
        "a flipped bit in a tile",
        |log| flip(&log.join("tile/0/001"), 77),
        "downloaded inconsistent tile",
    ),
    (
        "a flipped bit in a tile above",
        |log| flip(&log.join("tile/1/000.p/2"), 40),
        "downloaded inconsistent tile",
    ),
    (
        "a flipped bit in a bundle",
        |log| flip(&log.join("tile/entries/002.p/88"), 102 * 3 + 50),
        "tile/entries/002.p/88: entry 515 is not the leaf that the tiles have",
    ),
    (
        "a bundle cut short",
        |log| fs::write(log.join("tile/entries/000"), [0, 100, 7]).unwrap(),
        "tile/entries/000 ends in entry 0",
    ),
    (
        "a tile that is gone",
        |log| fs::remove_file(log.join("tile/0/000")).unwrap(),
        "tile/0/000: no such file",
    ),
    (
        "a bad signature by the log",
        |log| spoil_signature(&log.join("checkpoint"), 0),
        "invalid signature for key clinic.example/log",
    ),
    (
        "a forged cosignature",
        |log| spoil_signature(&log.join("checkpoint"), 2),
        "invalid signature for key w2.example",
    ),
    (
        "a root that is signed by all and wrong",
        |log| {
            let note = SampleLog::of(1).checkpoint_of(SIZE, [9; 32]);
            fs::write(log.join("checkpoint"), note.to_string()).unwrap();
        },
        "downloaded inconsistent tile",
    ),
];

#[test]
fn go_refuses_every_damage_to_a_log() {
    let log = SampleLog::of(SIZE);
    for (name, damage, words) in DAMAGE {
        let checker = GoChecker::of(&log, SIZE);
        damage(&checker.path("log"));
        let message = checker.ask_log().unwrap_err();
        assert!(message.contains(words), "{name}: {message}");
    }
}

#[test]
fn go_refuses_a_past_that_was_written_anew() {
    let honest = SampleLog::of(SIZE);
    let mut forged = SampleLog::of(SIZE);
    forged.rewrite(30, &json!({"note": "never happened"}));
    let checker = GoChecker::of(&forged, SIZE);
    // By itself the new past is a log like any other: only who kept an old checkpoint can tell.
    assert!(checker.ask_log().is_ok());
    let log = checker.path("log");
    for (size, right) in [(30, true), (31, false), (599, false)] {
        let old = checker.write("old", honest.checkpoint(size));
        let message = checker.ask("log", &["-old", &old, log.to_str().unwrap()]);
        assert_eq!(message.is_ok(), right, "{message:?}");
        assert!(message.is_ok() || message.unwrap_err().starts_with("consistency with "));
    }
    let newer = checker.write("newer", honest.checkpoint(SIZE));
    forged.publish(&log, 590);
    let message = checker.ask("log", &["-old", &newer, log.to_str().unwrap()]).unwrap_err();
    assert!(message.contains("it has 600 leaves, the log has only 590"), "{message}");
}

#[test]
fn go_does_not_call_wrong_what_it_could_not_read() {
    let log = SampleLog::of(SIZE);
    let checker = GoChecker::of(&log, SIZE);
    let folder = checker.path("log");
    let folder = folder.to_str().unwrap();
    checker.unread("log", &["http://127.0.0.1:1/log/"]);
    checker.unread("log", &[checker.path("nowhere").to_str().unwrap()]);
    checker.unread("log", &["-old", checker.path("nowhere").to_str().unwrap(), folder]);
    let receipt = log.receipt(299, SIZE).to_string();
    let line = receipt.find('\n').unwrap();
    for length in [10, line, line + 60, receipt.len() - 30, receipt.len() - 2] {
        checker.unread("receipt", &[&checker.write("receipt", &receipt[..length])]);
    }
    let note = log.checkpoint(SIZE).to_string();
    // Within base64's fours and between them: a length that no signature has is a cut, not a forgery.
    for cut in [2, 5, 6, 9, 21] {
        let ended = format!("{}\n", &note[..note.len() - cut]);
        checker.write("log/checkpoint", ended);
        checker.unread("log", &[folder]);
    }
}
