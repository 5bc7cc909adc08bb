//! The process is killed at every step between an event and its published checkpoint, and in the middle of
//! finishing what a kill left: the log goes on, and never contradicts what anybody saw of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use infra::checkpoint_store::SqliteCheckpointStore;
use projections::ports::CheckpointStore as _;
use reqwest::Method;
use serde_json::json;
use tests::cast::{Person, all_for_treatment};
use tests::door::{Door, Reply};
use tests::process::ServerProcess;
use tests::program::medlock;
use tests::reader::Reader;
use tests::strace::{Injection, Strace};

/// Clients that write while the process is killed.
const CLIENTS: usize = 4;
/// Requests of one client, more than any step needs to be reached.
const REQUESTS_MAX: usize = 2_000;
/// Kills at no chosen step.
const RANDOM_KILLS: u64 = 16;
/// A round that is started to be killed must be killed within this.
const KILLED_WITHIN: Duration = Duration::from_secs(30);
/// Checkpoints follow each other fast, so that every round sees some.
const SETTINGS: [(&str, &str); 1] = [("MEDLOCK_CHECKPOINT_MILLIS", "20")];

const SYNC: &str = "fsync,fdatasync";
const WRITE: &str = "write,pwrite64";
const RENAME: &str = "rename,renameat,renameat2";
const OPEN: &str = "openat";
const REMOVE: &str = "unlink,unlinkat,rmdir";

/// A step of the log's work: the call that is never made, because the process is killed at it.
struct Step {
    what: &'static str,
    calls: &'static str,
    when: u32,
    files: fn(&Path) -> Vec<PathBuf>,
}

const fn step(
    what: &'static str,
    calls: &'static str,
    when: u32,
    files: fn(&Path) -> Vec<PathBuf>,
) -> Step {
    Step { what, calls, when, files }
}

/// In the order of formats.md §3. Before each call everything above it has happened.
const STEPS: [Step; 24] = [
    step("events written", WRITE, 1, events_log),
    step("events durable", SYNC, 1, events_log),
    step("leaves read", "pread64", 3, events_log),
    step("leaves read again", "pread64", 6, events_log),
    step("swap written", WRITE, 2, checkpoint_log),
    step("swap durable", SYNC, 1, checkpoint_log),
    step("guard made", OPEN, 1, new_guard),
    step("guard written", "write", 1, new_guard),
    step("guard durable", SYNC, 1, new_guard),
    step("guard replaced", RENAME, 1, new_guard),
    step("guard's folder durable", SYNC, 1, guard_folder),
    step("first tile made", OPEN, 1, partial_tiles),
    step("first tile durable", SYNC, 1, partial_tiles),
    step("first tile in place", RENAME, 1, partial_tiles),
    step("second tile durable", SYNC, 2, partial_tiles),
    step("second tile in place", RENAME, 2, partial_tiles),
    step("tiles' folder durable", SYNC, 1, tile_folders),
    step("full tile durable", SYNC, 1, full_tiles),
    step("full tile in place", RENAME, 1, full_tiles),
    step("partial tiles removed", REMOVE, 2, partial_folders),
    step("checkpoint made", OPEN, 1, new_checkpoint),
    step("checkpoint durable", SYNC, 1, new_checkpoint),
    step("checkpoint in place", RENAME, 1, new_checkpoint),
    step("checkpoint's folder durable", SYNC, 1, public_folder),
];

/// Those that a restart takes as well, to finish what was signed and not yet published.
const FINISHING: [Step; 7] = [
    step("first tile made", OPEN, 1, partial_tiles),
    step("second tile in place", RENAME, 2, partial_tiles),
    step("tiles' folder durable", SYNC, 1, tile_folders),
    step("guard durable", SYNC, 1, new_guard),
    step("guard replaced", RENAME, 1, new_guard),
    step("checkpoint durable", SYNC, 1, new_checkpoint),
    step("checkpoint in place", RENAME, 1, new_checkpoint),
];

fn events_log(data: &Path) -> Vec<PathBuf> {
    vec![data.join("events.db-wal")]
}

fn checkpoint_log(data: &Path) -> Vec<PathBuf> {
    vec![data.join("log.db-wal")]
}

fn new_guard(data: &Path) -> Vec<PathBuf> {
    vec![data.with_extension("guard.new")]
}

fn guard_folder(data: &Path) -> Vec<PathBuf> {
    vec![data.parent().unwrap().to_owned()]
}

fn new_checkpoint(data: &Path) -> Vec<PathBuf> {
    vec![data.join("log/checkpoint.new")]
}

fn public_folder(data: &Path) -> Vec<PathBuf> {
    vec![data.join("log")]
}

/// Hashes and entries of the first leaves there will be, a few more than these rounds make.
fn kinds(data: &Path) -> Vec<PathBuf> {
    let numbers = (0..24).map(|number| format!("{number:03}"));
    let paths = numbers.flat_map(|n| [format!("log/tile/0/{n}"), format!("log/tile/entries/{n}")]);
    paths.map(|path| data.join(path)).collect()
}

fn tile_folders(data: &Path) -> Vec<PathBuf> {
    partial_folders(data)
        .into_iter()
        .chain(["0", "entries"].map(|kind| data.join("log/tile").join(kind)))
        .collect()
}

fn partial_folders(data: &Path) -> Vec<PathBuf> {
    kinds(data).iter().map(|full| full.with_extension("p")).collect()
}

fn partial_tiles(data: &Path) -> Vec<PathBuf> {
    let widths = |folder: PathBuf| (1..256).map(move |width| folder.join(format!("{width}.new")));
    partial_folders(data).into_iter().flat_map(widths).collect()
}

fn full_tiles(data: &Path) -> Vec<PathBuf> {
    kinds(data).iter().map(|full| full.with_extension("new")).collect()
}

impl Step {
    fn kill(&self, data: &Path) -> Injection {
        let what = format!("signal=KILL:when={}", self.when);
        Injection { calls: self.calls, what, files: (self.files)(data) }
    }
}

/// Writes events until the service is gone; `false` if it never is.
async fn write(door: Door, ana: Person, bo: Person, report: String) -> bool {
    let path = format!("/api/v1/patients/{}/view-tokens", ana.id);
    for _ in 0..REQUESTS_MAX {
        let body = json!({ "report": report, "purpose": "TREAT" });
        let asked = bo.request(&door, Method::POST, &path).json(&body).send().await;
        let Ok(answer) = asked else { return true };
        let reply = Reply::of(answer).await;
        assert!(reply.status == 201 || reply.bytes.is_empty(), "{}", reply.code());
    }
    false
}

/// Reads the published checkpoint until the service is gone.
async fn watch(door: Door) -> Vec<Vec<u8>> {
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
struct Story {
    data: PathBuf,
    ana: Person,
    bo: Person,
    report: String,
    reader: Reader,
}

impl Story {
    /// Lets clients write until the service is gone; keeps what was shown meanwhile.
    async fn until_killed(&mut self, server: &mut ServerProcess, what: &str) {
        let client = |_| {
            let (door, ana, bo) = ((**server).clone(), self.ana.clone(), self.bo.clone());
            tokio::spawn(write(door, ana, bo, self.report.clone()))
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        let watching = tokio::spawn(watch((**server).clone()));
        for client in clients {
            assert!(client.await.unwrap(), "{what}: the service never came there");
        }
        assert_eq!(server.wait(), None, "{what}: it was killed");
        for note in watching.await.unwrap() {
            self.reader.was_shown(&note).unwrap_or_else(|words| panic!("{what}: {words}"));
        }
    }

    /// Keeps what lies in the files of a service that is dead, published or not.
    async fn look_at_the_files(&mut self, what: &str) {
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
    async fn again(&mut self, what: &str) -> ServerProcess {
        let server = ServerProcess::start_with(&self.data, &SETTINGS);
        self.agrees(&server, what).await;
        server
    }

    async fn agrees(&mut self, server: &ServerProcess, what: &str) {
        let agreed = self.reader.agrees_with(server).await;
        agreed.unwrap_or_else(|words| panic!("{what}: {words}"));
        let verified = Command::new(medlock())
            .args(["verify", "--data"])
            .arg(&self.data)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&verified.stdout);
        assert_eq!(verified.status.code(), Some(0), "{what}: {told}");
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

async fn begin(data: &Path) -> (Story, ServerProcess) {
    let server = ServerProcess::start_with(data, &SETTINGS);
    let link = server.link.clone().unwrap();
    let (ana, bo, _cy) = server.cast_with(&link).await;
    ana.grant(&server, all_for_treatment(&server, &bo.id)).await.expect(201);
    let report = ana.letter(&server, &ana.id, "Letter").await;
    let reader = Reader::of(&server).await;
    (Story { data: data.to_owned(), ana, bo, report, reader }, server)
}

impl Story {
    /// One kill while clients write, and the start after it.
    async fn round(&mut self, server: &mut ServerProcess, what: &str, kill: &Injection) {
        let strace = Strace::attach(server.pid(), kill);
        self.until_killed(server, what).await;
        strace.wait();
        self.look_at_the_files(what).await;
    }

    /// A start that is killed at `step`.
    async fn killed_while_it_starts(&mut self, step: &Step) {
        let mut held = None;
        let hold = |pid| held = Some(Strace::attach(pid, &step.kill(&self.data)));
        let what = step.what;
        match ServerProcess::start_held(&self.data, &SETTINGS, hold) {
            Err(code) => assert_eq!(code, None, "{what}: killed"),
            Ok(mut server) => {
                let watching = tokio::time::timeout(KILLED_WITHIN, watch((*server).clone())).await;
                let shown = watching.unwrap_or_else(|_| panic!("{what}: it never came there"));
                for note in shown {
                    self.reader.was_shown(&note).unwrap();
                }
                assert_eq!(server.wait(), None, "{what}: killed");
            }
        }
        held.unwrap().wait();
        self.look_at_the_files(what).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_step_the_log_never_contradicts_what_it_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut story, mut server) = begin(&folder.path().join("data")).await;
    for step in &STEPS {
        story.round(&mut server, step.what, &step.kill(&story.data.clone())).await;
        server = story.again(step.what).await;
    }
    println!("{} kills, {} checkpoints", STEPS.len(), story.reader.remembers());
    assert!(story.reader.remembers() > STEPS.len(), "checkpoints were made all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_finishes_what_a_kill_left_the_log_finishes_it_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let (mut story, mut server) = begin(&folder.path().join("data")).await;
    let signed = STEPS.iter().find(|step| step.what == "guard made").unwrap();
    for step in &FINISHING {
        story.round(&mut server, signed.what, &signed.kill(&story.data.clone())).await;
        story.killed_while_it_starts(step).await;
        server = story.again(step.what).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_the_log_never_contradicts_what_it_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut story, mut server) = begin(&folder.path().join("data")).await;
    for round in 0..RANDOM_KILLS {
        // Any call of any thread, counted for each kind of call: as good as a random moment.
        let when = 2 + u32::from(blake3::hash(&round.to_le_bytes()).as_bytes()[0]) / 4;
        let what = format!("signal=KILL:when={when}");
        let kill = Injection { calls: "all", what: what.clone(), files: Vec::new() };
        story.round(&mut server, &what, &kill).await;
        server = story.again(&what).await;
    }
}
