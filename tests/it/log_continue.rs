//! Yesterday's copy of an installation under today's guard: refused, and gone on from under another origin.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::Note;
use reqwest::Method;
use serde_json::{Value, json};
use tests::cast::{Person, all_for_treatment};
use tests::door::{Door, Reply};
use tests::process::ServerProcess;
use tests::program::medlock as program;

use crate::audit::folder::{Outcome, copy, medlock};

const OLD: &str = "medlock.invalid/log";
const NEW: &str = "medlock.invalid/log-2";
/// How often a continuation is killed at some time, besides at every call that names a file.
const KILLS: u32 = 6;
/// The calls between which a folder may be found.
const NAMING: &str = "/^(rename|link|unlink)";

/// An installation of which a copy was put back that was taken before the last things happened.
struct Restored {
    folder: tempfile::TempDir,
    ana: Person,
    bo: Person,
    report: String,
    consent: String,
    /// Where the revoke of that consent stands, which was asked for with a key.
    revoked: u64,
    /// How many events the newest database had signed.
    signed: u64,
}

impl Restored {
    async fn app() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let server = serve(&data, OLD);
        let link = server.link.clone().unwrap();
        let (ana, bo, _cy) = server.cast_with(&link).await;
        let report = ana.letter(&server, &ana.id, "Kept").await;
        let second = ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
        ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
        let consent = second.text("consent");
        let revoked = position(&revoke(&server, &ana, &consent).await.expect(200));
        until_published(&server, revoked + 1).await;
        server.kill();
        let yesterday = folder.path().join("yesterday");
        copy(&data, &yesterday);
        let server = serve(&data, OLD);
        let about = ("Lost", "other", "text/plain");
        let lost = ana.upload(&server, &ana.id, about, b"x".to_vec()).await.expect(201);
        let signed = until_published(&server, position(&lost) + 1).await;
        server.kill();
        std::fs::remove_dir_all(&data).unwrap();
        std::fs::rename(&yesterday, &data).unwrap();
        Self { folder, ana, bo, report, consent, revoked, signed }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The same in a folder of its own.
    fn copied(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        copy(&self.data(), &to);
        std::fs::copy(self.data().with_extension("guard"), to.with_extension("guard")).unwrap();
        to
    }
}

fn serve(data: &Path, origin: &str) -> ServerProcess {
    let settings = [("MEDLOCK_ORIGIN", origin), ("MEDLOCK_TRANSPARENCY__CHECKPOINT_MILLIS", "50")];
    ServerProcess::start_with(data, &settings)
}

/// How a service that refuses to start ends.
fn refused(data: &Path, origin: &str) -> String {
    let mut serve = Command::new(program());
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let served = serve.env("MEDLOCK_ORIGIN", origin).stdin(Stdio::null()).output().unwrap();
    assert_eq!(served.status.code(), Some(3), "{served:?}");
    String::from_utf8(served.stderr).unwrap()
}

fn go_on(data: &Path, origin: &str) -> Outcome {
    medlock(&["log", "continue", "--origin", origin, "--output", "json"], data)
}

fn said(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 0, "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn verified(data: &Path) -> Value {
    said(&medlock(&["verify", "--output", "json"], data))
}

fn position(reply: &Reply) -> u64 {
    reply.json()["position"].as_u64().unwrap()
}

/// Revokes a consent, always with the same key.
async fn revoke(door: &Door, ana: &Person, consent: &str) -> Reply {
    let path = format!("/api/v1/patients/{}/consents/{consent}/revoke", ana.id);
    let request = ana.request(door, Method::POST, &path).header("Idempotency-Key", "the-revoke");
    Reply::to(request.json(&json!({}))).await
}

/// The size of the published checkpoint, once it covers so many events.
async fn until_published(door: &Door, events: u64) -> u64 {
    let began = Instant::now();
    loop {
        let note = Note::parse(&door.get("/log/checkpoint").await.bytes).ok();
        let checkpoint = note.and_then(|note| Checkpoint::parse(&note.text).ok());
        let size = checkpoint.map_or(0, |checkpoint| checkpoint.size);
        if size >= events {
            return size;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{size} of {events}");
    }
}

/// Every checkpoint that lies about in the folder as published, by where it lies.
fn published(data: &Path) -> Vec<(PathBuf, Checkpoint)> {
    let checkpoint = |folder: PathBuf| {
        let path = folder.join("checkpoint");
        let note = Note::parse(&std::fs::read(&path).ok()?).ok()?;
        Some((path, Checkpoint::parse(&note.text).ok()?))
    };
    let folders = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    folders.filter_map(checkpoint).collect()
}

/// What was published under the older name.
fn of_old(data: &Path) -> Checkpoint {
    let found = published(data).into_iter().find(|(_, checkpoint)| checkpoint.origin == OLD);
    found.unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_goes_on_from_yesterdays_copy_and_says_what_is_lost() {
    let app = Restored::app().await;
    let data = app.data();
    let ana = &app.ana;
    let last = of_old(&data);
    let why = refused(&data, OLD);
    assert!(why.contains("medlock log continue"), "{why}");
    let used = go_on(&data, OLD);
    assert_eq!((used.code, used.stderr.contains("under it")), (1, true), "{used:?}");
    assert!(!data.join("events.db.next").exists(), "nothing is left of what was refused");
    let older = medlock(&["verify", "--output", "json"], &data);
    let expected = format!("covers {} events and here are", app.signed);
    assert_eq!((older.code, older.stdout.contains(&expected)), (1, true), "{older:?}");
    let events = serde_json::from_str::<Value>(&older.stdout).unwrap()["events"].as_u64().unwrap();
    assert!(events < app.signed, "{events} of {}", app.signed);

    let done = said(&go_on(&data, NEW));
    let lost = app.signed - events;
    assert_eq!((&done["older_origin"], &done["events"]), (&json!(OLD), &json!(events)));
    assert_eq!((&done["lost"], &done["again"]), (&json!(lost), &json!(false)));
    let again = said(&go_on(&data, NEW));
    assert_eq!((&again["again"], &again["aside"]), (&json!(true), &json!([])));
    let report = verified(&data);
    let continues = json!([{ "origin": OLD, "events": events, "lost": lost }]);
    assert_eq!((&report["origin"], &report["continues"]), (&json!(NEW), &continues), "{report}");
    let table = medlock(&["verify"], &data).stdout;
    assert!(table.contains(&format!("goes on from {OLD}: {events} events")), "{table}");
    assert!(table.contains(&format!("{lost} more were signed and are lost")), "{table}");

    assert!(refused(&data, OLD).contains("has the origin"));
    let server = serve(&data, NEW);
    let bo = server.log_in(&app.bo.email).await;
    let viewing = bo.open(&server, &ana.id, &app.report).await;
    bo.page(&server, &ana.id, &viewing, 1).await.expect(200);
    let repeated = revoke(&server, ana, &app.consent).await.expect(200);
    assert_eq!(position(&repeated), app.revoked + 1, "the answer of then, where it stands now");
    until_published(&server, events + 2).await;
    server.kill();
    verified(&data);
    assert_eq!(of_old(&data), last, "nothing more was published under the older name");

    let third = said(&go_on(&data, "medlock.invalid/log-3"));
    assert_eq!((&third["older_origin"], &third["lost"]), (&json!(NEW), &json!(0)));
    let report = verified(&data);
    let names = ["/continues/0/origin", "/continues/1/origin"].map(|at| report.pointer(at));
    assert_eq!(names, [Some(&json!(NEW)), Some(&json!(OLD))]);
    let server = serve(&data, "medlock.invalid/log-3");
    bo.page(&server, &ana.id, &viewing, 1).await.expect(200);
}

/// The one wait of this story: a kill must fall anywhere into the work.
async fn kill_after(data: &Path, span: Duration) {
    let mut running = order(Command::new(program()), data).spawn().unwrap();
    tokio::time::sleep(span).await;
    running.kill().unwrap();
    running.wait().unwrap();
}

/// Kills it as some thread is about to name a file otherwise, or remove it, for the `call`th time: any file,
/// or only this one; `false` if it came to its end before.
fn kill_at(data: &Path, call: u32, file: Option<&str>) -> bool {
    let mut strace = Command::new("strace");
    strace.args(file.iter().flat_map(|file| ["-P".into(), data.join(file)]));
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={NAMING}"), "-e"]);
    strace.arg(format!("inject={NAMING}:signal=KILL:when={call}")).arg(program());
    let ended = order(strace, data).status().expect("strace is installed by the test command");
    !ended.success()
}

fn order(mut program: Command, data: &Path) -> Command {
    program.args(["log", "continue", "--origin", NEW, "--data"]).arg(data);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    program
}

/// Whatever a kill left: nothing more under the older name, and the same order goes on. Answers whether the
/// new log had taken the older one's place.
fn goes_on(data: &Path, last: &Checkpoint, events: &Value) -> bool {
    refused(data, OLD);
    assert_eq!(of_old(data), *last);
    let done = said(&go_on(data, NEW));
    assert_eq!(&done["events"], events);
    let report = verified(data);
    assert_eq!((&report["origin"], &report["whole"]), (&json!(NEW), &json!(true)));
    assert_eq!(published(data).len(), 1, "{:?}", published(data));
    assert!(!data.join("log.db").exists(), "it has signed nothing yet");
    let guard = std::fs::read_to_string(data.with_extension("guard")).unwrap();
    assert!(guard.starts_with(&format!("{NEW}\n0\n")), "its guard is its own: {guard}");
    done["again"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_the_same_order_goes_on() {
    let app = Restored::app().await;
    let last = of_old(&app.data());
    let whole = app.copied("whole");
    let began = Instant::now();
    let events = said(&go_on(&whole, NEW))["events"].clone();
    let took = began.elapsed();
    for kill in 0..KILLS {
        let data = app.copied(&format!("some-time-{kill}"));
        kill_after(&data, took * kill / KILLS).await;
        goes_on(&data, &last, &events);
    }
    let (mut calls, mut swapped) = (0, 0);
    loop {
        let data = app.copied(&format!("call-{calls}"));
        if !kill_at(&data, calls + 1, None) {
            break;
        }
        calls += 1;
        swapped += u32::from(goes_on(&data, &last, &events));
    }
    // Calls are counted by thread: how many of them come after the swap differs from run to run.
    assert!(calls > 8 && swapped < calls, "{swapped} of {calls}");
    let data = app.copied("swapped");
    assert!(kill_at(&data, 1, Some("log")), "the older one's public files are put aside");
    assert!(goes_on(&data, &last, &events), "the new log had taken its place");
    let data = app.copied("served");
    kill_after(&data, took / 2).await;
    said(&go_on(&data, NEW));
    let server = serve(&data, NEW);
    app.ana.letter(&server, &app.ana.id, "After it all").await;
}
