//! What one may not know costs the same work as what is so: counted in events and in what is made
//! durable, not in milliseconds.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use serde_json::json;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnectOptions;
use tests::cast::PASSWORD;
use tests::door::Reply;
use tests::process::ServerProcess;
use tests::strace::DurableWork;

/// What a request cost: how often each of the databases was made durable.
async fn cost(server: &ServerProcess, asked: impl Future<Output = Reply>) -> (String, Cost) {
    let work = DurableWork::of(server.pid());
    let reply = asked.await;
    let mut files = work.done();
    // The log's own files follow every event on a clock of their own, and so do the cursors of reactions.
    let decided = |name: &String, _: &mut usize| {
        name.starts_with("events.db") || name.starts_with("vault.db")
    };
    files.retain(decided);
    (format!("{} {}", reply.status, reply.without_trace()), files)
}

type Cost = BTreeMap<String, usize>;

/// One event is one write of the log, and of nothing else.
fn one_event() -> Cost {
    [("events.db-wal".to_owned(), 1)].into()
}

/// How many events the log holds.
async fn events(data: &Path) -> i64 {
    let options = SqliteConnectOptions::new().filename(data.join("events.db")).read_only(true);
    let mut shell = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&mut shell).await;
    shell.close().await.unwrap();
    count.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_wrong_password_costs_the_same_for_an_address_that_nobody_has() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = ServerProcess::start(&data);
    server.patient("Ana Acker", "ana@example.org").await;
    for start in ["after the registration", "after a restart"] {
        let mut answers = Vec::new();
        for email in ["ana@example.org", &format!("nobody.{}@example.org", server.pid())] {
            let body = json!({ "email": email, "password": "wrong", "client": "browser" });
            let (answer, cost) = cost(&server, server.post("/api/v1/sessions", body)).await;
            assert_eq!(cost, one_event(), "{email} {start}");
            answers.push(answer);
        }
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].starts_with("401 "), "{}", answers[0]);
        server.kill();
        server = ServerProcess::start(&data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_costs_the_same_with_an_address_that_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(&folder.path().join("data"));
    server.patient("Ana Acker", "ana@example.org").await;
    let mut costs = Vec::new();
    for email in ["ana@example.org", "free@example.org"] {
        let form = json!({
            "name": "Ana Acker", "birth_date": "1980-02-29", "email": email, "password": PASSWORD,
        });
        let work = DurableWork::of(server.pid());
        server.post("/api/v1/patients", form).await.expect(202);
        let mut files = work.done();
        // Models, checkpoints and the guard follow every event on a clock of their own: the registration
        // before may be among it.
        let asked = ["work.db", "events.db", "vault.db", "outbox"];
        files.retain(|name, _| {
            name.ends_with(".part") || asked.iter().any(|own| name.starts_with(own))
        });
        // A letter has a name of its own.
        let letters = files.keys().filter(|name| name.ends_with(".part")).count();
        files.retain(|name, _| !name.ends_with(".part"));
        costs.push((letters, files));
    }
    assert_eq!(costs[0], costs[1]);
    let (letters, files) = &costs[0];
    assert_eq!((*letters, files.get("work.db-wal")), (1, Some(&1)), "{files:?}");
    assert_eq!(files.get("events.db-wal"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_learns_from_no_cost_whether_there_is_a_patient() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    let (ana, bo, _) = server.cast_with(&link).await;
    let report = "0198c0de-0000-7000-8000-000000000001";
    let unknown = "0198c0de-0000-7000-8000-000000000002";
    let before = events(&data).await;
    let mut answers = Vec::new();
    for patient in [ana.id.as_str(), unknown] {
        let (answer, cost) = cost(&server, bo.ask(&server, patient, report)).await;
        assert_eq!(cost, one_event(), "{patient}");
        answers.push(answer.replace(patient, "PATIENT"));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].starts_with("404 "), "{}", answers[0]);
    assert_eq!(events(&data).await, before + 2);
    // Asked again within the minute, neither is remembered once more.
    for patient in [ana.id.as_str(), unknown] {
        let (_, cost) = cost(&server, bo.ask(&server, patient, report)).await;
        assert_eq!(cost, Cost::new(), "{patient}");
    }
    assert_eq!(events(&data).await, before + 2);
}
