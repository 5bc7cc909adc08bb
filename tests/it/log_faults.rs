//! The disk fails or is full under the log's own files: the process stops by itself or waits, never shows
//! what it cannot stand by, and everything is whole afterwards.

use std::path::{Path, PathBuf};

use tests::strace::{Injection, Strace};

use crate::log_story::{
    OPEN, REMOVE, RENAME, SYNC, WRITE, begin, checkpoint_log, full_tiles, guard_folder,
    new_checkpoint, new_guard, partial_folders, partial_tiles, public_folder, tile_folders,
};

/// A call of the log's work that fails.
type Fault = (&'static str, &'static str, fn(&Path) -> Vec<PathBuf>);

/// Calls after which nobody knows what the disk holds, or which say so themselves.
const FAULTS: [Fault; 14] = [
    ("log.db written", WRITE, checkpoint_log),
    ("log.db durable", SYNC, checkpoint_log),
    ("guard made", OPEN, new_guard),
    ("guard written", "write", new_guard),
    ("guard durable", SYNC, new_guard),
    ("guard replaced", RENAME, new_guard),
    ("guard's folder durable", SYNC, guard_folder),
    ("tile written", "write", partial_tiles),
    ("tile durable", SYNC, partial_tiles),
    ("tile in place", RENAME, partial_tiles),
    ("tiles' folder durable", SYNC, tile_folders),
    ("checkpoint written", "write", new_checkpoint),
    ("checkpoint durable", SYNC, new_checkpoint),
    ("checkpoint in place", RENAME, new_checkpoint),
];

/// Where a full disk is nothing worse than a pause: nothing was written that is not written again whole.
const PAUSES: [Fault; 10] = [
    ("log.db written", WRITE, checkpoint_log),
    ("guard made", OPEN, new_guard),
    ("guard written", "write", new_guard),
    ("guard durable", SYNC, new_guard),
    ("guard replaced", RENAME, new_guard),
    ("tile written", "write", partial_tiles),
    ("tile in place", RENAME, partial_tiles),
    ("tiles' folder durable", SYNC, tile_folders),
    ("checkpoint written", "write", new_checkpoint),
    ("checkpoint's folder durable", SYNC, public_folder),
];

/// The same where a tile becomes full, which happens to no later checkpoint again.
const PAUSES_ONCE: [Fault; 3] = [
    ("full tile made", OPEN, full_tiles),
    ("full tile written", "write", full_tiles),
    ("partial tiles removed", REMOVE, partial_folders),
];

fn failing(error: &str, (_, calls, files): &Fault, data: &Path) -> Injection {
    Injection { calls, what: format!("error={error}"), files: files(data) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_stops_the_process_and_the_log_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut story, mut server) = begin(&folder.path().join("data")).await;
    for fault in &FAULTS {
        let what = fault.0;
        let strace = Strace::attach(server.pid(), &failing("EIO", fault, &story.data));
        story.until_gone(&mut server, what, Some(3)).await;
        strace.wait();
        story.look_at_the_files(what).await;
        server = story.again(what).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_logs_files_is_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (mut story, mut server) = begin(&folder.path().join("data")).await;
    for fault in PAUSES.iter().chain(&PAUSES_ONCE) {
        let what = fault.0;
        let strace = Strace::attach(server.pid(), &failing("ENOSPC", fault, &story.data));
        let stands = story.until_it_stands(&server, what).await;
        let message = ["No space left on device", "no storage space"];
        assert!(message.iter().any(|words| stands.contains(words)), "{what}: {stands}");
        strace.let_go();
        let length = story.write_one(&server).await;
        story.covers(&server, length, what).await;
        story.agrees(&server, what).await;
    }
    // What was made up for stands on the disk, not in memory.
    server.kill();
    server = story.again("after all").await;
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_held_up_is_published_without_another_event() {
    let folder = tempfile::tempdir().unwrap();
    let (mut story, server) = begin(&folder.path().join("data")).await;
    for fault in &PAUSES {
        let what = fault.0;
        let injection = failing("ENOSPC", fault, &story.data);
        let strace = Strace::attach(server.pid(), &injection);
        let length = story.write_one(&server).await;
        story.until_it_says_so(&server, what).await;
        strace.let_go();
        story.covers(&server, length, what).await;
        story.agrees(&server, what).await;
    }
}
