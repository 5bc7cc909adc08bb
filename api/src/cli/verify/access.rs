//! `medlock verify --policy`: whether every access in the log had a permit in force, from the events alone.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use domain::access::review::Review;
use domain::access::review::further::FurtherRule;
use domain::fact::FactError;
use domain::fold::Recorded;
use domain::ids::StreamName;
use domain::journal::line::UnreadableEvent;
use domain::journal::{Envelope, LINE_BYTES_MAX, Position};
use futures::stream::{self, Stream, StreamExt as _};
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

pub(super) use self::section::{Access, Both};
use super::VerifyArgs;
use crate::cli::export::{LINES_FILE, MANIFEST_FILE, Manifest, POSITIONS_FILE};
use crate::cli::{CliError, progress};
use crate::wiring::{StoredLog, open_stored_log};

mod section;

/// Lines read and decoded at a time.
const LINES: usize = 1_024;
/// Batches under way at once, for each core.
const BATCHES_PER_CORE: usize = 2;
/// Most bytes of a rule's file.
const RULE_BYTES_MAX: u64 = 64 * 1_024;

/// The review that was asked for, if one was.
pub(super) async fn asked(args: &VerifyArgs) -> Result<Option<Access>, CliError> {
    if !args.policy {
        return Ok(None);
    }
    let rule = args.with.as_deref().map(further_rule).transpose().map_err(CliError::Usage)?;
    let review = Review::with(rule);
    let access = match &args.export {
        Some(folder) => export(folder, review).await?,
        None => log(&open_stored_log(&args.data.settings()?.data).await?, review).await?,
    };
    Ok(Some(access))
}

/// Judges every access of a log; answers how many events it took in if each had a permit.
pub(crate) async fn permits(stored: &StoredLog) -> anyhow::Result<u64> {
    log(stored, Review::default()).await?.permits()
}

/// Reads a further rule; what it does not know is an error, for a rule that is half understood shows nothing.
fn further_rule(path: &Path) -> anyhow::Result<FurtherRule> {
    let named = || format!("the rule {}", path.display());
    let mut text = String::new();
    let file = File::open(path).with_context(named)?;
    file.take(RULE_BYTES_MAX + 1).read_to_string(&mut text).with_context(named)?;
    anyhow::ensure!(text.len() as u64 <= RULE_BYTES_MAX, "{} is too long", named());
    let rule: FurtherRule = toml::from_str(&text).with_context(named)?;
    match rule.flaw() {
        Some(flaw) => Err(anyhow::anyhow!("{}: {flaw}", named())),
        None => Ok(rule),
    }
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

    async fn of_log(
        events: Arc<dyn commands::ports::event_store::EventStore>,
        from: u64,
        until: u64,
    ) -> anyhow::Result<Self> {
        let mut batch = Self::default();
        let mut next = from;
        while next < until && batch.broken.is_none() {
            let limit = usize::try_from(until - next).unwrap_or(LINES);
            let lines = match events.read_all(Position(next), limit).await {
                Ok(lines) => lines,
                Err(error) => {
                    let damage = error.damage().map(ToString::to_string).ok_or(error)?;
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

async fn log(stored: &StoredLog, review: Review) -> anyhow::Result<Access> {
    let length = stored.events.newest().borrow().map_or(0, |newest| newest.0 + 1);
    let bar = progress(length, "judging");
    let ranges = (0..length).step_by(LINES).map(|from| {
        let until = length.min(from + LINES as u64);
        tokio::spawn(ReadableEvents::of_log(Arc::clone(&stored.events), from, until))
    });
    fold(review, stream::iter(ranges), &bar).await
}

/// Decodes on all cores and judges one after another: what stood before is what an access is judged by.
async fn fold(
    mut review: Review,
    batches: impl Stream<Item = JoinHandle<anyhow::Result<ReadableEvents>>> + Unpin,
    bar: &ProgressBar,
) -> anyhow::Result<Access> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut batches = batches.buffered(cores * BATCHES_PER_CORE);
    let mut broken = None;
    while let Some(batch) = batches.next().await {
        let batch = batch??;
        bar.inc(batch.events.len() as u64);
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
    bar.finish_and_clear();
    Ok(Access::of(&review, broken))
}

async fn export(folder: &Path, review: Review) -> anyhow::Result<Access> {
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
    let access = fold(review, batches, &ProgressBar::hidden()).await?;
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
