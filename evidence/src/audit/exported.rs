//! The audit of an export: its lines like a log's, the tree they stand in, every file against the manifest.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use domain::ids::StreamName;
use domain::journal::Position;
use domain::journal::witness_policy::WitnessPolicy;
use futures::stream::StreamExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::batch::CheckedLines;
use super::files::PublicFiles;
use super::finding::Finding;
use super::held::{Holding, Leaves};
use super::kept::{KeptCheckpoint, checkpoint_of};
use super::lines_file::{PlacedLines, Read, read};
use super::report::{AuditReport, AuditSubject};
use super::tags::{TagScan, Tags};
use super::trust::{Brought, TrustPolicy, keys};
use super::walk::Audit;
use super::{export_files, whole_tree};
use crate::export::format::{
    CHECKPOINT_FILE, KEYS_FILE, LINES_FILE, LOG_FOLDER, MANIFEST_FILE, Manifest, POLICY_FILE,
    POSITIONS_FILE, STREAM_KEYS_FILE,
};
use crate::log_files::LogFolder;
use crate::ports::{Progress, ReceiptChecker};
use crate::text_ends::as_written;

/// What an export is checked with.
pub struct With<'a> {
    /// Whom to believe: see [`trust`].
    pub trust: TrustPolicy,
    /// Who is asked whether anchors hold what they gave receipts for.
    pub checker: &'a dyn ReceiptChecker,
    /// What whoever checks remembers of the log.
    pub remembered: Option<KeptCheckpoint>,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

/// Whom to believe about an export: what was brought, and else what came along.
///
/// # Errors
/// If the policy that came along is none.
pub fn trust(folder: &Path, brought: Brought) -> anyhow::Result<TrustPolicy> {
    let own = match std::fs::read(folder.join(KEYS_FILE)) {
        Ok(text) => keys(&as_written(&text)),
        Err(error) => Err(format!("{KEYS_FILE}: {error}")),
    };
    let policy = folder.join(POLICY_FILE);
    let policy = if policy.is_file() {
        let text = String::from_utf8(as_written(&std::fs::read(&policy)?).into_owned())?;
        let policy = WitnessPolicy::parse(&text);
        Some(policy.with_context(|| format!("the export's own {POLICY_FILE}"))?)
    } else {
        None
    };
    Ok(brought.trust(own, policy, false))
}

/// An export, and what was found in it so far.
struct Export<'a> {
    folder: &'a Path,
    manifest: Option<Manifest>,
    note: Option<Vec<u8>>,
    files: Option<Arc<PublicFiles>>,
    audit: Audit,
}

/// Checks an export; answers its checkpoint as well.
///
/// # Errors
/// If it could not look; what is wrong is in the report.
pub async fn check(
    folder: &Path,
    with: With<'_>,
) -> anyhow::Result<(AuditReport, Option<Vec<u8>>)> {
    let mut export = Export::open(folder)?;
    let lines = export.lines(with.progress).await?;
    let chain_holds = export.audit.findings.is_empty();
    if let Some(read) = lines.filter(|_| chain_holds) {
        export.against_manifest(&read);
    }
    let mut report = export.audit.report(AuditSubject::Export);
    if !chain_holds {
        report.not_checked("everything after the first broken place");
    }
    if export.manifest.is_some() {
        report.checked("every file against its digest in the manifest");
    } else {
        report.not_checked("the files against the manifest");
    }
    export.tags(&mut report);
    report.trusting(&with.trust);
    let note = export.note.clone();
    match export.files.take() {
        Some(files) => export.tree(&files, with, &mut report).await?,
        None => report.not_checked(
            "whether these lines are the log's: no checkpoint came along, and whoever can change \
             the lines can change the manifest",
        ),
    }
    Ok((report.conclude(export.audit.found()), note))
}

impl<'a> Export<'a> {
    fn open(folder: &'a Path) -> anyhow::Result<Self> {
        let mut audit = Audit::default();
        let manifest = match export_files::manifest(folder)? {
            Ok(manifest) => Some(manifest),
            Err(finding) => {
                audit.later.push(finding);
                None
            }
        };
        if let Some(manifest) = manifest.as_ref().filter(|manifest| manifest.format >= 2) {
            audit.later.extend(export_files::digests(folder, manifest)?);
        }
        let streams = manifest.as_ref().and_then(|manifest| manifest.streams.as_ref());
        // Without a manifest, only a list of positions says that lines of other streams stand between.
        let listed = manifest.is_none() && folder.join(POSITIONS_FILE).is_file();
        audit.part = streams.is_some() || listed;
        let keys = match export_files::stream_keys(folder)? {
            Ok(keys) => keys,
            Err(finding) => {
                audit.later.push(finding);
                Vec::new()
            }
        };
        if !keys.is_empty() {
            audit.tags = Some(Tags::of_keys(keys, audit.part));
        }
        let path = folder.join(CHECKPOINT_FILE);
        let note = if path.is_file() {
            Some(as_written(&std::fs::read(path)?).into_owned())
        } else {
            None
        };
        let checkpoint = note.as_deref().map(checkpoint_of);
        if let Some(None) = checkpoint {
            let what = format!("{CHECKPOINT_FILE} is no checkpoint");
            audit.later.push(Finding::unread_file(what));
        }
        let files = checkpoint.flatten().map(|checkpoint| {
            let files = LogFolder::new(&folder.join(LOG_FOLDER));
            Arc::new(PublicFiles::new(Arc::new(files), checkpoint.size))
        });
        Ok(Self { folder, manifest, note, files, audit })
    }

    /// Checks the lines on all cores; answers what the file shows beyond them.
    async fn lines(&mut self, progress: &dyn Progress) -> anyhow::Result<Option<Read>> {
        let (lines, positions) = (self.folder.join(LINES_FILE), self.folder.join(POSITIONS_FILE));
        progress.begin(std::fs::metadata(&lines)?.len(), "checking");
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let (give, given) = mpsc::channel(cores);
        let reading = tokio::task::spawn_blocking(move || read(&lines, &positions, &give));
        let files = self.files.clone();
        let batches = ReceiverStream::new(given).map(|lines: PlacedLines| {
            let files = files.clone();
            tokio::spawn(async move {
                let bytes: usize = lines.iter().map(|(_, line)| line.len() + 1).sum();
                (CheckedLines::of_bytes(&lines, files).await, bytes)
            })
        });
        let mut batches = batches.buffered(cores);
        while let Some(batch) = batches.next().await {
            let (batch, bytes) = batch?;
            progress.advance(bytes as u64);
            if !self.audit.take(batch).await? {
                break;
            }
        }
        // A reader that nobody listens to any more stops; what it read is then no digest of the file.
        drop(batches);
        progress.end();
        Ok(Some(reading.await??))
    }

    /// Holds what was read against the manifest.
    fn against_manifest(&mut self, read: &Read) {
        let last = self.audit.head().map_or(Position(0), |head| Position(head.position));
        let findings = &mut self.audit.findings;
        if read.cut {
            // What the manifest says of the rest is no news.
            return findings
                .push(Finding::unread_at(last, "the lines were cut off behind this one"));
        }
        findings.extend(read.positions.clone().map(Finding::of_file));
        let Some(manifest) = &self.manifest else { return };
        let mismatch = |what: &str, says: &str, found: &str| {
            Finding::of_file(format!("{MANIFEST_FILE} says {what} {says}, here is {found}"))
        };
        let events = self.audit.chain.taken();
        let head = self.audit.head().map(|head| head.hash).unwrap_or_default();
        let mut pairs = vec![
            ("events", manifest.events.to_string(), events.to_string()),
            ("head", manifest.head.clone().unwrap_or_default(), head),
            ("blake3", manifest.blake3.clone(), read.blake3.to_string()),
        ];
        if self.audit.part {
            let mut found: Vec<&StreamName> =
                self.audit.chain.heads().map(|(stream, _)| stream).collect();
            found.sort();
            let found: Vec<&str> = found.into_iter().map(StreamName::as_str).collect();
            let says = manifest.streams.clone().unwrap_or_default().join(", ");
            pairs.push(("streams", says, found.join(", ")));
        } else if self.audit.chain.saw_its_start() {
            // Without the log's first line, lines may as well be those of an older log that it goes on from.
            let origin = self.audit.chain.source().unwrap_or_default().to_owned();
            pairs.push(("origin", manifest.origin.clone().unwrap_or_default(), origin));
        }
        let wrong = pairs.iter().filter(|(_, says, found)| says != found);
        let wrong: Vec<Finding> =
            wrong.map(|(what, says, found)| mismatch(what, says, found)).collect();
        self.audit.findings.extend(wrong);
    }

    fn tags(&self, report: &mut AuditReport) {
        let Some(tags) = &self.audit.tags else {
            report.not_checked(format!("the leaves' tags: there is no {STREAM_KEYS_FILE}"));
            return;
        };
        report.checked(format!("the tags of {} leaves", tags.checked));
        if tags.without_key > 0 {
            let count = tags.without_key;
            report
                .not_checked(format!("the tags of {count} leaves whose stream's key is not here"));
        }
    }

    /// Reads every leaf that came along, and holds what speaks of the tree against it.
    async fn tree(
        &mut self,
        files: &Arc<PublicFiles>,
        With { trust, checker, remembered, progress }: With<'_>,
        report: &mut AuditReport,
    ) -> anyhow::Result<()> {
        let chain_holds = self.audit.findings.is_empty();
        let scan = self.audit.tags.take().filter(|_| chain_holds).and_then(|tags| {
            tags.scan(|stream| self.audit.chain.head(stream).map(|(version, _)| version))
        });
        let streams = scan.as_ref().map(TagScan::streams);
        let (tree, wrong) = whole_tree::read(files, scan, progress).await;
        let read = tree.size() == files.size;
        if wrong.is_empty() && read {
            report.checked(format!("every bundle and tile of the tree of {} leaves", files.size));
            if let Some(streams) = streams {
                report.checked(format!(
                    "that nothing logged in {streams} stream(s) is withheld: each line's tag stands \
                     where it belongs and nowhere else, the next one nowhere"
                ));
            }
        }
        self.audit.findings.extend(wrong);
        let events = self.audit.chain.taken();
        let newer = if self.audit.part {
            self.audit.head().map_or(0, |head| u64::from(head.position >= files.size))
        } else {
            events.saturating_sub(files.size)
        };
        if newer > 0 {
            report.not_checked("the newest lines: the checkpoint does not cover them yet");
        }
        if !self.audit.part && chain_holds && events < files.size {
            let what = format!("the checkpoint covers {} events, here are {events}", files.size);
            self.audit.findings.push(Finding::at(Position(events), what));
        }
        let origin = self.manifest.as_ref().and_then(|manifest| manifest.origin.clone());
        let leaves = Leaves::Files(Arc::clone(files));
        let mut holding = Holding::new((&tree, files.size), leaves, &trust, origin);
        if let Some(note) = self.note.take() {
            let name = CHECKPOINT_FILE.to_owned();
            holding.checkpoint(&KeptCheckpoint { name, note, published: true }).await?;
        }
        if let Some(remembered) = &remembered {
            holding.checkpoint(remembered).await?;
        }
        for path in export_files::receipt_files(self.folder)? {
            match export_files::receipt(&path)? {
                Ok(receipt) => holding.receipt(receipt, checker).await?,
                Err(finding) => self.audit.findings.push(finding),
            }
        }
        self.audit.findings.extend(holding.tell(report));
        Ok(())
    }
}
