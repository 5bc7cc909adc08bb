//! An installation whose log is watched while its process is killed and its disk fails: who writes, who
//! reads, and which files the log's work goes through.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use infra::checkpoint_store::SqliteCheckpointStore;
use reqwest::Method;
use serde_json::json;
use tests::cast::Person;
use tests::door::{Door, Reply};
use tests::process::ServerProcess;
use tests::program::medlock;
use tests::reader::OutsideReader;
use tests::strace::{Injection, Strace};
use transparency::ports::CheckpointStore as _;

/// Clients that write while the process is killed.
const CLIENTS: usize = 4;
/// Requests of one client, more than any step needs to be reached.
const REQUESTS_MAX: usize = 2_000;
/// An event must be covered by a published checkpoint within this, once nothing stands in the way.
const COVERED_WITHIN: Duration = Duration::from_secs(20);
/// Checkpoints follow each other fast, so that every round sees some.
pub(crate) const SETTINGS: [(&str, &str); 1] = [("MEDLOCK_TRANSPARENCY__CHECKPOINT_MILLIS", "20")];

pub(crate) const SYNC: &str = "fsync,fdatasync";
pub(crate) const WRITE: &str = "write,pwrite64";
pub(crate) const RENAME: &str = "rename,renameat,renameat2";
pub(crate) const OPEN: &str = "openat";
pub(crate) const REMOVE: &str = "unlink,unlinkat,rmdir";

pub(crate) fn events_log(data: &Path) -> Vec<PathBuf> {
    vec![data.join("events.db-wal")]
}

pub(crate) fn checkpoint_log(data: &Path) -> Vec<PathBuf> {
    vec![data.join("log.db-wal")]
}

pub(crate) fn new_guard(data: &Path) -> Vec<PathBuf> {
    vec![data.with_extension("guard.new")]
}

pub(crate) fn guard_folder(data: &Path) -> Vec<PathBuf> {
    vec![data.parent().unwrap().to_owned()]
}

pub(crate) fn new_checkpoint(data: &Path) -> Vec<PathBuf> {
    vec![data.join("log/checkpoint.new")]
}

pub(crate) fn public_folder(data: &Path) -> Vec<PathBuf> {
    vec![data.join("log")]
}

/// Hashes and entries of the first leaves there will be, a few more than these rounds make.
fn kinds(data: &Path) -> Vec<PathBuf> {
    let numbers = (0..24).map(|number| format!("{number:03}"));
    let paths = numbers.flat_map(|n| [format!("log/tile/0/{n}"), format!("log/tile/entries/{n}")]);
    paths.map(|path| data.join(path)).collect()
}

pub(crate) fn tile_folders(data: &Path) -> Vec<PathBuf> {
    partial_folders(data)
        .into_iter()
        .chain(["0", "entries"].map(|kind| data.join("log/tile").join(kind)))
        .collect()
}

pub(crate) fn partial_folders(data: &Path) -> Vec<PathBuf> {
    kinds(data).iter().map(|full| full.with_extension("p")).collect()
}

pub(crate) fn partial_tiles(data: &Path) -> Vec<PathBuf> {
    let widths = |folder: PathBuf| (1..256).map(move |width| folder.join(format!("{width}.new")));
    partial_folders(data).into_iter().flat_map(widths).collect()
}

pub(crate) fn full_tiles(data: &Path) -> Vec<PathBuf> {
    kinds(data).iter().map(|full| full.with_extension("new")).collect()
}

/// Writes one event, a small report; none if the service is gone.
async fn ask(door: &Door, ana: &Person) -> Option<Reply> {
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    let about =
        json!({ "title": "Letter", "category": "consultation", "media_type": "text/plain" });
    let announced = ana.request(door, Method::POST, &path).json(&about).send().await;
    let announced = Reply::of(announced.ok()?).await;
    let Some(ticket) = announced.json()["ticket"].as_str().map(str::to_owned) else {
        return Some(announced);
    };
    let upload = ana.request(door, Method::PUT, "/api/v1/uploads").header("Upload-Ticket", ticket);
    Some(Reply::of(upload.body("All is well.").send().await.ok()?).await)
}

/// Writes events until the service is gone; `false` if it never is.
async fn write(door: Door, ana: Person) -> bool {
    for _ in 0..REQUESTS_MAX {
        let Some(reply) = ask(&door, &ana).await else { return true };
        // The last words of a process that stops by itself.
        let goes = reply.status >= 500 || reply.bytes.is_empty();
        assert!(reply.status == 201 || goes, "{}", reply.code());
    }
    false
}

/// Reads the published checkpoint until the service is gone.
pub(crate) async fn watch(door: Door) -> Vec<Vec<u8>> {
    let mut shown: Vec<Vec<u8>> = Vec::new();
    while let Ok(answer) = door.client.get(format!("{}/log/checkpoint", door.url)).send().await {
        let reply = Reply::of(answer).await;
        if reply.status == 200 && !reply.bytes.is_empty() && shown.last() != Some(&reply.bytes) {
            shown.push(reply.bytes);
        }
    }
    shown
}

/// The story so far.
pub(crate) struct Story {
    pub(crate) data: PathBuf,
    ana: Person,
    pub(crate) reader: OutsideReader,
}

impl Story {
    /// Lets clients write until the service is gone; keeps what was shown meanwhile.
    pub(crate) async fn until_gone(
        &mut self,
        server: &mut ServerProcess,
        what: &str,
        code: Option<i32>,
    ) {
        let client = |_| {
            let door = (**server).clone();
            let ana = self.ana.clone();
            tokio::spawn(write(door, ana))
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        let watching = tokio::spawn(watch((**server).clone()));
        for client in clients {
            assert!(client.await.unwrap(), "{what}: the service never came there");
        }
        assert_eq!(server.wait(), code, "{what}: how it ended");
        for note in watching.await.unwrap() {
            self.reader.was_shown(&note).unwrap_or_else(|words| panic!("{what}: {words}"));
        }
    }

    /// Writes one event; answers how long the log is with it.
    pub(crate) async fn write_one(&self, server: &Door) -> u64 {
        let reply = ask(server, &self.ana).await.unwrap().expect(201);
        reply.json()["position"].as_u64().unwrap() + 1
    }

    /// Writes events until the log stands still; answers why it says it does.
    pub(crate) async fn until_it_stands(&mut self, server: &Door, what: &str) -> String {
        for _ in 0..REQUESTS_MAX {
            self.write_one(server).await;
            let shown = server.get("/log/checkpoint").await.expect(200).bytes;
            self.reader.was_shown(&shown).unwrap_or_else(|words| panic!("{what}: {words}"));
            let message = server.get("/readyz").await.text("transparency_log");
            if message != "ok" {
                return message;
            }
        }
        panic!("{what}: the log never stood still");
    }

    /// Waits until the log says that it stands still.
    pub(crate) async fn until_it_says_so(&self, server: &Door, what: &str) {
        let says = async { while server.get("/readyz").await.text("transparency_log") == "ok" {} };
        let said = tokio::time::timeout(COVERED_WITHIN, says).await;
        assert!(said.is_ok(), "{what}: the log never said that it stands still");
    }

    /// Waits until the log shows a checkpoint of `length` events.
    pub(crate) async fn covers(&mut self, server: &Door, length: u64, what: &str) {
        let shown = async {
            loop {
                let shown = server.get("/log/checkpoint").await.expect(200).bytes;
                let shown = self.reader.was_shown(&shown);
                if shown.unwrap_or_else(|words| panic!("{what}: {words}")).size >= length {
                    return;
                }
            }
        };
        let covered = tokio::time::timeout(COVERED_WITHIN, shown).await;
        if covered.is_err() {
            let ready = server.get("/readyz").await;
            let message = String::from_utf8_lossy(&ready.bytes).into_owned();
            panic!("{what}: no checkpoint of {length} events was published: {message}");
        }
    }

    /// Keeps what lies in the files of a service that is dead, published or not.
    pub(crate) async fn look_at_the_files(&mut self, what: &str) {
        let guard = std::fs::read(self.data.with_extension("guard")).ok();
        let signed = last_signed(&self.data).await;
        let published = std::fs::read(self.data.join("log/checkpoint")).ok();
        for note in [guard, signed].into_iter().flatten() {
            self.reader.saw(&note).unwrap_or_else(|words| panic!("{what}: {words}"));
        }
        if let Some(note) = published {
            self.reader.was_shown(&note).unwrap_or_else(|words| panic!("{what}: {words}"));
        }
    }

    /// Starts the service again: everything is whole, and nothing contradicts what was seen.
    pub(crate) async fn again(&mut self, what: &str) -> ServerProcess {
        let server = ServerProcess::start_with(&self.data, &SETTINGS);
        self.agrees(&server, what).await;
        server
    }

    pub(crate) async fn agrees(&mut self, server: &ServerProcess, what: &str) {
        let agreed = self.reader.agrees_with(server).await;
        agreed.unwrap_or_else(|words| panic!("{what}: {words}"));
        let verified = Command::new(medlock())
            .args(["verify", "--data"])
            .arg(&self.data)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let message = String::from_utf8_lossy(&verified.stdout);
        assert_eq!(verified.status.code(), Some(0), "{what}: {message}");
    }
}

/// What `log.db` holds, read from a copy: whoever opens the file itself would tidy up after the kill.
async fn last_signed(data: &Path) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["log.db", "log.db-wal"] {
        if data.join(name).is_file() {
            std::fs::copy(data.join(name), folder.path().join(name)).unwrap();
        }
    }
    let store = SqliteCheckpointStore::open(&folder.path().join("log.db")).await.unwrap();
    store.last().await.unwrap()
}

pub(crate) async fn begin(data: &Path) -> (Story, ServerProcess) {
    let server = ServerProcess::start_with(data, &SETTINGS);
    let link = server.link.clone().unwrap();
    let (ana, _bo, _cy) = server.cast_with(&link).await;
    let reader = OutsideReader::of(&server).await;
    (Story { data: data.to_owned(), ana, reader }, server)
}

impl Story {
    /// One kill while clients write, and the start after it.
    pub(crate) async fn round(&mut self, server: &mut ServerProcess, what: &str, kill: &Injection) {
        let strace = Strace::attach(server.pid(), kill);
        self.until_gone(server, what, None).await;
        strace.wait();
        self.look_at_the_files(what).await;
    }
}
