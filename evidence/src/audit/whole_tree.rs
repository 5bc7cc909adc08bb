//! Every leaf of a tree that is served or came along: bundles read, tiles held against them, root made again.

use std::sync::Arc;

use domain::journal::Position;
use domain::journal::tile::WIDTH;
use domain::journal::tree::{TreeHash, leaf_hash, subtree};
use futures::stream::{self, StreamExt as _};

use super::files::PublicFiles;
use super::finding::{FILES_MAX, Finding};
use super::tags::TagScan;
use super::tree::Tree;
use crate::ports::Progress;

/// Files under way at once.
const FILES: usize = 32;

/// What a bundle shows.
struct CheckedEntryBundle {
    hashes: Vec<TreeHash>,
    subtree: Option<TreeHash>,
    findings: Vec<Finding>,
}

/// Reads a tree, and looks through its leaves for `scan`; answers what is wrong as well. The tree breaks off
/// where a bundle cannot be read.
pub(super) async fn read(
    files: &Arc<PublicFiles>,
    scan: Option<TagScan>,
    progress: &dyn Progress,
) -> (Tree, Vec<Finding>) {
    let mut tree = Tree::default();
    let mut findings = Vec::new();
    let scan = Arc::new(scan);
    progress.begin(files.size, "reading the tree");
    let tasks = (0..files.size.div_ceil(WIDTH))
        .map(|index| tokio::spawn(bundle(Arc::clone(files), Arc::clone(&scan), index)));
    let mut bundles = stream::iter(tasks).buffered(FILES);
    while let Some(read) = bundles.next().await {
        let CheckedEntryBundle { hashes, subtree, findings: wrong } = match read {
            Ok(Ok(bundle)) => bundle,
            Ok(Err(finding)) => {
                findings.push(finding);
                break;
            }
            Err(error) => {
                findings.push(Finding::at(Position(tree.size()), error));
                break;
            }
        };
        progress.advance(hashes.len() as u64);
        let last = hashes.len().saturating_sub(1);
        for (at, hash) in hashes.into_iter().enumerate() {
            tree.push(hash, subtree.filter(|_| at == last));
        }
        let room = FILES_MAX.saturating_sub(findings.len());
        findings.extend(wrong.into_iter().take(room));
    }
    progress.end();
    if tree.size() == files.size {
        findings.extend(files.compare_upper(&tree).await);
    }
    (tree, findings)
}

async fn bundle(
    files: Arc<PublicFiles>,
    scan: Arc<Option<TagScan>>,
    index: u64,
) -> Result<CheckedEntryBundle, Finding> {
    let leaves = files.leaves(index).await?;
    let hashes: Vec<TreeHash> = leaves.iter().map(|leaf| leaf_hash(&leaf.0)).collect();
    let mut findings: Vec<Finding> =
        files.compare_hashes(index, &hashes).await.err().into_iter().collect();
    if let Some(scan) = scan.as_ref() {
        let places = (index * WIDTH..).map(Position);
        findings.extend(places.zip(&leaves).filter_map(|(at, leaf)| scan.look(at, leaf).err()));
    }
    let full = hashes.len() as u64 == WIDTH;
    let subtree = full.then(|| subtree(hashes.clone()));
    Ok(CheckedEntryBundle { hashes, subtree, findings })
}
