//! The process is killed at every step between an event and its published checkpoint, and in the middle of
//! finishing what a kill left: the log goes on, and never contradicts what anybody saw of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tests::process::ServerProcess;
use tests::strace::{Injection, Strace};

use crate::log_story::{
    OPEN, REMOVE, RENAME, SETTINGS, SYNC, Story, WRITE, begin, checkpoint_log, events_log,
    full_tiles, guard_folder, new_checkpoint, new_guard, partial_folders, partial_tiles,
    public_folder, tile_folders, watch,
};

/// Kills at no chosen step.
const RANDOM_KILLS: u64 = 16;
/// A round that is started to be killed must be killed within this.
const KILLED_WITHIN: Duration = Duration::from_secs(30);

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
const STEPS: [Step; 23] = [
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

impl Step {
    fn kill(&self, data: &Path) -> Injection {
        let what = format!("signal=KILL:when={}", self.when);
        Injection { calls: self.calls, what, files: (self.files)(data) }
    }
}

impl Story {
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
