//! The review of every access in a log: whether it had a permit in force, from the events alone.

pub mod access;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use domain::access::review::Review;
use domain::fact::FactError;
use domain::fold::Recorded;
use domain::ids::StreamName;
use domain::journal::line::UnreadableEvent;
use domain::journal::{Envelope, LINE_BYTES_MAX, Position};
use futures::stream::{self, Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

use self::access::Access;
use crate::export::format::{LINES_FILE, MANIFEST_FILE, Manifest, POSITIONS_FILE};
use crate::ports::{OpenedLog, Progress, StoredLines};

/// Lines read and decoded at a time.
const LINES: usize = 1_024;
/// Batches under way at once, for each core.
const BATCHES_PER_CORE: usize = 2;

/// Judges every access of a log.
///
/// # Errors
/// If it could not look; what is wrong is in the answer.
pub async fn log(
    log: &OpenedLog,
    review: Review,
    progress: &dyn Progress,
) -> anyhow::Result<Access> {
    progress.begin(log.length, "judging");
    let ranges = (0..log.length).step_by(LINES).map(|from| {
        let until = log.length.min(from + LINES as u64);
        tokio::spawn(ReadableEvents::of_log(Arc::clone(&log.lines), from, until))
    });
    fold(review, stream::iter(ranges), progress).await
}

/// An event, as far as this program can read it.
enum Event {
    Known(Box<Recorded>),
    /// Of a type or an actor that a later version wrote.
    Unknown(StreamName, Position),
}

/// Events in order, up to the first that cannot be read.
#[derive(Default)]
struct ReadableEvents {
    events: Vec<Event>,
    broken: Option<String>,
}

impl ReadableEvents {
    fn take(&mut self, position: Position, line: &[u8]) -> bool {
        match event(position, line) {
            Ok(event) => self.events.push(event),
            Err(error) => self.broken = Some(format!("position {position}: {error}")),
        }
        self.broken.is_none()
    }

    async fn of_log(stored: Arc<dyn StoredLines>, from: u64, until: u64) -> anyhow::Result<Self> {
        let mut batch = Self::default();
        let mut next = from;
        while next < until && batch.broken.is_none() {
            let limit = usize::try_from(until - next).unwrap_or(LINES);
            let lines = match stored.of_log(Position(next), limit).await {
                Ok(lines) => lines,
                Err(error) => {
                    let damage = error.damage().map(ToOwned::to_owned).ok_or(error)?;
                    batch.broken = Some(format!("position {next}: {damage}"));
                    break;
                }
            };
            if lines.is_empty() {
                batch.broken = Some(format!("position {next}: the line is missing"));
            }
            for line in &lines {
                if !batch.take(line.position, &line.bytes) {
                    break;
                }
            }
            next += lines.len() as u64;
        }
        Ok(batch)
    }
}

fn event(position: Position, line: &[u8]) -> Result<Event, UnreadableEvent> {
    let envelope = Envelope::read(line)?;
    match envelope.recorded(position) {
        Ok(recorded) => Ok(Event::Known(Box::new(recorded))),
        Err(UnreadableEvent::Fact(FactError::UnknownKind) | UnreadableEvent::Line(_)) => {
            Ok(Event::Unknown(envelope.stream, position))
        }
        Err(error @ UnreadableEvent::Fact(FactError::BadData(_))) => Err(error),
    }
}

/// Decodes on all cores and judges one after another: what stood before is what an access is judged by.
async fn fold(
    mut review: Review,
    batches: impl Stream<Item = JoinHandle<anyhow::Result<ReadableEvents>>> + Unpin,
    progress: &dyn Progress,
) -> anyhow::Result<Access> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut batches = batches.buffered(cores * BATCHES_PER_CORE);
    let mut broken = None;
    while let Some(batch) = batches.next().await {
        let batch = batch??;
        progress.advance(batch.events.len() as u64);
        for event in &batch.events {
            match event {
                Event::Known(recorded) => review.take(recorded),
                Event::Unknown(stream, position) => review.take_unknown(stream, *position),
            }
        }
        if batch.broken.is_some() {
            broken = batch.broken;
            break;
        }
    }
    drop(batches);
    progress.end();
    Ok(Access::of(&review, broken))
}

/// Judges every access of an export, where it holds the whole log.
///
/// # Errors
/// If it could not look; what is wrong is in the answer.
pub async fn export(
    folder: &Path,
    review: Review,
    progress: &dyn Progress,
) -> anyhow::Result<Access> {
    if let Some(why) = not_the_whole_log(folder)? {
        return Ok(Access::cannot_be_judged(why));
    }
    let path = folder.join(LINES_FILE);
    let file = File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (give, given) = mpsc::channel(BATCHES_PER_CORE);
    let reading = tokio::task::spawn_blocking(move || read(BufReader::new(file), &give));
    let batches = ReceiverStream::new(given).map(|(from, lines): (u64, Vec<Vec<u8>>)| {
        tokio::spawn(async move {
            let mut batch = ReadableEvents::default();
            for (position, line) in (from..).zip(&lines) {
                if !batch.take(Position(position), line) {
                    break;
                }
            }
            Ok(batch)
        })
    });
    let access = fold(review, batches, progress).await?;
    reading.await??;
    Ok(access)
}

/// Why an export cannot be judged: a doctor's standing and a session stand in streams of their own, and a
/// part of the log may lack just the line that counts.
fn not_the_whole_log(folder: &Path) -> anyhow::Result<Option<String>> {
    let part = || "it holds a part of the log: the doctors' and sessions' events may not be in it";
    if folder.join(POSITIONS_FILE).exists() {
        return Ok(Some(part().to_owned()));
    }
    let path = folder.join(MANIFEST_FILE);
    if !path.is_file() {
        return Ok(Some(format!("{MANIFEST_FILE}, which says how much it holds, is missing")));
    }
    let manifest: Manifest = match serde_json::from_slice(&std::fs::read(path)?) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Some(format!("{MANIFEST_FILE}: {error}"))),
    };
    let from_the_start = manifest.events == 0 || manifest.first == Some(0);
    let unbroken = manifest.last.map_or(0, |last| last + 1) == manifest.events;
    let whole = from_the_start && unbroken && manifest.streams.is_none();
    Ok((!whole).then(|| part().to_owned()))
}

/// Reads lines in runs. A line that is longer than any may be is cut, and refused for its length.
fn read(
    mut file: BufReader<File>,
    give: &mpsc::Sender<(u64, Vec<Vec<u8>>)>,
) -> std::io::Result<()> {
    let (mut from, mut more) = (0, true);
    while more {
        let mut lines = Vec::with_capacity(LINES);
        while more && lines.len() < LINES {
            let mut line = Vec::new();
            let most = LINE_BYTES_MAX as u64 + 2;
            more = file.by_ref().take(most).read_until(b'\n', &mut line)? > 0;
            if more {
                line.pop_if(|last| *last == b'\n');
                lines.push(line);
            }
        }
        let count = lines.len() as u64;
        if count == 0 || give.blocking_send((from, lines)).is_err() {
            break;
        }
        from += count;
    }
    Ok(())
}
