//! The growing tree as tiles: takes leaves in order and gives out tiles as they fill.

use super::leaf::Leaf;
use super::proof::nodes;
use super::tile::{Tile, TileKind, WIDTH, bundle, leaves};
use super::tree::{TreeHash, TreeRoot, leaf_hash, subtree};

/// The right edge of a tree: the last, unfinished tile of every level and the last bundle.
#[derive(Debug, Clone, Default)]
pub struct Tiling {
    size: u64,
    /// The hashes of each level's unfinished tile, from the leaves up.
    rows: Vec<Vec<TreeHash>>,
    /// The leaves of the unfinished bundle.
    entries: Vec<Leaf>,
}

impl Tiling {
    /// The edge of a tree of `size`, its tiles' bytes given by `read`; none if one is missing or of another
    /// length, or the last leaves are not those of the last tile.
    pub fn resume(size: u64, read: impl Fn(Tile) -> Option<Vec<u8>>) -> Option<Self> {
        let mut tiling = Self { size, ..Self::default() };
        for tile in Self::edge(size) {
            let bytes = read(tile).filter(|bytes| bytes.len() == tile.bytes())?;
            match tile.kind {
                TileKind::Entries => tiling.entries = leaves(&bytes)?,
                TileKind::Hashes(level) => {
                    tiling.rows.resize(usize::from(level) + 1, Vec::new());
                    tiling.rows[usize::from(level)] = bytes.as_chunks::<32>().0.to_vec();
                }
            }
        }
        let hashes = tiling.entries.iter().map(|leaf| leaf_hash(&leaf.0));
        let row = tiling.rows.first().into_iter().flatten().copied();
        hashes.eq(row).then_some(tiling)
    }

    /// The partial tiles that a tree of `size` ends with.
    pub fn edge(size: u64) -> Vec<Tile> {
        let mut tiles = Vec::new();
        let (mut level, mut hashes) = (0, size);
        while hashes > 0 {
            let index = hashes / WIDTH;
            if level == 0 {
                tiles.extend(Tile::in_tree(TileKind::Entries, index, size));
            }
            tiles.extend(Tile::in_tree(TileKind::Hashes(level), index, size));
            level += 1;
            hashes /= WIDTH;
        }
        tiles
    }

    /// How many leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; tiles and bundles that are full now go to `full`.
    pub fn push(&mut self, leaf: Leaf, full: &mut Vec<(Tile, Vec<u8>)>) {
        let index = self.size / WIDTH;
        self.entries.push(leaf);
        if self.entries.len() as u64 == WIDTH {
            let tile = Tile { kind: TileKind::Entries, index, width: 0 }.full();
            full.push((tile, bundle(&self.entries)));
            self.entries.clear();
        }
        self.size += 1;
        let mut hash = leaf_hash(&leaf.0);
        let mut hashes = self.size;
        for level in 0_u8.. {
            let place = usize::from(level);
            if self.rows.len() == place {
                self.rows.push(Vec::with_capacity(256));
            }
            self.rows[place].push(hash);
            if self.rows[place].len() as u64 != WIDTH {
                break;
            }
            let row = std::mem::take(&mut self.rows[place]);
            let kind = TileKind::Hashes(level);
            let tile = Tile { kind, index: hashes / WIDTH - 1, width: 0 }.full();
            full.push((tile, row.as_flattened().to_vec()));
            hash = subtree(row);
            hashes /= WIDTH;
        }
    }

    /// The tiles that are not full yet, and the bundle.
    pub fn partial(&self) -> Vec<(Tile, Vec<u8>)> {
        let bytes = |tile: Tile| match tile.kind {
            TileKind::Entries => bundle(&self.entries),
            TileKind::Hashes(level) => self.rows[usize::from(level)].as_flattened().to_vec(),
        };
        Self::edge(self.size).into_iter().map(|tile| (tile, bytes(tile))).collect()
    }

    /// The complete subtrees at the edge, left to right, as [`TreeRoot`] keeps them.
    pub fn tree(&self) -> TreeRoot {
        let mut edge = Vec::new();
        for row in self.rows.iter().rev() {
            for node in nodes(&(0..row.len() as u64)) {
                let at = |index: u64| usize::try_from(index << node.level).unwrap_or(usize::MAX);
                edge.push(subtree(row[at(node.index)..at(node.index + 1)].to_vec()));
            }
        }
        TreeRoot::resume(self.size, edge).unwrap_or_default()
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> TreeHash {
        self.tree().root()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::journal::tile::tiles_between;

    fn leaf(number: u64) -> Leaf {
        let mut leaf = Leaf([7; Leaf::BYTES]);
        leaf.0[..8].copy_from_slice(&number.to_be_bytes());
        leaf
    }

    #[test]
    fn tiles_fill_and_the_edge_is_resumed_at_every_size() {
        let mut files = HashMap::new();
        let mut tiling = Tiling::default();
        let mut tree = TreeRoot::default();
        for size in 1..=66_000_u64 {
            let mut full = Vec::new();
            tiling.push(leaf(size), &mut full);
            tree.push(&leaf(size).0);
            files.extend(full);
            if size < 600 || size.is_multiple_of(257) || size.is_multiple_of(65_536) {
                files.extend(tiling.partial());
                let expected = tiles_between(size - 1, size);
                assert!(expected.iter().all(|tile| files.contains_key(tile)), "{size}");
                assert_eq!(tiling.root(), tree.root(), "{size}");
                let again = Tiling::resume(size, |tile| files.get(&tile).cloned()).unwrap();
                assert_eq!(again.root(), tree.root(), "{size}");
            }
        }
        let sizes: Vec<usize> = files.keys().map(|tile| tile.bytes()).collect();
        assert!(files.values().zip(sizes).all(|(bytes, size)| bytes.len() == size));
    }

    #[test]
    fn an_edge_that_does_not_fit_is_not_resumed() {
        let mut tiling = Tiling::default();
        let mut files = Vec::new();
        (0..300).for_each(|number| tiling.push(leaf(number), &mut files));
        files.extend(tiling.partial());
        let files: HashMap<_, _> = files.into_iter().collect();
        assert!(Tiling::resume(300, |tile| files.get(&tile).cloned()).is_some());
        for damaged in Tiling::edge(300) {
            if damaged.kind == TileKind::Hashes(1) {
                continue;
            }
            let flipped = |tile| {
                let mut bytes = files.get(&tile).cloned()?;
                bytes[9] ^= u8::from(tile == damaged);
                Some(bytes)
            };
            assert!(Tiling::resume(300, flipped).is_none(), "{damaged}");
            let missing = |tile| files.get(&tile).filter(|_| tile != damaged).cloned();
            assert!(Tiling::resume(300, missing).is_none(), "{damaged}");
        }
    }
}
