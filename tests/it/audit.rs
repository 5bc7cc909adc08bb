//! The auditor's commands, run as the real binary on a folder that an installation left behind.

mod access_review;
mod exports;
pub(crate) mod folder;
mod links;
mod log_commands;
mod served;
pub(crate) mod tamper;
mod unread;

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use domain::actor::Actor;
use domain::ids::StreamId;
use serde_json::Value;
use tests::app::TestApp;

use self::folder::{Outcome, app_with_history, medlock};

const NO_CHECKPOINT: &str = "no checkpoint of it lies outside this database";

fn said(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_log_is_whole_while_the_service_runs_and_after() {
    let mut app = app_with_history().await;
    app.inside.log.catch_up().await.unwrap();
    let events = app.log().await.len();
    let running = medlock(&["verify", "--blobs", "--output", "json"], &app.data());
    assert_eq!(running.code, 0, "{running:?}");
    app.stop().await;
    let stopped = medlock(&["verify", "--blobs", "--output", "json"], &app.data());
    assert_eq!(said(&stopped), said(&running), "looking changes nothing");

    let report = said(&stopped);
    assert_eq!((stopped.code, &report["whole"]), (0, &Value::Bool(true)));
    assert_eq!(report["events"], events);
    assert_eq!(report["findings"], serde_json::json!([]));
    assert_eq!(report["origin"], "medlock.invalid/log");
    let checked = report["checked"].to_string();
    assert!(checked.contains(&format!("the tags of {events} leaves")), "{checked}");
    assert!(checked.contains("2 reports' files"), "{checked}");
    for link in [
        "form, hash, place and chain of every event",
        "the digests in every leaf",
        &format!("every bundle and tile of the published tree of {events} leaves"),
        &format!("the root over {events} events in the published checkpoint"),
        &format!("the root over {events} events in the guard file"),
        &format!("the root over {events} events in the checkpoint store"),
        "the log's signature on the published checkpoint, by a key of its own",
    ] {
        assert!(checked.contains(link), "{link}: {checked}");
    }
    for limit in ["whose log this is", "nothing was ever anchored", "something was never written"] {
        assert!(report["not_checked"].to_string().contains(limit), "{limit}: {report}");
    }

    let table = medlock(&["verify"], &app.data());
    assert!(table.stdout.starts_with("The log is whole, as far as it can show by itself:"));
    assert!(table.stdout.contains("not checked:") && table.stdout.contains("--blobs"), "{table:?}");
    assert!(table.stdout.contains(report["head"]["hash"].as_str().unwrap()), "{table:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_the_log_and_verifies() {
    let mut app = app_with_history().await;
    let stored: Vec<u8> =
        app.log().await.into_iter().flat_map(|line| [line.bytes, b"\n".into()].concat()).collect();
    app.stop().await;
    let out = app.data().with_file_name("out");
    let out_text = out.to_str().unwrap();
    let exported = medlock(&["export", "--all", out_text], &app.data());
    assert_eq!(exported.code, 0, "{exported:?}");

    let lines = std::fs::read_to_string(out.join("events.jsonl")).unwrap();
    assert_eq!(lines.as_bytes(), stored);
    assert_eq!(medlock(&["replay"], &app.data()).stdout, lines);
    let checked = medlock(&["verify", out_text], &app.data());
    assert_eq!(checked.code, 0, "{checked:?}");
    assert!(checked.stdout.starts_with("The export is whole"), "{checked:?}");
    assert!(checked.stdout.contains("whose log this is"), "{checked:?}");

    let again = medlock(&["export", "--all", out_text], &app.data());
    assert_eq!((again.code, again.stderr.contains("is not empty")), (2, true), "{again:?}");
    let folder = medlock(&["verify", app.data().to_str().unwrap()], &app.data());
    assert_eq!((folder.code, folder.stderr.contains("--data")), (2, true), "{folder:?}");
    let nothing = medlock(&["verify", "/nowhere"], &app.data());
    assert_eq!(nothing.code, 3, "{nothing:?}");

    let rows: Vec<&str> = lines.split_inclusive('\n').collect();
    let salt_changed = rows[4].replacen("\"salt\":\"", "\"salt\":\"00", 1);
    let longer = "x".repeat(70_000);
    for (damaged, expected) in [
        ([&rows[..4], &rows[5..]].concat().concat(), "NOT whole"),
        ([&rows[..4], &[&salt_changed], &rows[5..]].concat().concat(), "position 4: "),
        (rows[..rows.len() - 1].concat(), "manifest.json says events"),
        (lines.replacen("medlock.invalid", "medlock.elsewher", 1), "position 0: the leaf"),
        (format!("{lines}{{}}\n"), "specversion"),
        (format!("{lines}{longer}"), "longer than 65,536"),
    ] {
        assert_ne!(damaged, lines);
        std::fs::write(out.join("events.jsonl"), damaged).unwrap();
        let found = medlock(&["verify", out_text], &app.data());
        assert_eq!(
            (found.code, found.stdout.contains(expected)),
            (1, true),
            "{expected}: {found:?}"
        );
    }
    std::fs::write(out.join("events.jsonl"), &lines).unwrap();
    std::fs::remove_file(out.join("manifest.json")).unwrap();
    let found = medlock(&["verify", out_text], &app.data());
    assert_eq!((found.code, found.stdout.contains("was not finished")), (3, true), "{found:?}");
}

/// Ids differ at every run; the rest of a table is the same.
fn without_ids(table: &str) -> String {
    let word = |word: &str| match word.split_once(['-', ':']) {
        Some((kind @ ("patient" | "doctor" | "admin" | "account" | "session" | "login"), _)) => {
            format!("{kind}…")
        }
        Some(_) | None => word.to_owned(),
    };
    let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_shows_what_was_asked_for() {
    let app = app_with_history().await;
    let ana = folder::patient_stream(&app.log().await);
    let table = medlock(&["replay", "--output", "table", "--stream", ana.as_str()], &app.data());
    insta::assert_snapshot!(without_ids(&table.stdout), @r"
    position time stream version type actor
    9 2026-11-23T08:00:00.000000Z patient… 0 identity.patient_registered.v1 patient…
    12 2026-11-23T08:00:00.000000Z patient… 1 records.report_uploaded.v1 patient…
    13 2026-11-23T08:00:00.000000Z patient… 2 records.report_uploaded.v1 patient…
    14 2026-11-23T08:00:00.000000Z patient… 3 consent.granted.v1 patient…
    16 2026-11-23T08:00:00.000000Z patient… 4 access.view_token_issued.v1 doctor…
    17 2026-11-23T08:00:00.000000Z patient… 5 access.record_viewed.v1 doctor…
    18 2026-11-23T08:00:00.000000Z patient… 6 access.page_shown.v1 doctor…
    20 2026-11-23T08:00:00.000000Z patient… 7 consent.revoked.v1 patient…
    ");

    let log = app.log().await;
    let lines = |args: &[&str]| {
        let outcome = medlock(&[&["replay"], args].concat(), &app.data());
        assert_eq!(outcome.code, 0, "{outcome:?}");
        outcome.stdout.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let stored: Vec<_> =
        log.iter().map(|line| String::from_utf8(line.bytes.clone()).unwrap()).collect();
    assert_eq!(lines(&["--from-position", "3", "--to-position", "5"]), stored[3..=5]);
    assert_eq!(lines(&["--type", "consent"]).len(), 2);
    assert_eq!(lines(&["--type", "consent.granted.v1"]).len(), 1);
    let bo = log.iter().find_map(|line| match line.stream.id() {
        StreamId::Doctor(doctor) => Some(Actor::Doctor(doctor).to_string()),
        StreamId::Patient(_)
        | StreamId::Account(_)
        | StreamId::Practice(_)
        | StreamId::Admins
        | StreamId::Login(_)
        | StreamId::Factors(_)
        | StreamId::Session(_)
        | StreamId::Log(_)
        | StreamId::Other => None,
    });
    let bo = bo.unwrap();
    let of_bo = lines(&["--actor", &bo, "--type", "access"]);
    assert_eq!(of_bo.len(), 3);
    assert_eq!(lines(&["--until", "2026-11-23"]), stored);
    let (cy, trail) = (app.log_in("cy@example.org").await, "/api/v1/admin/trail");
    let same = cy.list(&app, &format!("{trail}?actor={bo}&type=access")).await.expect(200);
    assert_eq!(same.items().len(), of_bo.len(), "REST shows the same");
}

/// A word that nothing answers to is said, with exit code 2, and never silence.
#[tokio::test(flavor = "multi_thread")]
async fn an_officers_typo_is_not_silence() {
    let app = app_with_history().await;
    let ana = folder::patient_stream(&app.log().await);
    let nobody = "0192f3c4-0000-7000-8000-00000000abcd";
    let stream = format!("patient-{nobody}");
    let account = format!("doctor:{nobody}");
    let folder = app.data().join("nowhere");
    let folder = folder.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["replay", "--stream", &stream], "the log has no stream patient-0192"),
        (&["replay", "--stream", "patiend"], "the log has no stream patiend"),
        (&["replay", "--stream", "patient 1"], "stream name"),
        (&["replay", "--type", "consent.given"], "consent.granted.v1, consent.revoked.v1"),
        (&["replay", "--type", "cons"], "there are identity, consent, records"),
        (&["replay", "--type", "Consent"], "event type"),
        (&["replay", "--actor", &account], "did nothing"),
        (&["replay", "--actor", nobody], "actor"),
        (&["replay", "--from-position", "1000"], "there is no position 1000: the log has"),
        (&["replay", "--from-position", "5", "--to-position", "3"], "the smaller one goes first"),
        (&["replay", "--until", "2026-11-22"], "the first event is of 2026-11-23"),
        (&["replay", "--until", "yesterday"], "not a time"),
        (&["explain", "--doctor", nobody, "--report", nobody], "no such report"),
        (&["prove", "event", "1000"], "there is no position 1000"),
        (&["prove", "consistency", "1", "1001"], "there is no position 1000"),
        (&["prove", "consent", nobody], "no such consent"),
        (&["prove", "history", nobody, folder], "the log has no patient-0192"),
        (&["export", folder, "--patient", nobody], "the log has no patient-0192"),
    ];
    let upper = ana.as_str().to_uppercase();
    assert_eq!(medlock(&["replay", "--stream", &upper], &app.data()).code, 0, "in capitals");
    for (words, said) in cases {
        let outcome = medlock(words, &app.data());
        assert_eq!((outcome.code, &*outcome.stdout), (2, ""), "{words:?}: {outcome:?}");
        assert!(outcome.stderr.contains(said), "{words:?}: {outcome:?}");
    }
    // Each word is in the log, only never in the same event: nothing is wrong, and it is said.
    let both = ["replay", "--stream", ana.as_str(), "--type", "identity.doctor_verified"];
    let outcome = medlock(&both, &app.data());
    assert_eq!((outcome.code, &*outcome.stdout), (0, ""), "{outcome:?}");
    assert!(
        outcome.stderr.contains("No event is as asked for: 8 were looked through."),
        "{outcome:?}"
    );
}

/// Runs `medlock` with its output going there.
fn into(words: &[&str], data: &Path, out: impl Into<Stdio>) -> (i32, String) {
    let mut command = Command::new(tests::program::medlock());
    command.args(words).arg("--data").arg(data).stdout(out).stderr(Stdio::piped());
    let ended = command.spawn().unwrap().wait_with_output().unwrap();
    (ended.status.code().unwrap(), String::from_utf8(ended.stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_closed_the_pipe_has_seen_enough_and_a_full_disk_has_not() {
    let app = app_with_history().await;
    app.inside.log.catch_up().await.unwrap();
    let commands: &[&[&str]] = &[
        &["verify"],
        &["verify", "--output", "json"],
        &["replay"],
        &["replay", "--output", "table"],
        &["prove", "event", "3"],
        &["prove", "consistency", "3", "7"],
        &["anchors"],
        &["config"],
    ];
    for words in commands {
        let (reader, closed) = std::io::pipe().unwrap();
        drop(reader);
        let (code, stderr) = into(words, &app.data(), closed);
        assert_eq!((code, stderr.contains("panicked")), (0, false), "{words:?}: {stderr}");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (code, stderr) = into(words, &app.data(), full);
        assert_eq!((code, stderr.contains("panicked")), (3, false), "{words:?}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_models_are_rebuilt_when_the_service_stands_still() {
    let mut app: TestApp = app_with_history().await;
    let busy = medlock(&["rebuild"], &app.data());
    assert_eq!((busy.code, busy.stderr.contains("in use")), (3, true), "{busy:?}");
    let events = app.log().await.len();
    app.stop().await;
    let rebuilt = medlock(&["rebuild", "--output", "json"], &app.data());
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    assert_eq!(said(&rebuilt)["events"], events);
    assert!(said(&rebuilt)["rows"].as_u64().unwrap() > events as u64, "{rebuilt:?}");
    let empty = tempfile::tempdir().unwrap();
    let nothing = medlock(&["rebuild"], empty.path());
    assert_eq!(nothing.code, 3, "{nothing:?}");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "nothing was made");
}
