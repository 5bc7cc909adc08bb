//! The public files of a log, held against leaves: bundles and tiles, wherever they lie.

use std::sync::Arc;

use domain::journal::tile::{self, Tile, TileKind, WIDTH, bundle};
use domain::journal::tree::TreeHash;
use domain::journal::{Leaf, Position};

use super::finding::Finding;
use super::tree::Tree;
use crate::log_files;
use crate::ports::{FilesError, LogFiles};

/// The files of a tree, as of a checkpoint's size.
pub(super) struct PublicFiles {
    files: Arc<dyn LogFiles>,
    /// How many leaves the checkpoint covers.
    pub(super) size: u64,
}

impl PublicFiles {
    pub(super) fn new(files: Arc<dyn LogFiles>, size: u64) -> Self {
        Self { files, size }
    }

    async fn read(&self, tile: Tile) -> Result<Vec<u8>, Finding> {
        let start = Position(tile.index.saturating_mul(WIDTH));
        log_files::read(&*self.files, tile).await.map_err(|error| match error {
            FilesError::Unread { source, .. } => Finding::unread_at(start, source),
            FilesError::Wrong(what) => Finding::at(start, what),
        })
    }

    /// The leaves of the bundle with this number.
    pub(super) async fn leaves(&self, index: u64) -> Result<Vec<Leaf>, Finding> {
        let start = Position(index.saturating_mul(WIDTH));
        let Some(tile) = Tile::in_tree(TileKind::Entries, index, self.size) else {
            return Err(Finding::at(start, "the tree has no leaf here"));
        };
        let bytes = self.read(tile).await?;
        let leaves = tile::leaves(&bytes).filter(|leaves| leaves.len() == usize::from(tile.width));
        leaves.ok_or_else(|| Finding::at(start, format!("{tile} is not a bundle of leaves")))
    }

    /// Holds a run of leaves, the first of which begins a tile, against bundles and tiles.
    pub(super) async fn compare(
        &self,
        from: Position,
        leaves: &[Leaf],
        hashes: &[TreeHash],
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let width = usize::try_from(WIDTH).unwrap_or(usize::MAX);
        let runs = (from.0 / WIDTH..).zip(leaves.chunks(width).zip(hashes.chunks(width)));
        for (index, (leaves, hashes)) in runs {
            findings.extend(self.compare_hashes(index, hashes).await.err());
            let Some(tile) = Tile::in_tree(TileKind::Entries, index, self.size) else { continue };
            let what = "holds another leaf than the event has";
            findings.extend(self.same(tile, &bundle(leaves), what).await.err());
        }
        findings
    }

    /// Holds the hashes of a run of leaves against their tile.
    pub(super) async fn compare_hashes(
        &self,
        index: u64,
        hashes: &[TreeHash],
    ) -> Result<(), Finding> {
        match Tile::in_tree(TileKind::Hashes(0), index, self.size) {
            Some(tile) => {
                let what = "holds another hash than the leaf gives";
                self.same(tile, hashes.as_flattened(), what).await
            }
            None => Ok(()),
        }
    }

    /// Holds the tiles above those of the leaves against the tree.
    pub(super) async fn compare_upper(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (tile, bytes) in tree.upper(self.size) {
            let what = "holds another hash than the leaves below give";
            findings.extend(self.same(tile, &bytes, what).await.err());
        }
        findings
    }

    /// Whether a file is what it must be. Leaves that break off early are compared as far as they go, leaves
    /// that are newer than the checkpoint are not.
    async fn same(&self, tile: Tile, expected: &[u8], what: &str) -> Result<(), Finding> {
        let found = self.read(tile).await?;
        let (span, each) = match tile.kind {
            TileKind::Entries => (1, tile.bytes() / usize::from(tile.width)),
            TileKind::Hashes(level) => (WIDTH.pow(level.into()), 32),
        };
        let first = tile.index.saturating_mul(WIDTH);
        let place = |at: usize| Position(first.saturating_add(at as u64).saturating_mul(span));
        if found.len() != tile.bytes() {
            let what = format!("{tile} has {} bytes, not {}", found.len(), tile.bytes());
            return Err(Finding::at(place(0), what));
        }
        let mut pairs = expected.chunks(each).zip(found.chunks(each));
        match pairs.position(|(expected, found)| expected != found) {
            Some(at) => Err(Finding::at(place(at), format!("{tile} {what}"))),
            None => Ok(()),
        }
    }
}
