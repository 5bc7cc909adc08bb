//! Whoever could not look has found nothing: an outage, a cut file, another file. Exit code 3, and never the
//! words that name a forgery.

use std::fs;

use tests::sample_log::SampleLog;
use tests::static_files::StaticFiles;

use super::folder::Outcome;
use super::served::{Auditor, SIZE};

#[track_caller]
fn could_not_look(found: &Outcome, words: &str) {
    let said = format!("{}{}", found.stdout, found.stderr);
    assert_eq!(found.code, 3, "{words}: {said}");
    assert!(said.contains("could not be read") && said.contains(words), "{words}: {said}");
    assert!(!said.contains("NOT whole") && !said.contains("WRONG"), "{words}: {said}");
}

#[test]
fn an_outage_is_not_told_as_a_forgery() {
    let log = SampleLog::of(512);
    let auditor = Auditor::of(&log, false);
    let served = auditor.path("served");
    log.publish(&served, 512);
    log.publish(&served, SIZE);
    for partial in ["tile/0/001.p", "tile/entries/001.p"] {
        fs::remove_dir_all(served.join(partial)).unwrap();
    }
    // A store that says 403 of what is not there: full tiles have taken the place of those that were partial.
    let forbids = StaticFiles::serve_or_say(&served, "403 Forbidden");
    let good = auditor.verify(&[&forbids.url()]);
    assert_eq!(good.code, 0, "{good:?}");

    fs::remove_file(served.join("tile/entries/001")).unwrap();
    for status in ["403 Forbidden", "503 Service Unavailable", "302 Found"] {
        let server = StaticFiles::serve_or_say(&served, status);
        let number = status.split(' ').next().unwrap();
        could_not_look(&auditor.verify(&[&server.url()]), &format!("status {number}"));
    }
    let server = StaticFiles::serve(&served);
    let found = auditor.verify(&[&server.url()]);
    let missing = "NOT whole: position 256: tile/entries/001.p/44 is missing";
    assert_eq!((found.code, found.stdout.contains(missing)), (1, true), "{found:?}");
}

#[test]
fn an_export_that_was_cut_on_its_way_is_not_called_forged() {
    let log = SampleLog::of(SIZE);
    let auditor = Auditor::of(&log, true);
    let path = auditor.path("export").join("events.jsonl");
    let whole = fs::read(&path).unwrap();
    for taken in [1, 10, 100, whole.len() / 2, whole.len() - 10] {
        fs::write(&path, &whole[..whole.len() - taken]).unwrap();
        let found = auditor.export();
        if taken == 1 {
            assert_eq!(found.code, 0, "the end of the last line alone is no loss: {found:?}");
        } else {
            could_not_look(&found, "cut off");
        }
    }
    fs::write(&path, &whole).unwrap();
    let manifest = auditor.path("export/manifest.json");
    let said = fs::read(&manifest).unwrap();
    fs::write(&manifest, &said[..said.len() / 3]).unwrap();
    could_not_look(&auditor.export(), "manifest.json");
    fs::write(&manifest, &said).unwrap();
    assert_eq!(auditor.export().code, 0);
}

#[test]
fn text_that_went_through_another_system_is_what_it_was() {
    let log = SampleLog::of(SIZE);
    for only_ana in [false, true] {
        let auditor = Auditor::of(&log, only_ana);
        let files = ["events.jsonl", "manifest.json", "keys.txt", "policy", "log/checkpoint"];
        for file in files.iter().chain(&["stream-keys", "positions"]) {
            let path = auditor.path("export").join(file);
            let Ok(text) = fs::read_to_string(&path) else { continue };
            fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
        }
        let policy = fs::read_to_string(auditor.path("policy")).unwrap();
        fs::write(auditor.path("policy"), policy.replace('\n', "\r\n")).unwrap();
        let found = auditor.export();
        assert_eq!(found.code, 0, "{found:?}");
    }
}

/// Half a signature was never false: whoever says WRONG of it accuses somebody of a download that broke off.
#[test]
fn a_checkpoint_that_was_cut_is_not_called_false() {
    let log = SampleLog::of(SIZE);
    let auditor = Auditor::of(&log, true);
    let path = auditor.path("export").join("log/checkpoint");
    let whole = fs::read(&path).unwrap();
    let signatures = String::from_utf8_lossy(&whole).rfind("\n\n").unwrap() + 2;
    for end in (signatures..whole.len() - 1).step_by(17) {
        fs::write(&path, &whole[..end]).unwrap();
        let found = auditor.export();
        let said = format!("{}{}", found.stdout, found.stderr);
        // A name or a key's id that is cut is another's: nobody whom the policy names has signed then.
        let of_another = said.contains("no log that the policy names") || said.contains("quorum");
        assert!(found.code == 3 || of_another, "{end}: {said}");
        assert!(found.code != 0 && !said.contains("is not right"), "{end}: {said}");
    }
    for end in [whole.len() - 2, whole.len() - 5, whole.len() - 21] {
        fs::write(&path, &whole[..end]).unwrap();
        could_not_look(&auditor.export(), "checkpoint");
    }
    let mut forged = whole.clone();
    let at = whole.len() - 20;
    forged[at] = if whole[at] == b'A' { b'B' } else { b'A' };
    fs::write(&path, &forged).unwrap();
    let found = auditor.export();
    assert_eq!(found.code, 1, "it is all there, and false: {found:?}");
}
