//! `docs/verify/check.py`: no code of ours, and it must see what an owner of the database did.

use std::fs;
use std::path::{Path, PathBuf};

use super::{check, check_coded, copy, cut_line, flip, python, replace, spoil_signature};
use domain::journal::note::Note;
use serde_json::{Value, json};
use tests::sample_log::{SampleLog, ana, write_manifest};

/// A full bundle and a part of the next one.
const SIZE: u64 = 300;

/// An export in a throw-away folder, and beside it the policy of somebody who wants to check it.
struct PythonChecker {
    folder: tempfile::TempDir,
}

impl PythonChecker {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn check(&self) -> (bool, String) {
        let (export, policy) = (self.path("export"), self.path("policy"));
        check(&[export.to_str().unwrap(), "--policy", policy.to_str().unwrap()])
    }
}

fn checker_of(log: &SampleLog, only_ana: bool) -> PythonChecker {
    let checker = PythonChecker::new();
    log.export(&checker.path("export"), only_ana.then(ana).as_ref(), SIZE);
    fs::write(checker.path("policy"), log.policy()).unwrap();
    checker
}

#[test]
fn a_good_export_is_right_and_says_what_was_not_checked() {
    let log = SampleLog::of(SIZE);
    for only_ana in [false, true] {
        let checker = checker_of(&log, only_ana);
        let (right, said) = checker.check();
        assert!(right, "{said}");
        assert!(said.starts_with("Right: "), "{said}");
        for words in [
            "signed by clinic.example/log, cosigned by w1 at 2026-11-23",
            "patient-00000000-0000-0000-0000-0000000000a1: versions 0 to 99 are all there is",
            "tiles and the checkpoint's root agree",
            "file-150.json: what it says was anchored is the beginning of this tree",
            "NOT checked: file-150.json: that it was anchored",
            "NOT checked: what was never logged",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let (right, said) = check(&[checker.path("export").to_str().unwrap()]);
        assert!(right && said.starts_with("Right in itself"), "{said}");
        assert!(said.contains("NOT checked: whose keys these are"), "{said}");
    }
}

#[test]
fn lines_newer_than_the_checkpoint_are_said_not_to_be_checked() {
    let mut log = SampleLog::of(SIZE);
    log.push(&json!({"note": "a moment ago"}));
    let (right, said) = checker_of(&log, false).check();
    assert!(right, "{said}");
    assert!(said.contains("NOT checked: 1 line(s) newer than the checkpoint"), "{said}");
}

/// What somebody did to the files of an export, and the words of the verdict.
type Damage = (&'static str, fn(&Path), &'static str);

const DAMAGE: [Damage; 13] = [
    (
        "a flipped bit in a tile",
        |export| flip(&export.join("log/tile/0/000"), 5 * 32),
        "position 5: level 0 of the tiles is not what the leaves below give",
    ),
    (
        "a flipped bit in a tile above",
        |export| flip(&export.join("log/tile/1/000.p/1"), 0),
        "position 0: level 1 of the tiles",
    ),
    (
        "a flipped bit in a bundle",
        |export| flip(&export.join("log/tile/entries/001.p/44"), 102 + 2 + 40),
        "position 257: the leaf does not carry the digests of the line",
    ),
    (
        "a bundle that is gone",
        |export| fs::remove_file(export.join("log/tile/entries/001.p/44")).unwrap(),
        "position 256: tile/entries/001 is missing",
    ),
    (
        "a tile cut short",
        |export| fs::write(export.join("log/tile/0/001.p/44"), [0; 32]).unwrap(),
        "position 256: tile/0/001.p/44 has not the length of 44 rows",
    ),
    (
        "a bad signature by the log",
        |export| spoil_signature(&export.join("log/checkpoint"), 0),
        "the signature by clinic.example/log is not right",
    ),
    (
        "a forged cosignature",
        |export| spoil_signature(&export.join("log/checkpoint"), 2),
        "the signature by w2.example is not right",
    ),
    (
        "a line taken out",
        |export| cut_line(&export.join("events.jsonl"), 30),
        "position 30: the leaf does not carry the digests of the line",
    ),
    (
        "a line taken out at the end",
        |export| cut_line(&export.join("events.jsonl"), 299),
        "position 299: the leaf has no line",
    ),
    (
        "a line changed",
        |export| replace(&export.join("events.jsonl"), "number 30\"", "number 31\""),
        "position 30: the leaf does not carry the digests of the line",
    ),
    (
        "a line written in another form",
        |export| replace(&export.join("events.jsonl"), "{\"big\":31,", "{\"big\": 31,"),
        "position 30: not in canonical form",
    ),
    (
        "another stream's key",
        |export| replace(&export.join("stream-keys"), "0101", "0102"),
        "the leaf's tag is not that of",
    ),
    (
        "another anchored tree",
        |export| {
            let note = SampleLog::of(1).checkpoint_of(150, [0; 32]).to_string();
            let receipt = json!({"anchor": "file", "note": note, "receipt": {}, "size": 150});
            fs::write(export.join("receipts/file-150.json"), receipt.to_string()).unwrap();
        },
        "file-150.json: what was anchored is another tree",
    ),
];

/// Cuts off what stands behind byte `length` of a file, counted from its end where it is negative.
fn cut(path: &Path, length: isize) {
    let bytes = fs::read(path).unwrap();
    let length = if length < 0 { bytes.len().wrapping_add_signed(length) } else { length as usize };
    fs::write(path, &bytes[..length]).unwrap();
}

/// What could not be looked at accuses nobody.
const UNREAD: [Damage; 8] = [
    (
        "no checkpoint",
        |export| fs::remove_file(export.join("log/checkpoint")).unwrap(),
        "the checkpoint could not be read",
    ),
    (
        "a checkpoint cut within a signature",
        |export| cut(&export.join("log/checkpoint"), -9),
        "cut",
    ),
    (
        "a checkpoint cut where base64 is whole",
        |export| {
            let path = export.join("log/checkpoint");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, format!("{}\n", &text[..text.len() - 9])).unwrap();
        },
        "is cut off",
    ),
    (
        "a manifest that was never written",
        |export| fs::remove_file(export.join("manifest.json")).unwrap(),
        "manifest.json could not be read",
    ),
    (
        "half a manifest",
        |export| cut(&export.join("manifest.json"), 40),
        "manifest.json could not be read",
    ),
    ("lines that break off", |export| cut(&export.join("events.jsonl"), -7), "is cut off"),
    ("a key file that is none", |export| fs::write(export.join("stream-keys"), "x").unwrap(), ""),
    (
        "no lines",
        |export| fs::remove_file(export.join("events.jsonl")).unwrap(),
        "could not be read",
    ),
];

#[test]
fn what_could_not_be_read_is_not_called_wrong() {
    let log = SampleLog::of(SIZE);
    let whole = checker_of(&log, false);
    let words = |checker: &PythonChecker| {
        ["export", "policy"].map(|name| checker.path(name).to_str().unwrap().to_owned())
    };
    for (name, damage, said_by) in UNREAD {
        let checker = PythonChecker::new();
        copy(&whole.path("export"), &checker.path("export"));
        fs::copy(whole.path("policy"), checker.path("policy")).unwrap();
        damage(&checker.path("export"));
        let [export, policy] = words(&checker);
        let (code, said) = check_coded(&[&export, "--policy", &policy]);
        assert_eq!(code, Some(3), "{name}: {said}");
        assert!(
            said.starts_with("Could not be read: ") && !said.contains("WRONG"),
            "{name}: {said}"
        );
        assert!(said.lines().next().unwrap().contains(said_by), "{name}: {said}");
    }
    let [export, policy] = words(&whole);
    let nobody = "http://127.0.0.1:1/log/";
    let (code, said) = check_coded(&[&export, "--policy", &policy, "--log", nobody]);
    assert_eq!((code, said.contains("WRONG")), (Some(3), false), "{said}");
    let receipt = log.receipt(42, SIZE).to_string();
    for length in [10, receipt.len() / 2, receipt.len() - 30, receipt.len() - 2] {
        fs::write(whole.path("receipt"), &receipt[..length]).unwrap();
        let receipt = whole.path("receipt");
        let (code, said) =
            check_coded(&["receipt", receipt.to_str().unwrap(), "--policy", &policy]);
        assert_eq!((code, said.contains("WRONG")), (Some(3), false), "{length}: {said}");
    }
    // What another system does to text on its way is undone.
    for file in ["events.jsonl", "manifest.json", "log/checkpoint", "keys.txt", "stream-keys"] {
        let path = whole.path("export").join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
    }
    let (right, said) = whole.check();
    assert!(right, "{said}");
}

#[test]
fn every_damage_to_an_export_is_named() {
    let log = SampleLog::of(SIZE);
    let whole = checker_of(&log, false);
    for (name, damage, words) in DAMAGE {
        let checker = PythonChecker::new();
        copy(&whole.path("export"), &checker.path("export"));
        fs::copy(whole.path("policy"), checker.path("policy")).unwrap();
        damage(&checker.path("export"));
        if checker.path("export/manifest.json").is_file() {
            write_manifest(&checker.path("export"), None);
        }
        let (right, said) = checker.check();
        let verdict = said.lines().next().unwrap();
        assert!(!right && verdict.starts_with("WRONG: "), "{name}: {said}");
        assert!(verdict.contains(words), "{name}: {said}");
        assert!(said.contains("NOT checked: "), "{name}: {said}");
    }
}

/// The log without what its witnesses signed: what its owner can make alone.
fn owners_note(log: &SampleLog) -> Note {
    let mut note = log.checkpoint(SIZE);
    note.signatures.truncate(1);
    note
}

/// What an owner of the database and the log's key can do, each time with everything made anew that follows.
#[test]
fn what_an_owner_forges_is_named() {
    let honest = SampleLog::of(SIZE);
    let publish = |checker: &PythonChecker, note: &Note| {
        fs::write(checker.path("export/log/checkpoint"), note.to_string()).unwrap();
        checker.check()
    };

    let mut changed = SampleLog::of(SIZE);
    changed.rewrite(30, &json!({"note": "never happened"}));
    let checker = checker_of(&changed, false);
    let cases = [
        (honest.checkpoint(SIZE), "WRONG: the leaves do not give the checkpoint's root"),
        (owners_note(&changed), "WRONG: 0 of the policy's 3 witnesses have cosigned it"),
    ];
    for (note, words) in cases {
        let (right, said) = publish(&checker, &note);
        assert!(!right && said.starts_with(words), "{said}");
    }
    let mut forged = changed.checkpoint(SIZE);
    forged.signatures[1] = honest.checkpoint(SIZE).signatures[1].clone();
    let (right, said) = publish(&checker, &forged);
    assert!(
        !right && said.starts_with("WRONG: the signature by w1.example is not right"),
        "{said}"
    );

    let wrong_root = honest.checkpoint_of(SIZE, [9; 32]);
    let (right, said) = publish(&checker_of(&honest, false), &wrong_root);
    assert!(!right && said.starts_with("WRONG: the leaves do not give the checkpoint's"), "{said}");
}

#[test]
fn a_subject_sees_a_line_that_is_withheld_and_a_tag_that_stands_twice() {
    let checker = checker_of(&SampleLog::of(SIZE), true);
    for file in ["events.jsonl", "positions"] {
        cut_line(&checker.path("export").join(file), 99);
    }
    write_manifest(&checker.path("export"), Some(&ana()));
    let (right, said) = checker.check();
    assert!(!right, "{said}");
    assert!(
        said.starts_with("WRONG: position 297: the log has one more line of patient-"),
        "{said}"
    );

    let mut doubled = SampleLog::of(SIZE);
    let tag = doubled.leaves[9].0[4..36].to_owned();
    doubled.leaves[100].0[4..36].copy_from_slice(&tag);
    let (right, said) = checker_of(&doubled, true).check();
    assert!(!right, "{said}");
    assert!(said.starts_with("WRONG: position 100: the tag of patient-"), "{said}");
    assert!(said.contains("version 3 stands here, and its line at position 9"), "{said}");
    let (right, said) = checker_of(&doubled, false).check();
    assert!(!right && said.starts_with("WRONG: position 100: the leaf's tag is not"), "{said}");
}

#[test]
fn a_receipt_is_right_or_says_why_it_is_not() {
    let log = SampleLog::of(SIZE);
    let checker = PythonChecker::new();
    let check_receipt = |text: &str| {
        fs::write(checker.path("receipt"), text).unwrap();
        fs::write(checker.path("policy"), log.policy()).unwrap();
        let (receipt, policy) = (checker.path("receipt"), checker.path("policy"));
        check(&["receipt", receipt.to_str().unwrap(), "--policy", policy.to_str().unwrap()])
    };
    for index in [0, 42, 255, 256, 299] {
        let (right, said) = check_receipt(&log.receipt(index, SIZE).to_string());
        assert!(right && said.starts_with("Right: "), "{said}");
        assert!(
            said.contains(&format!("stands at position {index} of clinic.example/log")),
            "{said}"
        );
        assert!(said.contains("NOT checked: its chain and its tag"), "{said}");
    }
    let good = log.receipt(42, SIZE);
    let mut spoiled = [good.clone(), good.clone(), good.clone(), good.clone(), good.clone(), good];
    spoiled[0].line = spoiled[0].line.replace("number 42", "number 43");
    spoiled[1].proof.index = 41;
    spoiled[2].proof.leaf.0[5] ^= 1;
    spoiled[3].proof.checkpoint.signatures[0].signature[9] ^= 1;
    spoiled[4].proof.checkpoint.signatures.truncate(2);
    spoiled[5].proof.hashes.pop();
    let words = [
        "the leaf does not carry the digests of the line",
        "the path does not lead from the leaf to the checkpoint's root",
        "the path does not lead from the leaf to the checkpoint's root",
        "the signature by clinic.example/log is not right",
        "1 of the policy's 3 witnesses have cosigned it, which is no quorum",
        "the path is too short",
    ];
    for (receipt, words) in spoiled.iter().zip(words) {
        let (right, said) = check_receipt(&receipt.to_string());
        let verdict = said.lines().next().unwrap();
        assert!(!right && verdict.starts_with("WRONG: ") && verdict.contains(words), "{said}");
    }
}

/// The lines that a second implementation says must be refused.
#[test]
fn the_vectors_of_lines_are_judged_alike() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/medlock.json")).unwrap();
    let many = vectors["refused_lines"].as_array().unwrap().len();
    let script = "
import json, sys
sys.path.insert(0, 'docs/verify')
import check
vectors = json.load(open('tests/vectors/medlock.json'))
def line(row):
    if 'line_hex' in row: return bytes.fromhex(row['line_hex'])
    parts = row.get('line_parts') or {'start': row['line'], 'repeat': '', 'count': 0, 'end': ''}
    return (parts['start'] + parts['repeat'] * parts['count'] + parts['end']).encode()
for row in vectors['events']:
    check.event(line(row))
refused = 0
for row in vectors['refused_lines']:
    heads = {}
    for before in row.get('after', []):
        check.follow(check.event(before.encode()), before.encode(), heads)
    try:
        check.follow(check.event(line(row)), line(row), heads)
    except check.Wrong:
        refused += 1
print(refused)
";
    let output = python().args(["-c", script]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.trim(), many.to_string(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Of every file of an export, and of a receipt, a few bytes are spoiled, one at a time.
#[test]
fn a_spoiled_byte_anywhere_is_noticed() {
    let log = SampleLog::of(SIZE);
    let checker = checker_of(&log, true);
    fs::write(checker.path("receipt"), log.receipt(42, SIZE).to_string()).unwrap();
    let script = "
import contextlib, io, pathlib, sys
sys.path.insert(0, 'docs/verify')
import check
desk = pathlib.Path(sys.argv[1])
policy = ['--policy', str(desk / 'policy')]
def right(*words):
    with contextlib.redirect_stdout(io.StringIO()):
        return check.main([*words, *policy]) == 0
def spoil(file, step, *words):
    good = file.read_bytes()
    for at in range(0, len(good), max(1, len(good) // step)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        if right(*words): print('not noticed: byte', at, 'of', file)
    for bad in good[:-1], good + b'\\n':
        file.write_bytes(bad)
        if right(*words): print('not noticed: length', len(bad), 'of', file)
    file.write_bytes(good)
receipt, export = desk / 'receipt', desk / 'export'
assert right('receipt', str(receipt)) and right(str(export))
spoil(receipt, 150, 'receipt', str(receipt))
for file in sorted(export.rglob('*')):
    # What the installation says of itself, and what an anchor answered, nothing here can vouch for.
    if file.is_file() and file.name != 'manifest.json' and file.parent.name != 'receipts':
        spoil(file, 15, str(export))
";
    let folder = checker.folder.path().to_str().unwrap();
    let output = python().args(["-c", script, folder]).output().unwrap();
    let message = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() && message.is_empty(), "{message}");
}

/// What a patient takes home: no tiles, but a proof for each line.
#[test]
fn a_history_bundle_is_right_and_whole_once_the_logs_files_are_at_hand() {
    let log = SampleLog::of(SIZE);
    let checker = checker_of(&log, true);
    let export = checker.path("export");
    fs::rename(export.join("log/tile"), checker.path("tile")).unwrap();
    fs::create_dir(export.join("proofs")).unwrap();
    for position in (0..SIZE).step_by(3) {
        let proof = log.receipt(position, SIZE).proof.to_string();
        fs::write(export.join(format!("proofs/{position}.tlog-proof")), proof).unwrap();
    }
    let folder = checker.folder.path().to_str().unwrap();
    let policy = checker.path("policy");
    let words = [export.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
    let (right, said) = check(&words);
    assert!(right && said.contains("NOT checked: that nothing was withheld"), "{said}");
    let (right, said) = check(&[words.as_slice(), &["--log", folder]].concat());
    assert!(right && said.contains("versions 0 to 99 are all there is"), "{said}");
    let other = fs::read(export.join("proofs/3.tlog-proof")).unwrap();
    fs::write(export.join("proofs/30.tlog-proof"), other).unwrap();
    let (right, said) = check(&words);
    assert!(!right && said.starts_with("WRONG: position 30: its proof is of another"), "{said}");
}
