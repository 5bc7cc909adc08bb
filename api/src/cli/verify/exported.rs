//! The audit of an export: its lines like a log's, and the manifest against them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use domain::journal::{LINE_BYTES_MAX, Position};
use futures::stream::StreamExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::audit::Audit;
use super::batch::{Batch, LINES};
use super::report::{Finding, Report, Subject};
use crate::cli::export::{LINES_FILE, MANIFEST_FILE, Manifest, POSITIONS_FILE};
use crate::cli::progress;

/// A run of lines, each with its position.
type Lines = Vec<(Position, Vec<u8>)>;

/// What the file shows beyond its lines.
struct Read {
    blake3: blake3::Hash,
    /// Whether the last line ends as lines do.
    ended: bool,
    /// What is wrong with the list of positions.
    positions: Option<String>,
}

pub(super) async fn check(folder: &Path) -> anyhow::Result<Report> {
    let (lines, positions) = (folder.join(LINES_FILE), folder.join(POSITIONS_FILE));
    let bar = progress(std::fs::metadata(&lines)?.len(), "checking");
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (give, given) = mpsc::channel(cores);
    let reading = tokio::task::spawn_blocking(move || read(&lines, &positions, &give));
    let batches = ReceiverStream::new(given).map(|lines: Lines| {
        tokio::spawn(async move {
            let bytes: usize = lines.iter().map(|(_, line)| line.len() + 1).sum();
            (Batch::of_bytes(&lines), bytes)
        })
    });
    let mut batches = batches.buffered(cores);
    let part = folder.join(POSITIONS_FILE).is_file();
    let mut audit = Audit::default();
    audit.part = part;
    while let Some(batch) = batches.next().await {
        let (batch, bytes) = batch?;
        bar.inc(bytes as u64);
        if !audit.take(batch, &indicatif::ProgressBar::hidden()).await? {
            break;
        }
    }
    // A reader that nobody listens to any more stops; what it read is then no digest of the file.
    drop(batches);
    bar.finish_and_clear();
    let read = reading.await??;
    let chain_holds = audit.findings.is_empty();
    let mut manifest_checked = false;
    if chain_holds {
        let last = audit.head().map_or(Position(0), |head| Position(head.position));
        audit.findings.extend(read.positions.clone().map(Finding::of_file));
        if !read.ended {
            audit.findings.push(Finding::at(last, "the line does not end as lines do: cut off"));
        }
        manifest_checked = against_manifest(folder, &read, &mut audit)?;
    }
    Ok(report(audit, chain_holds, manifest_checked))
}

fn report(audit: Audit, chain_holds: bool, manifest_checked: bool) -> Report {
    let mut report = Report::of(Subject::Export, &audit);
    if manifest_checked {
        report.checked("the lines against the manifest");
    } else {
        report.not_checked("the lines against the manifest");
    }
    if !chain_holds {
        report.not_checked("everything after the first broken place");
    }
    report.not_checked("the leaves: an export does not carry them yet");
    report.not_checked(
        "whether these lines are the log's: nothing in an export is signed yet, and whoever can \
         change the lines can change the manifest",
    );
    report.conclude(audit.findings)
}

/// Holds what was read against the manifest; `false` if there is none that could be read.
fn against_manifest(folder: &Path, read: &Read, audit: &mut Audit) -> anyhow::Result<bool> {
    let path = folder.join(MANIFEST_FILE);
    if !path.is_file() {
        let what = format!("{MANIFEST_FILE} is missing: the export was not finished");
        audit.findings.push(Finding::of_file(what));
        return Ok(false);
    }
    let manifest: Manifest = match serde_json::from_slice(&std::fs::read(path)?) {
        Ok(manifest) => manifest,
        Err(error) => {
            audit.findings.push(Finding::of_file(format!("{MANIFEST_FILE}: {error}")));
            return Ok(false);
        }
    };
    let events = audit.chain.taken();
    let head = audit.head();
    let told = |what: &str, says: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
        Finding::of_file(format!("{MANIFEST_FILE} says {what} {says}, {LINES_FILE} has {found}"))
    };
    if manifest.events != events {
        audit.findings.push(told("events", &manifest.events, &events));
    }
    let (says, found) = (manifest.head.unwrap_or_default(), head.map(|head| head.hash));
    let found = found.unwrap_or_default();
    if says != found {
        audit.findings.push(told("head", &says, &found));
    }
    let origin = audit.chain.source().unwrap_or_default();
    // Without the log's first line, lines may as well be those of an older log that it goes on from.
    let same = manifest.origin.as_deref().unwrap_or_default() == origin;
    if !same && audit.chain.saw_its_start() {
        let finding = told("origin", &manifest.origin.unwrap_or_default(), &origin);
        audit.findings.push(finding);
    }
    let found = read.blake3.to_hex();
    if manifest.blake3 != found.as_str() {
        audit.findings.push(told("blake3", &manifest.blake3, &found));
    }
    Ok(true)
}

/// Reads the file in runs of lines. A line may be cut short where it is longer than any line may be: what
/// is left is refused for its length.
fn read(path: &Path, positions: &Path, give: &mpsc::Sender<Lines>) -> std::io::Result<Read> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut positions = Positions::open(positions)?;
    let mut hasher = blake3::Hasher::new();
    let mut ended = true;
    while ended {
        let mut lines = Vec::with_capacity(LINES);
        while ended && lines.len() < LINES {
            let mut line = Vec::new();
            let read =
                file.by_ref().take(LINE_BYTES_MAX as u64 + 2).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            hasher.update(&line);
            ended = line.pop_if(|last| *last == b'\n').is_some();
            let Some(position) = positions.next()? else {
                ended = false;
                break;
            };
            lines.push((position, line));
        }
        if lines.is_empty() || give.blocking_send(lines).is_err() {
            break;
        }
    }
    let wrong = positions.wrong()?;
    Ok(Read { blake3: hasher.finalize(), ended: ended || wrong.is_some(), positions: wrong })
}

/// Where each line stands in the log: from 0 on, or as listed.
struct Positions {
    listed: Option<std::io::Lines<BufReader<File>>>,
    next: u64,
    wrong: Option<String>,
}

impl Positions {
    fn open(path: &Path) -> std::io::Result<Self> {
        let listed =
            if path.is_file() { Some(BufReader::new(File::open(path)?).lines()) } else { None };
        Ok(Self { listed, next: 0, wrong: None })
    }

    /// The next line's; none if the list has none that could be.
    fn next(&mut self) -> std::io::Result<Option<Position>> {
        let position = match &mut self.listed {
            None => self.next,
            Some(listed) => {
                let Some(text) = listed.next().transpose()? else {
                    self.wrong = Some(format!("{POSITIONS_FILE} lists fewer than there are lines"));
                    return Ok(None);
                };
                match text.parse::<u64>() {
                    Ok(position) if position >= self.next && position < u64::MAX => position,
                    Ok(_) | Err(_) => {
                        self.wrong = Some(format!("{POSITIONS_FILE}: {text:.40?} does not follow"));
                        return Ok(None);
                    }
                }
            }
        };
        self.next = position + 1;
        Ok(Some(Position(position)))
    }

    fn wrong(mut self) -> std::io::Result<Option<String>> {
        let more = match &mut self.listed {
            Some(listed) => listed.next().transpose()?.is_some(),
            None => false,
        };
        let more = more.then(|| format!("{POSITIONS_FILE} lists more than there are lines"));
        Ok(self.wrong.or(more))
    }
}
