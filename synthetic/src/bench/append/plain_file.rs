//! A group-commit writer that does no more than a store must: hash, line and leaf into a file whose blocks
//! are there already, one fdatasync a batch. Reads nothing, finds nothing, checks nothing.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use commands::ports::event_store::Append;
use domain::journal;
use tokio::sync::{mpsc, oneshot};

/// The file is written through again and again.
const FILE_BYTES: u64 = 256 << 20;
const APPENDS_MAX: usize = 512;
/// Looks into the queue for one who is expected: some tens of microseconds.
const PATIENCE: u32 = 2_000;

struct WaitingLine {
    append: Append,
    written: oneshot::Sender<()>,
}

/// The writer's front; it stops when this is dropped.
pub(super) struct PlainFile(mpsc::Sender<WaitingLine>);

impl PlainFile {
    /// Writes zeros into all blocks: blocks that are only reserved cost a journal commit at first use.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = File::create(path)?;
        let zeros = vec![0; 1 << 20];
        for block in 0..FILE_BYTES >> 20 {
            file.write_all_at(&zeros, block << 20)?;
        }
        file.sync_all()?;
        let (jobs, queue) = mpsc::channel(1_024);
        std::thread::spawn(move || write(&file, queue));
        Ok(Self(jobs))
    }

    /// Comes back when the append is durable.
    pub(super) async fn append(&self, append: Append) -> io::Result<()> {
        let (written, answer) = oneshot::channel();
        let gone = |()| io::Error::other("the plain file could not be written");
        self.0.send(WaitingLine { append, written }).await.map_err(|_| gone(()))?;
        answer.await.map_err(|_| gone(()))
    }
}

/// Ends at the first error; whoever waits sees the answer's other end go.
fn write(file: &File, mut queue: mpsc::Receiver<WaitingLine>) {
    let (mut at, mut answered) = (0, 1);
    while let Some(first) = queue.blocking_recv() {
        let waiting = gather(&mut queue, first, answered);
        let mut bytes = Vec::new();
        for line in waiting.iter().flat_map(|one| &one.append.lines) {
            bytes.extend_from_slice(&journal::hash(&line.bytes).0);
            bytes.extend_from_slice(&line.bytes);
            bytes.extend_from_slice(&line.leaf.0);
        }
        if at + bytes.len() as u64 > FILE_BYTES {
            at = 0;
        }
        if file.write_all_at(&bytes, at).and_then(|()| file.sync_data()).is_err() {
            return;
        }
        at += bytes.len() as u64;
        answered = waiting.len();
        for one in waiting {
            let _ = one.written.send(());
        }
    }
}

/// Takes all that waits. Those who were answered last are likely to come back: as long as fewer are there,
/// it stays a little for each that comes.
fn gather(
    queue: &mut mpsc::Receiver<WaitingLine>,
    first: WaitingLine,
    answered: usize,
) -> Vec<WaitingLine> {
    let mut waiting = vec![first];
    let mut idle = 0;
    while waiting.len() < APPENDS_MAX {
        match queue.try_recv() {
            Ok(job) => {
                waiting.push(job);
                idle = 0;
            }
            Err(_) if waiting.len() < answered && idle < PATIENCE => {
                idle += 1;
                std::hint::spin_loop();
            }
            Err(_) => break,
        }
    }
    waiting
}
