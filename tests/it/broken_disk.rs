//! A disk that says an fsync failed, injected into the running service: it must not go on as if the page
//! cache had told the truth.

use commands::ports::event_store::EventStore as _;
use domain::journal::Position;
use domain::journal::chain::ChainCheck;
use infra::event_store::SqliteEventStore;
use tests::cast::all_for_treatment;
use tests::process::ServerProcess;
use tests::strace::{Injection, Strace};

/// Makes every fsync of a process fail from now on.
pub(crate) fn break_the_disk(pid: u32) -> Strace {
    let what = "error=EIO".to_owned();
    Strace::attach(pid, &Injection { calls: "fsync,fdatasync", what, files: Vec::new() })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_fsync_that_fails_stops_the_process_and_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    let (ana, bo, _cy) = server.cast_with(&link).await;
    ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
    let text = ("Letter", "consultation", "text/plain");
    let report = ana.upload(&server, &ana.id, text, b"All is well.".to_vec()).await.expect(201);
    let report = report.text("report");
    let token = bo.ask(&server, &ana.id, &report).await.expect(201).text("token");
    let viewing = bo.redeem(&server, &ana.id, &token).await.expect(201).text("viewing");
    bo.page(&server, &ana.id, &viewing, 1).await.expect(200);

    let strace = break_the_disk(server.pid());
    let path = format!("/api/v1/patients/{}/viewings/{viewing}/pages/1", ana.id);
    let asked = bo.request(&server, reqwest::Method::GET, &path).send().await;
    if let Ok(reply) = asked {
        assert_ne!(reply.status(), 200, "a page was shown though its event may not be on the disk");
        let body = reply.bytes().await.unwrap_or_default();
        assert!(!body.starts_with(b"\x89PNG"));
    }
    let code = server.wait();
    assert_eq!(code, Some(3), "the process stops by itself and says that the environment failed");
    strace.wait();

    let server = ServerProcess::start(&data);
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let mut check = ChainCheck::default();
    for line in store.read_all(Position(0), 100_000).await.unwrap() {
        check.take(&line).unwrap();
    }
    bo.page(&server, &ana.id, &viewing, 1).await.expect(200);
}
