//! A log that is served: everything it serves is fetched, and its root made again from the leaves.

use std::sync::Arc;

use anyhow::Context as _;

use super::files::PublicFiles;
use super::held::{Holding, Leaves};
use super::kept::{KeptCheckpoint, checkpoint_of};
use super::report::AuditReport;
use super::trust::{Brought, keys};
use super::whole_tree;
use crate::ports::{LogFiles, Progress};

/// A log that somebody serves.
pub struct ServedLog<'a> {
    /// Where, as it was asked for.
    pub url: &'a str,
    /// Its files.
    pub files: Arc<dyn LogFiles>,
    /// The keys it says are its own, one a line; asked for only where nothing tells whose it is.
    pub keys: Option<Vec<u8>>,
}

/// Checks what a log serves; answers its checkpoint as well.
///
/// # Errors
/// If it could not look, or there is no log; what is wrong is in the report.
pub async fn check(
    ServedLog { url, files, keys: own }: ServedLog<'_>,
    brought: Brought,
    remembered: Option<KeptCheckpoint>,
    progress: &dyn Progress,
) -> anyhow::Result<(AuditReport, Vec<u8>)> {
    let trust = brought.trust(own.map_or(Ok(Vec::new()), |text| keys(&text)), None, false);
    let note = files.checkpoint().await?;
    let note = note.with_context(|| format!("{url} serves no checkpoint"))?;
    let served = checkpoint_of(&note);
    let served = served.with_context(|| format!("{url} serves no checkpoint of a log"))?;
    let size = served.size;
    let files = Arc::new(PublicFiles::new(files, size));
    let (tree, mut findings) = whole_tree::read(&files, None, progress).await;
    let origin = Some(served.origin);
    let mut report = AuditReport::of_tree(origin.clone(), tree.size(), hex::encode(tree.root()));
    report.trusting(&trust);
    report.checked(format!("{} leaves, read from their bundles, and every tile", tree.size()));
    let leaves = Leaves::Files(Arc::clone(&files));
    let mut holding = Holding::new((&tree, size), leaves, &trust, origin);
    let kept =
        KeptCheckpoint { name: "the checkpoint it serves".to_owned(), note, published: true };
    holding.checkpoint(&kept).await?;
    if let Some(remembered) = &remembered {
        holding.checkpoint(remembered).await?;
    }
    findings.extend(holding.tell(&mut report));
    report.not_checked("the events: a log serves their digests only; ask for an export");
    report.not_checked("the leaves' tags, which need the streams' keys");
    report.not_checked("what anchors hold: a log does not serve their receipts");
    if remembered.is_none() {
        report
            .not_checked("whether it shows others the same, or showed another before (--remember)");
    }
    Ok((report.conclude(findings), kept.note))
}
