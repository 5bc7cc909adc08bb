//! A log at a URL: everything it serves is fetched, and its root made again from the leaves.

use std::sync::Arc;

use anyhow::Context as _;
use domain::journal::note::VerifierKey;

use super::files::PublicFiles;
use super::held::{Holding, KeptCheckpoint, Leaves};
use super::outside::checkpoint_of;
use super::report::AuditReport;
use super::trust::Brought;
use super::whole_tree;
use crate::wiring::LogUrl;

/// Reads keys, one a line.
pub(super) fn keys(text: &[u8]) -> Result<Vec<VerifierKey>, String> {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    text.lines().map(|line| line.parse().map_err(|error| format!("keys.txt: {error}"))).collect()
}

/// Checks what a log serves; answers its checkpoint as well.
pub(super) async fn check(
    url: &str,
    brought: Brought,
    remembered: Option<KeptCheckpoint>,
) -> anyhow::Result<(AuditReport, Vec<u8>)> {
    let log = LogUrl::new(url)?;
    let own = if brought.has_keys() {
        Ok(Vec::new())
    } else {
        log.keys().await?.map_or(Ok(Vec::new()), |text| keys(&text))
    };
    let trust = brought.trust(own, None, false);
    let note = log.files.checkpoint().await?;
    let note = note.with_context(|| format!("{url} serves no checkpoint"))?;
    let served = checkpoint_of(&note);
    let served = served.with_context(|| format!("{url} serves no checkpoint of a log"))?;
    let size = served.size;
    let files = Arc::new(PublicFiles::new(Arc::clone(&log.files), size));
    let (tree, mut findings) = whole_tree::read(&files, None).await;
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

/// Whether it is an address of the web, not a folder.
pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_folder() {
        assert!(is_url("https://clinic.example/log/") && is_url("http://127.0.0.1:1/log"));
        assert!(!is_url("/tmp/http") && !is_url("out"));
    }
}
