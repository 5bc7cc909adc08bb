//! A disk that says an fsync failed, injected into the running service: it must not go on as if the page
//! cache had told the truth.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use commands::ports::event_store::EventStore as _;
use domain::journal::Position;
use domain::journal::chain::ChainCheck;
use infra::event_store::SqliteEventStore;
use tests::cast::all_for_treatment;
use tests::process::ServerProcess;

/// Makes every fsync of a process fail from now on.
pub(crate) fn break_the_disk(pid: u32) -> Child {
    inject(pid, &["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"])
}

/// Makes calls of a process fail from now on, as `strace` is told.
pub(crate) fn inject(pid: u32, what: &[&str]) -> Child {
    let strace = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null"])
        .args(what)
        .args(["-p", &pid.to_string()])
        .stderr(Stdio::null())
        .spawn()
        .expect("strace is installed by the test command");
    let traced = |task: &Path| {
        let status = std::fs::read_to_string(task.join("status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
    };
    // Until every thread is held: seconds at most, and nothing else says so.
    let held = (0..2_000).any(|_| {
        std::thread::yield_now();
        let mut tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        tasks.all(|task| traced(&task.unwrap().path()))
    });
    assert!(held, "the process could not be traced: run as root");
    strace
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

    let mut strace = break_the_disk(server.pid());
    let path = format!("/api/v1/patients/{}/viewings/{viewing}/pages/1", ana.id);
    let asked = bo.request(&server, reqwest::Method::GET, &path).send().await;
    if let Ok(reply) = asked {
        assert_ne!(reply.status(), 200, "a page was shown though its event may not be on the disk");
        let body = reply.bytes().await.unwrap_or_default();
        assert!(!body.starts_with(b"\x89PNG"));
    }
    let code = server.wait();
    assert_eq!(code, Some(3), "the process stops by itself and says that the environment failed");
    strace.wait().unwrap();

    let server = ServerProcess::start(&data);
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    let mut check = ChainCheck::default();
    for line in store.read_all(Position(0), 100_000).await.unwrap() {
        check.take(&line).unwrap();
    }
    bo.page(&server, &ana.id, &viewing, 1).await.expect(200);
}
