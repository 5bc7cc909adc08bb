//! The audit of a log: batches are checked on all cores, then linked one after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use commands::ports::blob_store::{BlobError, BlobStore};
use commands::ports::event_store::{Damage, EventStore, Length};
use commands::ports::key_vault::KeyVault;
use domain::ids::{BlobHash, EventHash, StreamName};
use domain::journal::chain::ChainCheck;
use domain::journal::{Position, StreamVersion};
use futures::stream::{self, StreamExt as _};
use indicatif::ProgressBar;

use super::batch::{CheckedLines, Good, LINES};
use super::outside::Outside;
use super::report::{AuditReport, AuditSubject, FILES_MAX, Finding, Head};
use super::tags::Tags;
use super::tree::Tree;
use crate::cli::progress;
use crate::wiring::StoredLog;

/// Batches under way at once, for each core.
const BATCHES_PER_CORE: usize = 2;
/// Streams whose length is asked for at once.
const STREAMS: usize = 512;

/// What a log can be held against besides itself.
pub(crate) struct Means {
    /// The keys of its streams, or why there are none.
    pub(crate) vault: Result<Arc<dyn KeyVault>, String>,
    /// The reports' files, if they are to be read.
    pub(crate) blobs: Option<Arc<dyn BlobStore>>,
    /// The tree and what speaks of it, if there is any.
    pub(super) outside: Option<Outside>,
}

impl Means {
    /// Its keys alone.
    pub(crate) const fn of_vault(vault: Result<Arc<dyn KeyVault>, String>) -> Self {
        Self { vault, blobs: None, outside: None }
    }
}

/// Everything seen so far.
#[derive(Default)]
pub(super) struct Audit {
    pub(super) chain: ChainCheck,
    pub(super) tree: Tree,
    newest: Option<(Position, EventHash)>,
    /// Whether lines of other streams may stand between those at hand.
    pub(super) part: bool,
    pub(super) unknown: BTreeMap<String, u64>,
    pub(super) tags: Option<Tags>,
    pub(super) anchored: Vec<Position>,
    /// What is wrong with the public files: it breaks no chain.
    pub(super) files: Vec<Finding>,
    /// What is wrong beside the lines: told after what breaks the chain.
    pub(super) later: Vec<Finding>,
    blobs: Option<Arc<dyn BlobStore>>,
    blobs_checked: u64,
    /// In the order they were met; the first is the first broken place.
    pub(super) findings: Vec<Finding>,
}

/// Checks a stored log from its start to where it ended when it was opened.
pub(crate) async fn log(stored: &StoredLog, means: Means) -> anyhow::Result<AuditReport> {
    let newest = *stored.events.newest().borrow();
    let length = newest.map_or(0, |newest| newest.0 + 1);
    let (vault, no_vault) = match means.vault {
        Ok(vault) => (Some(vault), None),
        Err(why) => (None, Some(why)),
    };
    let tags = vault.map(Tags::new);
    let files = means.outside.as_ref().and_then(Outside::files);
    let mut audit = Audit { tags, blobs: means.blobs, ..Audit::default() };
    let bar = progress(length, "checking");
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let ranges = (0..length).step_by(LINES).map(|from| {
        let count = usize::try_from(length - from).unwrap_or(LINES).min(LINES);
        let events = Arc::clone(&stored.events);
        let files = files.clone();
        tokio::spawn(CheckedLines::of_log(events, Position(from), count, files))
    });
    let mut batches = stream::iter(ranges).buffered(cores * BATCHES_PER_CORE);
    while let Some(batch) = batches.next().await {
        if !audit.take(batch??, &bar).await? {
            break;
        }
    }
    drop(batches);
    bar.finish_and_clear();
    if audit.chain.taken() == length && length < audit.chain.promised() {
        let what = "the log ends before the events that came along from the older one do";
        audit.findings.push(Finding::at(Position(length), what));
    }
    let whole_so_far = audit.chain.taken() == length && audit.findings.is_empty();
    audit.tail(stored, length).await?;
    if whole_so_far {
        audit.beside(&*stored.events, length).await?;
    }
    let mut report = audit.log_report(length, no_vault);
    let mut findings = std::mem::take(&mut audit.findings);
    match &means.outside {
        Some(outside) => {
            findings.extend(outside.hold(&mut audit, stored, length, &mut report).await?);
        }
        None => report.not_checked(NO_CHECKPOINT),
    }
    Ok(report.conclude(findings))
}

impl Audit {
    /// Links a batch to what came before. `false`: the first broken place was met, nothing after it can be
    /// said to be right.
    pub(super) async fn take(
        &mut self,
        batch: CheckedLines,
        bar: &ProgressBar,
    ) -> anyhow::Result<bool> {
        if let Some(tags) = &mut self.tags {
            tags.prepare(&batch.good).await?;
        }
        bar.inc(batch.good.len() as u64);
        self.anchored.extend(batch.anchored);
        let room = FILES_MAX.saturating_sub(self.files.len());
        self.files.extend(batch.files.into_iter().take(room));
        for good in batch.good {
            if let Err(finding) = self.link(good) {
                self.findings.push(finding);
                return Ok(false);
            }
        }
        for (kind, count) in batch.unknown {
            *self.unknown.entry(kind).or_default() += count;
        }
        self.read_blobs(&batch.blobs).await?;
        let whole = batch.broken.is_none();
        self.findings.extend(batch.broken);
        Ok(whole)
    }

    fn link(&mut self, good: Good) -> Result<(), Finding> {
        if let Some(tags) = &mut self.tags {
            tags.check(&good)?;
        }
        let Good { position, link, leaf, subtree } = good;
        let stream = link.stream().clone();
        let version = link.version();
        if self.part {
            self.chain.pass_over(position);
        }
        let hash = self.chain.follow(position, link);
        let hash = hash.map_err(|broken| Finding::at(position, broken).of(&stream, version))?;
        if let Some((_, leaf_hash)) = leaf {
            self.tree.push(leaf_hash, subtree);
        }
        self.newest = Some((position, hash));
        Ok(())
    }

    /// A report's file that is gone or damaged breaks no chain: the audit goes on.
    async fn read_blobs(&mut self, named: &[(Position, BlobHash)]) -> anyhow::Result<()> {
        let Some(blobs) = &self.blobs else { return Ok(()) };
        for (position, blob) in named {
            let what = match blobs.intact(*blob).await {
                Ok(()) => {
                    self.blobs_checked += 1;
                    continue;
                }
                Err(BlobError::Missing) => format!("the report's file {blob} is missing"),
                Err(BlobError::Damaged) => {
                    format!("the report's file {blob} does not hash to its name")
                }
                Err(error) => return Err(error.into()),
            };
            self.findings.push(Finding::at(*position, what));
        }
        Ok(())
    }

    /// Whether the log was longer once. Asked again before it is said: the service may be appending.
    async fn tail(&mut self, stored: &StoredLog, length: u64) -> anyhow::Result<()> {
        let once = stored.high_water.map_or(0, |highest| highest.0 + 1);
        if once <= length {
            return Ok(());
        }
        let next = Position(length);
        let there = match stored.events.read_all(next, 1).await {
            Ok(lines) => !lines.is_empty(),
            Err(error) if error.damage().is_some() => false,
            Err(error) => return Err(error.into()),
        };
        if !there {
            let what =
                format!("the tail was cut: the log held {once} events once and holds {length} now");
            self.findings.push(Finding::at(next, what));
        }
        Ok(())
    }

    /// Whether lines are filed under a stream but stand nowhere in the log: a stream read by itself would
    /// show them.
    async fn beside(&mut self, events: &dyn EventStore, length: u64) -> anyhow::Result<()> {
        let heads: Vec<(StreamName, StreamVersion)> =
            self.chain.heads().map(|(stream, head)| (stream.clone(), head)).collect();
        for heads in heads.chunks(STREAMS) {
            let names: Vec<StreamName> = heads.iter().map(|(stream, _)| stream.clone()).collect();
            let lengths = events.lengths(&names).await?;
            for ((stream, head), held) in heads.iter().zip(lengths) {
                let next = StreamVersion(head.0 + 1);
                if held == Length(next.0) {
                    continue;
                }
                let what = match events.read(stream, next, 1).await {
                    // Appended since the log was opened.
                    Ok(lines) if lines.first().is_some_and(|line| line.position.0 >= length) => {
                        continue;
                    }
                    Ok(_) => "the stream's count does not agree with the log".to_owned(),
                    Err(error) => error.damage().map(Damage::to_string).ok_or(error)?,
                };
                self.findings.push(Finding::of_stream(stream, next, what));
            }
        }
        Ok(())
    }

    /// Everything that is wrong, what breaks the chain first.
    pub(super) fn found(self) -> Vec<Finding> {
        self.findings.into_iter().chain(self.later).collect()
    }

    /// What is known of the newest line.
    pub(super) fn head(&self) -> Option<Head> {
        let (position, hash) = self.newest?;
        Some(Head { position: position.0, hash: hash.to_string() })
    }

    fn log_report(&self, length: u64, no_vault: Option<String>) -> AuditReport {
        let mut report = AuditReport::of(AuditSubject::Log, self);
        report.checked("the digests in every leaf");
        report.root = Some(hex::encode(self.tree.root()));
        match (&self.tags, no_vault) {
            (Some(tags), _) => {
                report.checked(format!("the tags of {} leaves", tags.checked));
                if tags.without_key > 0 {
                    report.not_checked(format!(
                        "the tags of {} leaves in {} streams: the vault holds no key for them \
                         (destroyed with its subject, or taken away)",
                        tags.without_key,
                        tags.streams_without_key()
                    ));
                }
            }
            (None, why) => {
                let why = why.unwrap_or_default();
                report.not_checked(format!("the leaves' tags, which need the key vault: {why}"));
            }
        }
        if self.blobs.is_some() {
            report.checked(format!("{} reports' files", self.blobs_checked));
        } else {
            report.not_checked("the reports' files (--blobs reads them)");
        }
        let after = length.saturating_sub(self.chain.taken() + 1);
        if after > 0 && !self.findings.is_empty() {
            report.not_checked(format!("{after} events after the first broken place"));
        }
        report.not_checked("the store's memory of repeated requests");
        report
    }
}

/// What nothing inside a database can show.
pub(super) const NO_CHECKPOINT: &str = "whether the log was rewritten from some place to its end, its tail cut together with \
             the store's own count, or events of different streams changed round: no checkpoint of \
             it lies outside this database (a tree root noted elsewhere before would show it)";
