//! The anchoring job of an installation: a folder, a real witness, a real chain.

use std::time::Duration;

use commands::ports::world::Clock as _;
use domain::audit::event::LogFact;
use domain::fact::Fact;
use domain::journal::Line;
use domain::journal::note::Note;
use domain::journal::witness_policy::WitnessPolicy;
use domain::time::minutes;
use infra::clock::SystemClock;
use serde_json::Value;
use tests::anvil::Anvil;
use tests::app::TestApp;
use tests::witness::WitnessProcess;

use crate::audit::folder::medlock;

fn anchors(app: &TestApp, settings: &str) -> (i32, Value) {
    let file = app.data().with_file_name("anchors.toml");
    std::fs::write(&file, settings).unwrap();
    let file = file.to_str().unwrap();
    let outcome = medlock(&["anchors", "--output", "json", "--config", file], &app.data());
    (outcome.code, serde_json::from_str(&outcome.stdout).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_copied_once_an_interval_and_never_for_its_own_record() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = folder.path().join("shelf");
    let mut app = TestApp::start_with(|config| config.anchors.folder = Some(shelf.clone())).await;
    app.cast().await;
    app.inside.log.catch_up().await.unwrap();
    app.inside.anchoring.take_now("file").await.unwrap();
    let events = app.newest() + 1;
    app.inside.log.catch_up().await.unwrap();
    assert_eq!(
        app.inside.anchoring.take_now("file").await.unwrap(),
        None,
        "nothing but its own record"
    );
    assert_eq!(app.newest() + 1, events);
    let kinds = app.kinds().await;
    assert!(kinds.contains(&"log.anchored.v1"), "{kinds:?}");

    app.log_in("ana@example.org").await;
    app.inside.log.catch_up().await.unwrap();
    let size = app.inside.anchoring.take_now("file").await.unwrap().unwrap();
    let copies: Vec<_> = std::fs::read_dir(&shelf).unwrap().map(|e| e.unwrap().path()).collect();
    let copy = copies.iter().find(|path| path.to_str().unwrap().contains(&format!("{size:020}")));
    let note = Note::parse(&std::fs::read(copy.unwrap()).unwrap()).unwrap();
    let keys = app.inside.log.signer().keys_ever();
    assert_eq!(WitnessPolicy::of_logs(keys).judge(&note).unwrap().checkpoint.size, size);

    let (code, listed) = anchors(&app, "anchors.late_minutes = 1\n");
    assert_eq!((code, &listed["anchors"][0]["events"]), (0, &Value::from(size)));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_turns_red_when_an_anchor_is_too_old_and_nobody_is_stopped_by_it() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: the anchor can never take anything.
    let shelf = folder.path().join("shelf");
    std::fs::write(&shelf, b"").unwrap();
    let app = TestApp::start_with(|config| config.anchors.folder = Some(shelf)).await;
    app.cast().await;
    app.inside.log.catch_up().await.unwrap();
    let message = app.inside.anchoring.take_now("file").await.unwrap_err().to_string();
    assert!(message.contains("the anchor folder cannot be used"), "{message}");
    assert_eq!(app.get("/readyz").await.expect(200).text("anchors"), "ok");
    app.later(minutes(181));
    let red = app.get("/readyz").await.expect(200);
    assert_eq!(red.text("anchors"), "file is 181 minutes behind");
    assert_eq!((&red.json()["ready"], &red.json()["healthy"]), (&true.into(), &false.into()));
    let ana = app.log_in("ana@example.org").await;
    ana.letter(&app, &ana.id, "Letter").await;
}

/// What the anchors hold, as anybody may read it, with what any page may do with the answer.
async fn held(app: &TestApp) -> Value {
    let reply = app.get("/log/anchors").await.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    reply.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_reads_what_the_anchors_hold_and_whom_the_log_asks_to_cosign() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = folder.path().join("a-secret-shelf");
    let app = TestApp::start_with(|config| config.anchors.folder = Some(shelf.clone())).await;
    assert_eq!(held(&app).await, serde_json::json!([]), "nothing was anchored yet");
    app.cast().await;
    app.inside.log.catch_up().await.unwrap();
    let size = app.inside.anchoring.take_now("file").await.unwrap().unwrap();

    let lines = held(&app).await;
    let line = &lines[0];
    assert_eq!((&line["anchor"], &line["events"]), (&"file".into(), &Value::from(size)));
    assert!(!lines.to_string().contains("shelf"), "where it lies is nobody's business: {lines}");
    let note = Note::parse(line["checkpoint"].as_str().unwrap().as_bytes()).unwrap();
    let keys = app.inside.log.signer().keys_ever();
    assert_eq!(WitnessPolicy::of_logs(keys).judge(&note).unwrap().checkpoint.size, size);

    let policy = app.get("/log/policy").await.expect(200);
    assert_eq!(policy.bytes, b"quorum none\n", "nobody is asked");
}

/// An installation on the machine's own time, and a witness that knows it.
async fn watched(folder: &std::path::Path) -> (TestApp, WitnessProcess, WitnessPolicy) {
    let mut app = TestApp::start().await;
    app.later(SystemClock.now().since(app.clock.now()));
    let key = app.inside.log.signer().keys()[0].clone();
    let witness =
        WitnessProcess::start(&folder.join("w1"), "w1.example", std::slice::from_ref(&key));
    let name = witness.policy_line.split_whitespace().nth(1).unwrap();
    let file = folder.join("policy");
    let text = format!("{}\nquorum {name}\n", witness.policy_line);
    std::fs::write(&file, &text).unwrap();
    app.set(|config| {
        config.transparency.witness_policy = Some(file);
        config.transparency.quorum_only = true;
    });
    app.restart(|_| {}).await;
    (app, witness, WitnessPolicy::parse(&text).unwrap().of_log([key]))
}

async fn published(app: &TestApp) -> Vec<u8> {
    app.inside.log.catch_up().await.unwrap();
    app.get("/log/checkpoint").await.bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn witnesses_cosign_what_is_published_and_a_quorum_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (mut app, mut witness, policy) = watched(folder.path()).await;
    app.cast().await;
    let size = |note: &[u8]| policy.judge(&Note::parse(note).unwrap()).unwrap().checkpoint.size;
    let before = published(&app).await;
    assert_eq!(size(&before), app.newest() + 1);
    // Whoever takes the policy from us and believes it judges the log as we do, and hears no address.
    let told = app.get("/log/policy").await.expect(200);
    let told = String::from_utf8(told.bytes).unwrap();
    assert!(told.contains("w1.example") && !told.contains("http"), "{told}");
    let log = app.inside.log.signer().keys()[0].clone();
    let read = WitnessPolicy::parse(&told).unwrap().of_log([log]);
    let judged = read.judge(&Note::parse(&before).unwrap()).unwrap();
    assert_eq!(judged.checkpoint.size, size(&before));

    witness.kill();
    app.log_in("ana@example.org").await;
    assert_eq!(published(&app).await, before, "nothing is published without a quorum");
    let red = app.get("/readyz").await.expect(200);
    assert!(red.text("witnesses").starts_with("w1"), "{}", red.text("witnesses"));
    assert_eq!(red.json()["healthy"], false);
    witness.restart();
    assert_eq!(size(&published(&app).await), app.newest() + 1);
    app.inside.anchoring.take_now("witness").await.unwrap().unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_no_witness_agrees_with_writes_nothing_until_it_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let (mut app, mut witness, _) = watched(folder.path()).await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    witness.kill();
    ana.letter(&app, &ana.id, "Letter").await;
    app.later(minutes(2));
    witness.restart();
    published(&app).await;
    let announced = || async {
        let path = format!("/api/v1/patients/{}/reports", ana.id);
        let body = serde_json::json!({
            "title": "Letter", "category": "consultation", "media_type": "text/plain",
        });
        ana.post(&app, &path, body).await.code()
    };
    let refused = async { while announced().await != "clock_off_witness" {} };
    tokio::time::timeout(Duration::from_secs(30), refused).await.unwrap();
    let message = app.get("/readyz").await.expect(200).text("transparency_log");
    assert!(message.contains("off the witnesses'"), "{message}");

    // Nothing was written by the wrong clock: set right, it agrees with the witness again.
    app.clock.back(minutes(2));
    let goes_on = async { while announced().await == "clock_off_witness" {} };
    tokio::time::timeout(Duration::from_secs(60), goes_on).await.unwrap();
    assert_eq!(announced().await, "");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_anchors_on_a_chain_and_a_chain_that_is_down_blocks_nobody() {
    let chain = Anvil::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("medlock.toml");
    let settings = format!(
        "[anchors.evm]\nrpc_url = {:?}\nchain_id = {}\nkey = {:?}\n",
        chain.url(),
        Anvil::CHAIN,
        chain.key(0),
    );
    std::fs::write(&file, &settings).unwrap();
    let deploy = ["anchors", "--config", file.to_str().unwrap(), "deploy"];
    let deployed = std::process::Command::new(tests::program::medlock()).args(deploy).output();
    let message = String::from_utf8(deployed.unwrap().stdout).unwrap();
    let contract = message.split('"').nth(1).unwrap_or_else(|| panic!("{message}")).to_owned();

    let mut app = TestApp::start_with(|config| {
        config.anchors.evm.rpc_url = Some(chain.url().into());
        config.anchors.evm.chain_id = Some(Anvil::CHAIN);
        config.anchors.evm.key = Some(chain.key(0).into());
        config.anchors.evm.contract = Some(contract.clone());
    })
    .await;
    app.cast().await;
    app.inside.log.catch_up().await.unwrap();
    let size = app.inside.anchoring.take_now("evm").await.unwrap();
    let anchored = |line: Line| {
        let Ok(Fact::Log(LogFact::Anchored(anchored))) = line.recorded().map(|r| r.fact) else {
            return None;
        };
        Some(anchored)
    };
    let facts = app.log().await.into_iter().filter_map(anchored);
    let newest = facts.last().unwrap();
    assert_eq!((newest.anchor.as_str(), &newest.receipt["contract"]), ("evm", &contract.into()));
    assert!(size.is_none_or(|size| size == newest.size));

    chain.stop();
    app.log_in("ana@example.org").await;
    app.inside.log.catch_up().await.unwrap();
    let message = app.inside.anchoring.take_now("evm").await.unwrap_err().to_string();
    assert!(!message.contains("127.0.0.1"), "the node's address is a secret: {message}");
    let ana = app.log_in("ana@example.org").await;
    ana.letter(&app, &ana.id, "Letter").await;
    app.stop().await;
}
