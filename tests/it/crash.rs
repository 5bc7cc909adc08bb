//! The process is killed at random moments, the disk fills up: nothing acknowledged is lost, nothing is
//! shown that the log does not say.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use commands::ports::event_store::EventStore as _;
use domain::fact::Fact;
use domain::ids::ReportId;
use domain::journal::Position;
use domain::journal::chain::ChainCheck;
use domain::records::event::ReportUploaded;
use infra::event_store::SqliteEventStore;
use serde_json::json;
use tests::cast::{Person, all_for_treatment};
use tests::door::{Door, Reply};
use tests::process::ServerProcess;

/// Kills under load. The issue asks for a hundred at least.
const KILLS: u64 = 100;
/// Clients that write while the process is killed.
const CLIENTS: usize = 6;

/// What the service acknowledged: position and what must stand there.
#[derive(Default)]
struct Acknowledged {
    positions: Vec<(u64, &'static str)>,
    reports: HashMap<String, Vec<u8>>,
}

type Ledger = Arc<Mutex<Acknowledged>>;

fn note(ledger: &Ledger, reply: &Reply, kind: &'static str) {
    if matches!(reply.status, 200 | 201)
        && let Some(position) = reply.json()["position"].as_u64()
    {
        ledger.lock().unwrap().positions.push((position, kind));
    }
}

/// Does what doctors and patients do until the service is gone.
async fn work(door: Door, ana: Person, bo: Person, ledger: Ledger, seed: u64) {
    for round in 0_u64.. {
        let content = vec![b'a' + u8::try_from(seed % 26).unwrap(); 20_000 + round as usize];
        let meta = ("Letter", "consultation", "text/plain");
        let Some(uploaded) = upload(&door, &ana, meta, content.clone()).await else { return };
        note(&ledger, &uploaded, "records.report_uploaded.v1");
        if uploaded.status != 201 {
            continue;
        }
        let report = uploaded.text("report");
        ledger.lock().unwrap().reports.insert(report.clone(), content);
        let path = format!("/api/v1/patients/{}/view-tokens", ana.id);
        let body = json!({ "report": report, "purpose": "TREAT" });
        let Some(asked) = post(&door, &bo, &path, body).await else { return };
        note(&ledger, &asked, "access.view_token_issued.v1");
        if asked.status != 201 {
            continue;
        }
        let path = format!("/api/v1/patients/{}/viewings", ana.id);
        let body = json!({ "token": asked.text("token") });
        let Some(viewing) = post(&door, &bo, &path, body).await else { return };
        note(&ledger, &viewing, "access.record_viewed.v1");
    }
}

async fn post(door: &Door, who: &Person, path: &str, body: serde_json::Value) -> Option<Reply> {
    let request = who.request(door, reqwest::Method::POST, path).json(&body);
    Some(Reply::of(request.send().await.ok()?).await)
}

async fn upload(
    door: &Door,
    who: &Person,
    (title, category, media_type): (&str, &str, &str),
    bytes: Vec<u8>,
) -> Option<Reply> {
    let path = format!("/api/v1/patients/{}/reports", who.id);
    let body = json!({ "title": title, "category": category, "media_type": media_type });
    let announced = post(door, who, &path, body).await?;
    if announced.status != 201 {
        return None;
    }
    let request = who.request(door, reqwest::Method::PUT, "/api/v1/uploads");
    let request = request.header("Upload-Ticket", announced.text("ticket")).body(bytes);
    Some(Reply::of(request.send().await.ok()?).await)
}

/// Reads on in the log from where the last look ended: dense, chained, every fact readable.
async fn look(data: &Path, check: &mut ChainCheck, facts: &mut Vec<Fact>) {
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let lines = store.read_all(Position(check.taken()), usize::MAX >> 1).await.unwrap();
    for line in &lines {
        check.take(line).unwrap();
        facts.push(line.recorded().unwrap().fact);
    }
}

/// The waits of this story: the kill must fall into the middle of real work, however slow the machine,
/// and at another point of it each time.
async fn wait_for_real_work(ledger: &Ledger, round: u64) {
    let hash = blake3::hash(&round.to_le_bytes());
    let random = |at: usize| u64::from(hash.as_bytes()[at]);
    let acknowledged = || ledger.lock().unwrap().positions.len() as u64;
    let enough = acknowledged() + random(0) % 8;
    let began = std::time::Instant::now();
    while acknowledged() < enough && began.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_micros(random(1) * 200)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_a_hundred_times_under_load_it_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    let (ana, bo, _cy) = server.cast_with(&link).await;
    ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
    let ledger = Ledger::default();
    let mut check = ChainCheck::default();
    let mut facts = Vec::new();
    for round in 0..KILLS {
        let client = |i: usize| {
            let seed = round * CLIENTS as u64 + i as u64;
            tokio::spawn(work((*server).clone(), ana.clone(), bo.clone(), ledger.clone(), seed))
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        wait_for_real_work(&ledger, round).await;
        server.kill();
        for client in clients {
            client.await.unwrap();
        }
        look(&data, &mut check, &mut facts).await;
        for (position, kind) in &ledger.lock().unwrap().positions {
            let found = facts.get(usize::try_from(*position).unwrap()).map(Fact::kind);
            assert_eq!(found, Some(*kind), "acknowledged at position {position}, round {round}");
        }
        server = ServerProcess::start(&data);
    }
    let acknowledged = ledger.lock().unwrap().positions.len();
    println!("{KILLS} kills, {} events, {acknowledged} acknowledged", check.taken());
    assert!(acknowledged > 100, "the load was real");
    read_models_catch_up(&server, &ana, check.taken()).await;
    no_half_report(&server, &ana, &facts, &ledger).await;
}

async fn read_models_catch_up(server: &Door, ana: &Person, length: u64) {
    let newest = length - 1;
    let path = format!("/api/v1/patients/{}/reports?limit=1&min_position={newest}", ana.id);
    ana.get(server, &path).await.expect(200);
}

/// Every report that an event names is whole, the acknowledged ones with what was sent.
async fn no_half_report(server: &Door, ana: &Person, facts: &[Fact], ledger: &Ledger) {
    let sent = std::mem::take(&mut ledger.lock().unwrap().reports);
    let uploaded = facts.iter().filter_map(|fact| fact.body::<ReportUploaded>());
    let uploaded = uploaded.map(|uploaded| (uploaded.report, uploaded.size));
    let uploaded: Vec<(ReportId, u64)> = uploaded.collect();
    assert!(uploaded.len() >= sent.len());
    for (report, size) in uploaded {
        let path = format!("/api/v1/patients/{}/reports/{report}/content", ana.id);
        let content = ana.get(server, &path).await.expect(200).bytes;
        assert_eq!(content.len() as u64, size, "{report}");
        if let Some(sent) = sent.get(&report.to_string()) {
            assert_eq!(&content, sent, "{report}");
        }
    }
}
