//! What an export holds, and that a checker which is not ours finds it right.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tests::app::TestApp;

use super::folder::{app_with_history, medlock, patient_stream};
use super::said;
use crate::checkers::check;

/// Every file of a folder by its path below it, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let below = path.strip_prefix(folder).unwrap();
                found.push(below.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn beside(app: &TestApp, name: &str) -> PathBuf {
    app.data().with_file_name(name)
}

fn manifest(out: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_everything_is_right_for_a_checker_that_is_not_ours() {
    let mut app = app_with_history().await;
    let events = app.log().await.len();
    app.stop().await;
    let out = beside(&app, "all");
    let outcome = medlock(&["export", "--all", out.to_str().unwrap()], &app.data());
    let given = Command::new(tests::program::medlock()).arg("check").arg(&out).output().unwrap();
    let said = String::from_utf8(given.stderr).unwrap();
    let named = format!("medlock verify {}", out.display());
    assert_eq!((given.status.code(), said.contains(&named)), (Some(2), true), "{said}");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("holds the keys of all streams"), "{outcome:?}");
    let partial = format!(".p/{events}");
    let tiles = ["log/tile/0/000", "log/tile/entries/000"].map(|tile| format!("{tile}{partial}"));
    let mut expected = vec!["events.jsonl", "keys.txt", "log/checkpoint"];
    expected.extend(tiles.iter().map(String::as_str));
    expected.extend(["manifest.json", "stream-keys"]);
    assert_eq!(files(&out), expected);

    let listed = manifest(&out);
    assert_eq!((&listed["format"], &listed["events"]), (&json!(2), &json!(events)));
    assert_eq!(listed["streams"], Value::Null, "it is the whole log");
    for digest in listed["digests"].as_array().unwrap() {
        let path = out.join(digest["path"].as_str().unwrap());
        let found = blake3::hash(&std::fs::read(path).unwrap()).to_string();
        assert_eq!(digest["blake3"], found.as_str());
    }
    assert_eq!(listed["digests"].as_array().unwrap().len(), expected.len() - 2);

    let (right, said) = check(&[out.to_str().unwrap()]);
    assert!(right && said.starts_with("Right in itself"), "{said}");
    assert!(said.contains("entry bundles, tiles and the checkpoint's root agree"), "{said}");
    assert!(!said.contains("newer than the checkpoint"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_one_patient_holds_their_lines_and_key_and_the_whole_tree() {
    let mut app = app_with_history().await;
    let log = app.log().await;
    app.stop().await;
    let stream = patient_stream(&log);
    let theirs: Vec<_> = log.iter().filter(|line| line.stream == stream).collect();
    let out = beside(&app, "one");
    let id = stream.patient_id().unwrap().to_string();
    let export = ["export", "--patient", &id, "--output", "json", out.to_str().unwrap()];
    let outcome = medlock(&export, &app.data());
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let made = said(&outcome);
    assert_eq!((&made["covered"], &made["not_covered"]), (&json!(log.len()), &json!(0)));
    assert_eq!(made["streams"], json!([stream.as_str()]));

    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let positions: String = theirs.iter().map(|line| format!("{}\n", line.position)).collect();
    assert_eq!(read("positions"), positions);
    let keys = read("stream-keys");
    assert!(keys.starts_with(&format!("{stream} ")) && keys.lines().count() == 1, "{keys}");
    assert_eq!(read("events.jsonl").lines().count(), theirs.len());

    let (right, said) = check(&[out.to_str().unwrap()]);
    assert!(right, "{said}");
    let complete = format!("{stream}: versions 0 to {} are all there is", theirs.len() - 1);
    assert!(said.contains(&complete), "{said}");
    let ours = medlock(&["verify", out.to_str().unwrap()], &app.data());
    assert_eq!(ours.code, 0, "{ours:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_says_what_it_is_about_or_is_not_made() {
    let mut app = TestApp::start().await;
    app.patient("Ana Acker", "ana@example.org").await;
    app.stop().await;
    let out = beside(&app, "out");
    let out = out.to_str().unwrap();
    let both = medlock(&["export", out], &app.data());
    assert_eq!(both.code, 2, "{both:?}");
    assert!(both.stderr.contains("--patient ID") && both.stderr.contains("--all"), "{both:?}");
    let nobody = "00000000-0000-4000-8000-000000000000";
    let unknown = medlock(&["export", "--patient", nobody, out], &app.data());
    assert_eq!((unknown.code, unknown.stderr.contains("the log has no patient-")), (2, true));
    let wrong = medlock(&["export", "--patient", "ana", out], &app.data());
    assert_eq!((wrong.code, wrong.stderr.contains("is no patient's id")), (2, true), "{wrong:?}");
    assert!(!Path::new(out).exists(), "nothing was made");
}
