//! The audit of an export: its lines like a log's, and the manifest against them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use domain::journal::{LINE_BYTES_MAX, Position};
use futures::stream::StreamExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::audit::Audit;
use super::batch::{Batch, LINES};
use super::report::{Finding, Report, Subject};
use crate::cli::export::{LINES_FILE, MANIFEST_FILE, Manifest};
use crate::cli::progress;

/// A run of lines, and the position of its first.
type Lines = (Position, Vec<Vec<u8>>);

/// What the file shows beyond its lines.
struct Read {
    blake3: blake3::Hash,
    /// Whether the last line ends as lines do.
    ended: bool,
}

pub(super) async fn check(folder: &Path) -> anyhow::Result<Report> {
    let lines = folder.join(LINES_FILE);
    let bar = progress(std::fs::metadata(&lines)?.len(), "checking");
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (give, given) = mpsc::channel(cores);
    let reading = tokio::task::spawn_blocking(move || read(&lines, &give));
    let batches = ReceiverStream::new(given).map(|(from, lines): Lines| {
        tokio::spawn(async move {
            let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
            (Batch::of_bytes(from, &lines), bytes)
        })
    });
    let mut batches = batches.buffered(cores);
    let mut audit = Audit::default();
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
        let last = Position(audit.chain.taken().saturating_sub(1));
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
    if manifest.origin.as_deref().unwrap_or_default() != origin {
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
fn read(path: &PathBuf, give: &mpsc::Sender<Lines>) -> std::io::Result<Read> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut hasher = blake3::Hasher::new();
    let (mut from, mut ended) = (0, true);
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
            lines.push(line);
        }
        let count = lines.len() as u64;
        if count == 0 || give.blocking_send((Position(from), lines)).is_err() {
            break;
        }
        from += count;
    }
    Ok(Read { blake3: hasher.finalize(), ended })
}
