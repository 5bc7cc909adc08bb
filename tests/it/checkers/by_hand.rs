//! The commands of `docs/verify/README.md`, as they stand there, run on a good export and on damaged ones.

use std::fs;
use std::path::Path;
use std::process::Command;

use tests::sample_log::{SampleLog, ana};

use super::{cut_line, flip, replace, root, spoil_signature};

const SIZE: u64 = 60;

/// Every block of commands of the page, in order.
fn commands() -> String {
    let page = fs::read_to_string(root().join("docs/verify/README.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1);
    let blocks: Vec<&str> = blocks.map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 7, "three tools and six steps");
    blocks.concat()
}

/// What the commands print in the folder of an export. Python stands in for b3sum where there is none; the
/// venv's has the library.
pub(super) fn by_hand(export: &Path) -> String {
    let venv = root().join("target/venv/bin").canonicalize().unwrap();
    let script = format!("PATH={}:$PATH\n{}", venv.display(), commands());
    let output = Command::new("bash").args(["-c", &script]).current_dir(export).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn good(log: &SampleLog, only_ana: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    log.export(folder.path(), only_ana.then(ana).as_ref(), SIZE);
    folder
}

#[test]
fn the_page_finds_a_good_export_right() {
    let log = SampleLog::of(SIZE);
    for only_ana in [true, false] {
        let export = good(&log, only_ana);
        let digest = blake3::hash(&fs::read(export.path().join("events.jsonl")).unwrap());
        let verified = "Signature Verified Successfully\n";
        let expected =
            format!("{digest}\n{digest}\n{verified}{verified}{verified}not cosigned: w3.example\n");
        assert_eq!(by_hand(export.path()), expected);
    }
}

/// What somebody did to the files of an export of Ana's stream, and what the page's commands print.
type Damage = (fn(&Path), &'static str);

const DAMAGE: [Damage; 6] = [
    (
        |export| replace(&export.join("events.jsonl"), "number 30\"", "number 31\""),
        "other digests in the leaf at position 30",
    ),
    (
        |export| replace(&export.join("events.jsonl"), "number 30\"", "number 31\""),
        "chain broken at position 33",
    ),
    (
        |export| {
            ["events.jsonl", "positions"].iter().for_each(|name| cut_line(&export.join(name), 19))
        },
        "at position 57, its line is not here",
    ),
    (|export| flip(&export.join("log/tile/entries/000.p/60"), 102 + 20), "2c2"),
    (|export| flip(&export.join("log/tile/0/000.p/60"), 2 * 32), "3c3"),
    (|export| spoil_signature(&export.join("log/checkpoint"), 1), "Signature Verification Failure"),
];

#[test]
fn the_page_finds_what_was_damaged() {
    let export = good(&SampleLog::of(SIZE), true);
    for (damage, words) in DAMAGE {
        let damaged = tempfile::tempdir().unwrap();
        super::copy(export.path(), damaged.path());
        damage(damaged.path());
        let said = by_hand(damaged.path());
        assert!(said.contains(words), "{words}: {said}");
    }
}
