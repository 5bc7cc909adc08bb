//! The tree over the leaves that were checked, kept so that its root at any earlier size can be told: one
//! hash for 256 leaves, and the same again for what stands above.

use domain::journal::proof::span_hash;
use domain::journal::tile::{HEIGHT, Node, Tile, TileKind, WIDTH};
use domain::journal::tree::{TreeHash, TreeRoot, node_hash, subtree};

/// A tree that grows by a leaf at a time.
#[derive(Default)]
pub(super) struct Tree {
    size: u64,
    /// Complete subtrees of 256 leaves, of 512, of 1,024 …
    levels: Vec<Vec<TreeHash>>,
    /// Hashes of the leaves after the last complete 256.
    edge: Vec<TreeHash>,
}

impl Tree {
    /// How many leaves.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf's hash; with the last of 256 comes the hash over them, if it was made elsewhere.
    pub(super) fn push(&mut self, leaf: TreeHash, known: Option<TreeHash>) {
        self.edge.push(leaf);
        self.size += 1;
        if self.edge.len() as u64 == WIDTH {
            let row = std::mem::take(&mut self.edge);
            self.complete(known.unwrap_or_else(|| subtree(row)));
        }
    }

    fn complete(&mut self, mut hash: TreeHash) {
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => return,
            }
        }
    }

    /// The root of everything.
    pub(super) fn root(&self) -> TreeHash {
        self.root_at(self.size, &self.edge).unwrap_or_else(|| TreeRoot::default().root())
    }

    /// Which 256 leaves, by their number, must be known again for the root at `size`; none if no part of any.
    pub(super) fn wanted(&self, size: u64) -> Option<u64> {
        let tile = size / WIDTH;
        let in_edge = tile == self.size / WIDTH;
        (!size.is_multiple_of(WIDTH) && !in_edge && size <= self.size).then_some(tile)
    }

    /// The root at `size`, the hashes of the [`Tree::wanted`] leaves given again; none if they are not those
    /// that were here before, or the tree was never so long.
    pub(super) fn root_with(&self, size: u64, again: &[TreeHash]) -> Option<TreeHash> {
        match self.wanted(size) {
            None => self.root_at(size, &self.edge),
            Some(tile) => {
                let known = self.levels.first()?.get(usize::try_from(tile).ok()?)?;
                let same = again.len() as u64 == WIDTH && subtree(again.to_vec()) == *known;
                same.then(|| self.root_at(size, again)).flatten()
            }
        }
    }

    fn root_at(&self, size: u64, partial: &[TreeHash]) -> Option<TreeHash> {
        if size == 0 || size > self.size {
            return (size == 0).then(|| TreeRoot::default().root());
        }
        span_hash(&(0..size), |node| {
            if node.level >= HEIGHT {
                return self.node(node);
            }
            let start = usize::try_from((node.index << node.level) % WIDTH).ok()?;
            Some(subtree(partial.get(start..start + (1 << node.level))?.to_vec()))
        })
    }

    fn node(&self, node: Node) -> Option<TreeHash> {
        let row = self.levels.get(usize::try_from(node.level.checked_sub(HEIGHT)?).ok()?)?;
        row.get(usize::try_from(node.index).ok()?).copied()
    }

    /// The tiles above those of the leaves, as a tree of `size` has them.
    pub(super) fn upper(&self, size: u64) -> Vec<(Tile, Vec<u8>)> {
        let mut tiles = Vec::new();
        for level in 1_u8.. {
            let mut index = 0;
            while let Some(tile) = Tile::in_tree(TileKind::Hashes(level), index, size) {
                let hashes = (0..u64::from(tile.width)).map_while(|at| {
                    let level = u32::from(level) * HEIGHT;
                    let index = index * WIDTH + at;
                    self.node(Node { level, index })
                });
                tiles.push((tile, hashes.collect::<Vec<_>>().as_flattened().to_vec()));
                index += 1;
            }
            if index == 0 {
                break;
            }
        }
        tiles
    }
}

#[cfg(test)]
mod tests {
    use domain::journal::tiling::Tiling;
    use domain::journal::tree::leaf_hash;
    use domain::journal::{Leaf, tile::tiles_between};

    use super::*;

    fn leaf(number: u64) -> Leaf {
        let mut leaf = Leaf([7; Leaf::BYTES]);
        leaf.0[..8].copy_from_slice(&number.to_be_bytes());
        leaf
    }

    #[test]
    fn every_earlier_root_and_upper_tile_is_that_of_the_domain() {
        let mut tree = Tree::default();
        let mut roots = vec![];
        let mut expected = TreeRoot::default();
        let hashes: Vec<TreeHash> = (0..70_000).map(|number| leaf_hash(&leaf(number).0)).collect();
        for hash in &hashes {
            roots.push(expected.root());
            expected.push_hash(*hash);
            tree.push(*hash, None);
        }
        roots.push(expected.root());
        assert_eq!(tree.root(), expected.root());
        for size in (0..=70_000_u64).filter(|size| size % 97 == 0 || size % 256 < 2) {
            let at = |tile: u64| usize::try_from(tile * 256).unwrap();
            let again = tree.wanted(size).map(|tile| &hashes[at(tile)..at(tile + 1)]);
            let found = tree.root_with(size, again.unwrap_or_default());
            assert_eq!(found, Some(roots[usize::try_from(size).unwrap()]), "{size}");
        }
        assert_eq!(tree.root_with(1_000, &hashes[..256]), None, "these are others");
        assert_eq!(tree.root_with(70_001, &[]), None);

        let mut tiling = Tiling::default();
        let mut files = Vec::new();
        (0..66_000).for_each(|number| tiling.push(leaf(number), &mut files));
        files.extend(tiling.partial());
        let above = tiles_between(0, 66_000).into_iter();
        let above = above.filter(|tile| matches!(tile.kind, TileKind::Hashes(1..)));
        let upper = tree.upper(66_000);
        assert_eq!(upper.len(), above.count());
        assert!(upper.iter().all(|tile| files.contains(tile)));
    }
}
