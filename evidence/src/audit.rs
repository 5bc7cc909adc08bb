//! The audit of a log from its bytes: batches are checked on all cores, then linked one after another.

mod batch;
mod export_files;
pub mod exported;
mod files;
mod finding;
mod held;
pub mod kept;
mod lines_file;
pub mod outside;
pub mod report;
pub mod served;
mod tags;
mod tree;
pub mod trust;
mod walk;
mod whole_tree;

use std::sync::Arc;

use domain::journal::Position;
use futures::stream::{self, StreamExt as _};

use self::batch::{CheckedLines, LINES};
use self::finding::Finding;
use self::outside::{NO_CHECKPOINT, Outside};
use self::report::AuditReport;
use self::tags::Tags;
use self::walk::Audit;
use crate::ports::{OpenedLog, Progress, ReportFiles, StreamKeys};

/// Batches under way at once, for each core.
const BATCHES_PER_CORE: usize = 2;

/// What a log can be held against besides itself.
pub struct Means {
    /// The keys of its streams, or why there are none.
    pub keys: Result<Arc<dyn StreamKeys>, String>,
    /// The reports' files, if they are to be read.
    pub reports: Option<Arc<dyn ReportFiles>>,
    /// The tree and what speaks of it, if there is any.
    pub outside: Option<Outside>,
}

impl Means {
    /// Its keys alone.
    pub const fn of_keys(keys: Result<Arc<dyn StreamKeys>, String>) -> Self {
        Self { keys, reports: None, outside: None }
    }
}

/// Checks a stored log from its start to where it ended when it was opened.
///
/// # Errors
/// If it could not look; what is wrong is in the report.
pub async fn log(
    log: &OpenedLog,
    means: Means,
    progress: &dyn Progress,
) -> anyhow::Result<AuditReport> {
    let length = log.length;
    let (keys, no_keys) = match means.keys {
        Ok(keys) => (Some(keys), None),
        Err(why) => (None, Some(why)),
    };
    let tags = keys.map(Tags::new);
    let files = means.outside.as_ref().and_then(Outside::files);
    let mut audit = Audit::with(tags, means.reports);
    progress.begin(length, "checking");
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let ranges = (0..length).step_by(LINES).map(|from| {
        let count = usize::try_from(length - from).unwrap_or(LINES).min(LINES);
        let lines = Arc::clone(&log.lines);
        let files = files.clone();
        tokio::spawn(CheckedLines::of_log(lines, Position(from), count, files))
    });
    let mut batches = stream::iter(ranges).buffered(cores * BATCHES_PER_CORE);
    while let Some(batch) = batches.next().await {
        let batch = batch??;
        progress.advance(batch.good.len() as u64);
        if !audit.take(batch).await? {
            break;
        }
    }
    drop(batches);
    progress.end();
    if audit.chain.taken() == length && length < audit.chain.promised() {
        let what = "the log ends before the events that came along from the older one do";
        audit.findings.push(Finding::at(Position(length), what));
    }
    let whole_so_far = audit.chain.taken() == length && audit.findings.is_empty();
    audit.tail(log).await?;
    if whole_so_far {
        audit.beside(&*log.lines, length).await?;
    }
    let mut report = audit.log_report(length, no_keys);
    let mut findings = std::mem::take(&mut audit.findings);
    match &means.outside {
        Some(outside) => {
            findings.extend(outside.hold(&mut audit, &log.lines, length, &mut report).await?);
        }
        None => report.not_checked(NO_CHECKPOINT),
    }
    Ok(report.conclude(findings))
}
