//! What an organisation has to show beside its events: public files, checkpoints, anchors.

use std::sync::Arc;

use domain::audit::event::LogAnchored;
use domain::journal::Position;

use super::files::PublicFiles;
use super::finding::{FILES_MAX, Finding};
use super::held::{Holding, Leaves};
use super::kept::{AnchoredCheckpoint, KeptCheckpoint, StoredTree, checkpoint_of};
use super::report::AuditReport;
use super::trust::TrustPolicy;
use super::walk::Audit;
use crate::ports::{ReceiptChecker, StoredLines};

/// The tree of an organisation, and who is believed.
pub struct Outside {
    /// Its public files and the checkpoints it keeps.
    pub tree: StoredTree,
    /// Whom to believe.
    pub trust: TrustPolicy,
    /// Who is asked whether anchors hold what they gave receipts for.
    pub checker: Arc<dyn ReceiptChecker>,
    /// What whoever checks remembers of the log.
    pub remembered: Option<KeptCheckpoint>,
}

/// What nothing inside a database can show.
pub(super) const NO_CHECKPOINT: &str = "whether the log was rewritten from some place to its end, its tail cut together with \
     the store's own count, or events of different streams changed round: no checkpoint of \
     it lies outside this database (a tree root noted elsewhere before would show it)";

impl Outside {
    /// The public files, as of the published checkpoint.
    pub(super) fn files(&self) -> Option<Arc<PublicFiles>> {
        let size = checkpoint_of(self.tree.published.as_ref()?)?.size;
        Some(Arc::new(PublicFiles::new(Arc::clone(&self.tree.files), size)))
    }

    /// The checkpoints that are kept, and where; what is not there is not checked.
    fn kept(&self, report: &mut AuditReport) -> [Option<KeptCheckpoint>; 3] {
        let StoredTree { published, guard: (place, guard), signed, .. } = &self.tree;
        let mut kept = |name: String, note: &Option<Vec<u8>>, published| {
            if note.is_none() {
                report.not_checked(format!("{name}: there is none"));
            }
            note.clone().map(|note| KeptCheckpoint { name, note, published })
        };
        [
            kept("the published checkpoint".to_owned(), published, true),
            kept(format!("the guard file {}", place.display()), guard, false),
            kept("the checkpoint store log.db".to_owned(), signed, false),
        ]
    }

    /// Holds what is kept and what was anchored against the tree; answers what is wrong.
    pub(super) async fn hold(
        &self,
        audit: &mut Audit,
        lines: &Arc<dyn StoredLines>,
        length: u64,
        report: &mut AuditReport,
    ) -> anyhow::Result<Vec<Finding>> {
        report.trusting(&self.trust);
        let kept = self.kept(report);
        if kept.iter().all(Option::is_none) {
            report.not_checked(NO_CHECKPOINT);
            return Ok(Vec::new());
        }
        let mut findings = self.files_held(audit, report).await;
        let tree = std::mem::take(&mut audit.tree);
        let leaves = Leaves::Lines(Arc::clone(lines));
        let origin = audit.chain.source().map(ToOwned::to_owned);
        let mut holding = Holding::new((&tree, length), leaves, &self.trust, origin);
        let mut sizes = [None; 3];
        for (size, kept) in sizes.iter_mut().zip(&kept) {
            if let Some(kept) = kept {
                *size = holding.checkpoint(kept).await?;
            }
        }
        if let Some(remembered) = &self.remembered {
            holding.checkpoint(remembered).await?;
        }
        findings.extend(out_of_order(&kept, sizes));
        let checkpoint_size = sizes.iter().flatten().max().copied().unwrap_or(0);
        if checkpoint_size < length {
            report.not_checked(format!(
                "{} events that no checkpoint covers",
                length - checkpoint_size
            ));
        }
        if audit.anchored.is_empty() {
            report.not_checked("whether anybody outside saw it: nothing was ever anchored");
        }
        let mut older = 0;
        for position in &audit.anchored {
            let Some(anchored) = anchored(&**lines, *position).await? else { continue };
            let origin =
                checkpoint_of(anchored.note.as_bytes()).map(|checkpoint| checkpoint.origin);
            if audit.chain.older().iter().any(|log| Some(&log.origin) == origin.as_ref()) {
                older += 1;
            } else {
                holding.receipt(anchored, &*self.checker).await?;
            }
        }
        if older > 0 {
            report.not_checked(format!("{older} receipts of anchors for the older log's own tree"));
        }
        findings.extend(holding.tell(report));
        Ok(findings)
    }

    /// What was found out about the public files.
    async fn files_held(&self, audit: &mut Audit, report: &mut AuditReport) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut audit.files);
        let Some(files) = self.files() else {
            report.not_checked("tiles and bundles: nothing is published");
            return findings;
        };
        if audit.tree.size() < files.size {
            report.not_checked("tiles and bundles after the first broken place");
        } else {
            findings.extend(files.compare_upper(&audit.tree).await);
            findings.truncate(FILES_MAX);
            let size = files.size;
            report.checked(format!("every bundle and tile of the published tree of {size} leaves"));
        }
        findings
    }
}

/// Each checkpoint is written before the next is: an earlier one that is behind was put back.
fn out_of_order(kept: &[Option<KeptCheckpoint>; 3], sizes: [Option<u64>; 3]) -> Option<Finding> {
    for (early, late) in [(0, 1), (1, 2), (0, 2)] {
        let (Some(behind), Some(ahead)) = (&kept[late], &kept[early]) else { continue };
        let (Some(known), Some(seen)) = (sizes[late], sizes[early]) else { continue };
        if seen > known {
            let (behind, ahead) = (&behind.name, &ahead.name);
            let what = format!(
                "{ahead} covers {seen} events and {behind} only {known}: an older copy was put back"
            );
            return Some(Finding::of_file(what));
        }
    }
    None
}

/// The record at a position, read again: there may be many, and each holds a note.
async fn anchored(
    lines: &dyn StoredLines,
    position: Position,
) -> anyhow::Result<Option<AnchoredCheckpoint>> {
    let lines = lines.of_log(position, 1).await?;
    let Some(line) = lines.first() else { return Ok(None) };
    let Some(fact) = line.recorded()?.fact.into_body::<LogAnchored>() else { return Ok(None) };
    let name = format!("the receipt for {} events", fact.size);
    Ok(Some(AnchoredCheckpoint {
        position: Some(position),
        name,
        anchor: fact.anchor,
        size: fact.size,
        note: fact.checkpoint,
        receipt: fact.receipt,
    }))
}
