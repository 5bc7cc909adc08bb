//! Proofs out of tiles: which files of a log a proof needs, and the proof, once somebody has read them.

use std::collections::{BTreeSet, HashMap};

use super::proof::{LeafRange, consistency, inclusion, nodes, span_hash};
use super::tile::{Tile, node_in_tile};
use super::tree::TreeHash;

/// What a proof is made of, and the size of the tree whose tiles it is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofPlan {
    spans: Vec<LeafRange>,
    size: u64,
}

/// A tile does not reach as far as the tree's size says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a hash of {}..{} is missing", .0.start, .0.end)]
pub struct MissingHash(pub LeafRange);

impl ProofPlan {
    /// The path of leaf `index` in the tree of `size` leaves; none if there is no such leaf.
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        Some(Self { spans: inclusion(index, size)?, size })
    }

    /// That the tree of `new` leaves begins with that of `old`; none if it is shorter. Made from the files of
    /// a tree of `size` leaves, at least `new`.
    pub fn consistency((old, new): (u64, u64), size: u64) -> Option<Self> {
        Some(Self { spans: consistency(old, new)?, size })
    }

    /// The root of the first `at` leaves, at least one, out of the files of a tree of `size`, at least `at`.
    pub fn root(at: u64, size: u64) -> Self {
        let begin = 0..at;
        Self { spans: Vec::from([begin]), size }
    }

    /// The tiles that must be read.
    pub fn tiles(&self) -> BTreeSet<Tile> {
        let nodes = self.spans.iter().flat_map(nodes);
        nodes.filter_map(|node| Tile::of_node(node, self.size)).collect()
    }

    /// The hashes of the proof, out of the bytes of its tiles.
    pub fn hashes(&self, files: &HashMap<Tile, Vec<u8>>) -> Result<Vec<TreeHash>, MissingHash> {
        let hash = |span: &LeafRange| {
            let known = |node| node_in_tile(node, files.get(&Tile::of_node(node, self.size)?)?);
            span_hash(span, known).ok_or_else(|| MissingHash(span.clone()))
        };
        self.spans.iter().map(hash).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::leaf::Leaf;
    use super::super::proof::{continues, includes};
    use super::super::tiling::Tiling;
    use super::super::tree::{TreeRoot, leaf_hash};
    use super::*;

    fn leaf(number: u64) -> Leaf {
        let mut leaf = Leaf([0; Leaf::BYTES]);
        leaf.0[..8].copy_from_slice(&number.to_be_bytes());
        leaf
    }

    #[test]
    fn proofs_of_a_tree_of_600_come_from_the_tiles_they_name_and_fail_without_one() {
        let (mut tiling, mut files, mut root) = (Tiling::default(), vec![], TreeRoot::default());
        let mut older = root.root();
        for number in 0..600 {
            if number == 300 {
                older = root.root();
            }
            root.push(&leaf(number).0);
            tiling.push(leaf(number), &mut files);
        }
        files.extend(tiling.partial());
        let all: HashMap<Tile, Vec<u8>> = files.into_iter().collect();
        let root = root.root();
        let made = |plan: &ProofPlan| {
            let tiles = plan.tiles();
            assert!(tiles.iter().all(|tile| all.contains_key(tile)));
            plan.hashes(&all).unwrap()
        };
        for index in [0, 255, 256, 599] {
            let path = made(&ProofPlan::inclusion(index, 600).unwrap());
            assert!(includes(leaf_hash(&leaf(index).0), index, 600, &path, &root), "{index}");
        }
        let grown = ProofPlan::consistency((300, 600), 600).unwrap();
        assert!(continues((300, &older), (600, &root), &made(&grown)));
        assert_eq!(made(&ProofPlan::root(300, 600)), [older]);
        assert_eq!(grown.hashes(&HashMap::new()), Err(MissingHash(296..300)));
        assert_eq!(ProofPlan::inclusion(600, 600), None);
        assert_eq!(ProofPlan::consistency((601, 600), 600), None);
    }
}
