//! A disk that is full, for real: a small file system of its own. Not one clinical byte leaves without its
//! event, nothing acknowledged is lost, and everything goes on when there is space again.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use commands::ports::event_store::EventStore as _;
use domain::journal::Position;
use domain::journal::chain::ChainCheck;
use infra::event_store::SqliteEventStore;
use tests::cast::{Person, all_for_treatment};
use tests::door::{Door, Reply};
use tests::process::ServerProcess;

/// Size of the file system: room for the service, soon full.
const DISK: &str = "size=16m,mode=0700";
/// What the report says: must not be seen when the log cannot be written.
const SECRET: &[u8] = b"haemoglobin twelve point one";

/// A small file system, mounted for one story. Needs root, as the machine of every run has.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
            .arg(folder.path())
            .status()
            .unwrap();
        assert!(mounted.success(), "a small file system could not be mounted: run as root");
        Self { folder }
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }

    /// Takes every byte that is left.
    fn fill(&self) {
        let mut file =
            fs::OpenOptions::new().create(true).append(true).open(self.filler()).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        while file.write_all(&[0]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the story may have failed with the service still running.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

async fn log(data: &Path) -> Vec<domain::journal::Line> {
    let store = SqliteEventStore::open_read_only(&data.join("events.db"), 1).await.unwrap();
    store.read_all(Position(0), 1_000_000).await.unwrap()
}

fn shows_something(reply: &Reply) -> bool {
    let png = reply.bytes.starts_with(b"\x89PNG");
    png || reply.bytes.windows(SECRET.len()).any(|window| window == SECRET)
}

/// Asks until the disk refuses. Every answer before that must have its event; none after may show anything.
async fn until_refused(
    data: &Path,
    ask: impl AsyncFn() -> Reply,
    event_of: impl Fn(&Reply) -> Option<u64>,
) -> u32 {
    for answered in 0..2_000 {
        let reply = ask().await;
        if reply.status == 507 {
            assert_eq!(reply.code(), "disk_full");
            assert!(!shows_something(&reply), "a refusal showed something");
            return answered;
        }
        assert_eq!(reply.status, 200, "{}", reply.code());
        if let Some(position) = event_of(&reply) {
            let log = log(data).await;
            assert!(log.len() as u64 > position, "shown at {position} without a durable event");
        }
    }
    panic!("the disk never filled up");
}

async fn page(door: &Door, bo: &Person, ana: &Person, viewing: &str) -> Reply {
    bo.page(door, &ana.id, viewing, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_full_disk_nothing_is_shown_and_nothing_is_lost() {
    let disk = SmallDisk::mount();
    let data = disk.folder.path().join("data");
    let server = ServerProcess::start(&data);
    let link = server.link.clone().unwrap();
    let (ana, bo, _cy) = server.cast_with(&link).await;
    ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
    let text = ("Blood count", "laboratory", "text/plain");
    let report = ana.upload(&server, &ana.id, text, SECRET.to_vec()).await.expect(201);
    let report = report.text("report");
    let token = bo.ask(&server, &ana.id, &report).await.expect(201).text("token");
    let viewing = bo.redeem(&server, &ana.id, &token).await.expect(201).text("viewing");
    page(&server, &bo, &ana, &viewing).await.expect(200);
    let before = log(&data).await;

    disk.fill();
    let position = |reply: &Reply| reply.header("medlock-position").parse().ok();
    until_refused(&data, async || page(&server, &bo, &ana, &viewing).await, position).await;
    let content = format!("/api/v1/patients/{}/reports/{report}/content", ana.id);
    until_refused(&data, async || ana.get(&server, &content).await, |_| None).await;
    let titles = format!("/api/v1/patients/{}/reports", ana.id);
    let refused = bo.get(&server, &titles).await;
    assert!(refused.status == 507 && !refused.bytes.windows(11).any(|w| w == b"Blood count"));
    bo.ask(&server, &ana.id, &report).await.refused(507, "disk_full");
    ana.upload(&server, &ana.id, text, vec![7; 100_000]).await.refused(507, "disk_full");

    disk.free();
    page(&server, &bo, &ana, &viewing).await.expect(200);
    assert_eq!(ana.get(&server, &content).await.expect(200).bytes, SECRET);
    ana.upload(&server, &ana.id, text, vec![b'x'; 100_000]).await.expect(201);

    let after = log(&data).await;
    assert_eq!(after[..before.len()], before[..], "what was acknowledged stands as it stood");
    let mut check = ChainCheck::default();
    for line in &after {
        check.take(line).unwrap();
    }
    let incoming = fs::read_dir(data.join("blobs/incoming")).unwrap().count();
    assert_eq!(incoming, 0, "a refused upload left something behind");
    server.kill();
}
