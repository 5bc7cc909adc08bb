//! The walk along the lines of a log: each is linked to the one before it, its tag checked, its leaf put into
//! the tree, up to the first broken place.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{BlobHash, EventHash, StreamName};
use domain::journal::chain::ChainCheck;
use domain::journal::{Position, StreamVersion};

use super::batch::{CheckedLines, Good};
use super::finding::{FILES_MAX, Finding};
use super::report::{AuditReport, AuditSubject, Head};
use super::tags::Tags;
use super::tree::Tree;
use crate::ports::{OpenedLog, ReportFile, ReportFiles, StoredLines};

/// Streams whose length is asked for at once.
const STREAMS: usize = 512;

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
    reports: Option<Arc<dyn ReportFiles>>,
    reports_checked: u64,
    /// In the order they were met; the first is the first broken place.
    pub(super) findings: Vec<Finding>,
}

impl Audit {
    /// Nothing seen yet; checks tags and reports' files as far as there is something to check them with.
    pub(super) fn with(tags: Option<Tags>, reports: Option<Arc<dyn ReportFiles>>) -> Self {
        Self { tags, reports, ..Self::default() }
    }

    /// Links a batch to what came before. `false`: the first broken place was met, nothing after it can be
    /// said to be right.
    pub(super) async fn take(&mut self, batch: CheckedLines) -> anyhow::Result<bool> {
        if let Some(tags) = &mut self.tags {
            tags.prepare(&batch.good).await?;
        }
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
        self.look_at_reports(&batch.blobs).await?;
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
    async fn look_at_reports(&mut self, named: &[(Position, BlobHash)]) -> anyhow::Result<()> {
        let Some(reports) = &self.reports else { return Ok(()) };
        for (position, blob) in named {
            let what = match reports.look(*blob).await? {
                ReportFile::Intact => {
                    self.reports_checked += 1;
                    continue;
                }
                ReportFile::Missing => format!("the report's file {blob} is missing"),
                ReportFile::Damaged => {
                    format!("the report's file {blob} does not hash to its name")
                }
            };
            self.findings.push(Finding::at(*position, what));
        }
        Ok(())
    }

    /// Whether the log was longer once. Asked again before it is said: the service may be appending.
    pub(super) async fn tail(&mut self, log: &OpenedLog) -> anyhow::Result<()> {
        let OpenedLog { length, once, .. } = *log;
        if once <= length {
            return Ok(());
        }
        let next = Position(length);
        let there = match log.lines.of_log(next, 1).await {
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
    pub(super) async fn beside(
        &mut self,
        lines: &dyn StoredLines,
        length: u64,
    ) -> anyhow::Result<()> {
        let heads: Vec<(StreamName, StreamVersion)> =
            self.chain.heads().map(|(stream, head)| (stream.clone(), head)).collect();
        for heads in heads.chunks(STREAMS) {
            let names: Vec<StreamName> = heads.iter().map(|(stream, _)| stream.clone()).collect();
            let lengths = lines.lengths(&names).await?;
            for ((stream, head), held) in heads.iter().zip(lengths) {
                let next = StreamVersion(head.0 + 1);
                if held == next.0 {
                    continue;
                }
                let what = match lines.of_stream(stream, next, 1).await {
                    // Appended since the log was opened.
                    Ok(lines) if lines.first().is_some_and(|line| line.position.0 >= length) => {
                        continue;
                    }
                    Ok(_) => "the stream's count does not agree with the log".to_owned(),
                    Err(error) => error.damage().map(ToOwned::to_owned).ok_or(error)?,
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

    /// What can be said of the lines that are right.
    pub(super) fn report(&self, subject: AuditSubject) -> AuditReport {
        AuditReport::of(subject, &self.chain, self.head(), &self.unknown)
    }

    /// What is known of the newest line.
    pub(super) fn head(&self) -> Option<Head> {
        let (position, hash) = self.newest?;
        Some(Head { position: position.0, hash: hash.to_string() })
    }

    pub(super) fn log_report(&self, length: u64, no_vault: Option<String>) -> AuditReport {
        let mut report = self.report(AuditSubject::Log);
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
        if self.reports.is_some() {
            report.checked(format!("{} reports' files", self.reports_checked));
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
