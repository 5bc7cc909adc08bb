//! What happens by itself, seen from outside: viewings that end, receipts that survive a kill, and the table
//! of jobs.

use std::path::Path;
use std::time::Duration;

use commands::ports::event_store::EventStore as _;
use domain::actor::Actor;
use domain::audit::event::LogFact;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::journal::Position;
use infra::event_store::SqliteEventStore;
use serde_json::Value;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Door;
use tests::process::ServerProcess;
use tests::strace::{Injection, Strace};

use crate::audit::folder::medlock;
use crate::log_story::events_log;

const VIEWING_LIFE: Duration = Duration::from_secs(15 * 60);

/// Bo looks at page 1 of Ana's letter; answers the viewing.
async fn look(app: &Door, ana: &Person, bo: &Person) -> String {
    ana.grant(app, all_for_treatment(app, &bo.id)).await.expect(201);
    let report = ana.letter(app, &ana.id, "Letter").await;
    let viewing = bo.open(app, &ana.id, &report).await;
    bo.page(app, &ana.id, &viewing, 1).await.expect(200);
    viewing
}

async fn ended(app: &TestApp) -> Vec<Recorded> {
    let all = app.log().await.into_iter().map(|line| line.recorded().unwrap());
    all.filter(|one| one.fact.kind() == "access.viewing_ended.v1").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewing_past_its_end_is_ended_by_itself_and_the_patient_reads_so() {
    let mut app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let viewing = look(&app, &ana, &bo).await;
    app.later(VIEWING_LIFE - Duration::from_micros(1));
    app.inside.react().await.unwrap();
    assert!(ended(&app).await.is_empty(), "it still lasts");
    app.later(Duration::from_micros(1));
    app.inside.react().await.unwrap();
    let by_itself = ended(&app).await;
    assert_eq!(by_itself.len(), 1);
    let opened = app.log().await.into_iter().map(|line| line.recorded().unwrap());
    let opened = opened.into_iter().find(|one| one.fact.kind() == "access.record_viewed.v1");
    assert_eq!(by_itself[0].actor, Actor::System);
    assert_eq!(by_itself[0].cause_event, opened.map(|opened| opened.id));
    assert_eq!(by_itself[0].fact.data().unwrap()["reason"], "expired");

    let history = ana.history(&app).await;
    let listed = history.iter().filter(|listed| listed.contains("opened *Letter*"));
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed.len(), 1, "{history:?}");
    let end = "One page was shown. It ended by itself when its time was over.";
    assert!(listed[0].ends_with(end), "{listed:?}");
    bo.page(&app, &ana.id, &viewing, 1).await.refused(403, "viewing_expired");

    // Rows that are made anew are no news: nothing happens a second time.
    app.restart(forget_rows).await;
    app.inside.react().await.unwrap();
    app.inside.models.rebuild().await.unwrap();
    app.inside.react().await.unwrap();
    assert_eq!(ended(&app).await.len(), 1);
    app.stop().await;
}

fn forget_rows(data: &Path) {
    let mut rows = 0;
    for file in std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("read-") {
            std::fs::remove_file(file).unwrap();
            rows += 1;
        }
    }
    assert!(rows > 0, "there were read models");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_ask_for_it() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    look(&app, &ana, &bo).await;
    app.later(VIEWING_LIFE);
    let by_itself = async { while ended(&app).await.is_empty() {} };
    tokio::time::timeout(Duration::from_secs(30), by_itself).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewing_that_was_closed_or_stopped_does_not_end_once_more() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let viewing = look(&app, &ana, &bo).await;
    let path = format!("/api/v1/patients/{}/viewings/{viewing}", ana.id);
    bo.delete(&app, &path).await.expect(200);
    app.later(VIEWING_LIFE);
    app.inside.react().await.unwrap();
    let ends = ended(&app).await;
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].fact.data().unwrap()["reason"], "closed");
}

/// The table of jobs, by name.
async fn jobs(app: &TestApp) -> Vec<Value> {
    app.get("/readyz").await.json()["jobs"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_job_is_named_and_says_when_it_went_well() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = folder.path().join("shelf");
    let app = TestApp::start_with(|config| config.anchors.folder = Some(shelf)).await;
    app.cast().await;
    app.until_published().await;
    let all_went_well = async {
        loop {
            let jobs = jobs(&app).await;
            let quiet = ["sweep_of_codes", "sweep_of_uploads"];
            let went_well = |job: &Value| {
                quiet.contains(&job["name"].as_str().unwrap()) || job["last_success"].is_string()
            };
            if jobs.iter().all(went_well) {
                return jobs;
            }
        }
    };
    let jobs = tokio::time::timeout(Duration::from_secs(30), all_went_well).await.unwrap();
    let names: Vec<_> = jobs.iter().map(|job| job["name"].as_str().unwrap()).collect();
    let expected = [
        "read_models",
        "transparency_log",
        "witnesses",
        "signature_watch",
        "scrub",
        "anchor_file",
        "clock_doubt",
        "sweep_of_uploads",
        "scrub_of_reports",
        "sweep_of_codes",
        "kept_documents",
        "reaction_expire_viewing",
        "reaction_record_anchor",
        "metrics_upkeep",
    ];
    assert_eq!(names, expected);
    assert!(jobs.iter().all(|job| job["health"] == "ok" && job.get("why").is_none()), "{jobs:?}");
    assert!(jobs.iter().all(|job| job["what"].as_str().unwrap().contains(' ')));

    let listed = medlock(&["status", "--url", &app.url], &app.data());
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    for word in expected.iter().chain(&["event store", "last success"]) {
        assert!(listed.stdout.contains(word), "{word} in {}", listed.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_finds_what_is_not_well_and_says_when_nobody_answers() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: the anchor can never take anything.
    let shelf = folder.path().join("shelf");
    std::fs::write(&shelf, b"").unwrap();
    let mut app = TestApp::start_with(|config| config.anchors.folder = Some(shelf)).await;
    app.cast().await;
    app.later(Duration::from_secs(181 * 60));
    let listed = medlock(&["status", "--url", &app.url], &app.data());
    assert_eq!(listed.code, 1, "{}", listed.stdout);
    assert_eq!(listed.stderr, "found: not well: anchors: file is 181 minutes behind\n");
    let json = medlock(&["status", "--output", "json", "--url", &app.url], &app.data());
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["healthy"], false);

    let url = app.url.clone();
    app.stop().await;
    let nobody = medlock(&["status", "--url", &url], &app.data());
    assert_eq!(nobody.code, 3);
    assert!(nobody.stderr.contains("nobody answers at http://"), "{}", nobody.stderr);
}

/// Every anchoring that the log holds.
async fn anchored(data: &Path) -> Vec<Recorded> {
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let lines = store.read_all(Position(0), 10_000).await.unwrap();
    let all = lines.iter().map(|line| line.recorded().unwrap());
    all.filter(|one| matches!(one.fact, Fact::Log(LogFact::Anchored(_)))).collect()
}

/// A start that is killed at one of its writes to the log.
fn killed_while_it_starts(data: &Path, settings: &[(&str, &str)], when: u32) {
    let mut held = None;
    let what = format!("signal=KILL:when={when}");
    let kill = Injection { calls: "pwrite64", what, files: events_log(data) };
    let hold = |pid| held = Some(Strace::attach(pid, &kill));
    match ServerProcess::start_held(data, settings, hold) {
        Err(code) => assert_eq!(code, None, "killed"),
        Ok(mut server) => assert_eq!(server.wait(), None, "killed"),
    }
    held.unwrap().wait();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_anchors_answer_and_the_record_it_is_recorded_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (data, shelf) = (folder.path().join("data"), folder.path().join("shelf"));
    let server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    server.cast_with(&link).await;
    let until_published =
        async { while server.get("/readyz").await.json()["log_published"] == 0 {} };
    tokio::time::timeout(Duration::from_secs(30), until_published).await.unwrap();
    server.kill();

    let settings = [("MEDLOCK_ANCHORS__FOLDER", shelf.to_str().unwrap())];
    let copies = || std::fs::read_dir(&shelf).map_or(0, Iterator::count);
    // A start writes to the log while it opens it; the first write after the anchor's answer is the record.
    let killed = (1..32).find(|when| {
        killed_while_it_starts(&data, &settings, *when);
        copies() > 0
    });
    assert!(killed.is_some(), "the anchor was asked");
    assert_eq!((copies(), anchored(&data).await.len()), (1, 0), "taken, and not recorded");

    // No anchor is set any more: only what was kept can be what is recorded.
    let server = ServerProcess::start(&data);
    let recorded = async { while anchored(&data).await.is_empty() {} };
    tokio::time::timeout(Duration::from_secs(30), recorded).await.unwrap();
    server.kill();
    let server = ServerProcess::start_with(&data, &settings);
    let looked = |job: &Value| job["name"] == "anchor_file" && job["last_success"].is_string();
    let looks = async {
        loop {
            let jobs = server.get("/readyz").await.json()["jobs"].as_array().unwrap().clone();
            if jobs.iter().any(looked) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looks).await.unwrap();
    let anchored = anchored(&data).await;
    assert_eq!((copies(), anchored.len()), (1, 1), "asked once, recorded once");
    let Fact::Log(LogFact::Anchored(fact)) = &anchored[0].fact else { unreachable!() };
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let newest = store.read_all(Position(fact.size - 1), 1).await.unwrap();
    assert_eq!(anchored[0].cause_event, Some(newest[0].recorded().unwrap().id));
}
