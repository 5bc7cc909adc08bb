//! Proofs that a leaf is in a tree and that a tree continues another (RFC 6962 §2.1), made from nodes of
//! the tree and checked without it (RFC 9162 §2.1.3.2, §2.1.4.2).

use std::ops::Range;

use super::tile::Node;
use super::tree::{TreeHash, TreeRoot, node_hash};

/// A run of leaves that is a node of the tree of some size: what one hash of a proof stands for.
pub type LeafRange = Range<u64>;

/// The complete subtrees that `span` is made of, left to right.
///
/// `span` must begin at a multiple of the largest power of two that it holds, as every node does.
pub fn nodes(span: &LeafRange) -> Vec<Node> {
    let (mut start, mut left) = (span.start, span.end.saturating_sub(span.start));
    let mut nodes = Vec::new();
    while left > 0 {
        let level = left.ilog2();
        nodes.push(Node { level, index: start >> level });
        start += 1 << level;
        left -= 1 << level;
    }
    nodes
}

/// The hash of a span, each complete subtree's hash given by `hash_of`; none if one of them is missing.
pub fn span_hash(span: &LeafRange, hash_of: impl Fn(Node) -> Option<TreeHash>) -> Option<TreeHash> {
    let nodes = nodes(span);
    let mut hashes = nodes.into_iter().rev().map(hash_of);
    let last = hashes.next()??;
    hashes.try_fold(last, |right, left| Some(node_hash(&left?, &right)))
}

/// What an inclusion proof of leaf `index` in a tree of `size` is made of, bottom up.
pub fn inclusion(index: u64, size: u64) -> Option<Vec<LeafRange>> {
    (index < size).then(|| path(index, 0..size))
}

fn path(index: u64, span: LeafRange) -> Vec<LeafRange> {
    let mut spans = Vec::new();
    let mut span = span;
    while span.end - span.start > 1 {
        let middle = span.start + split(span.end - span.start);
        if index < middle {
            spans.push(middle..span.end);
            span.end = middle;
        } else {
            spans.push(span.start..middle);
            span.start = middle;
        }
    }
    spans.reverse();
    spans
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// What a consistency proof from `old` to `new` leaves is made of; empty where there is nothing to prove.
pub fn consistency(old: u64, new: u64) -> Option<Vec<LeafRange>> {
    if old > new {
        return None;
    }
    if old == 0 || old == new {
        return Some(Vec::new());
    }
    let mut spans = Vec::new();
    let mut span = 0..new;
    // RFC 6962 SUBPROOF: the root of the old tree itself is known to whoever checks.
    let mut known = true;
    while old != span.end {
        let middle = span.start + split(span.end - span.start);
        if old <= middle {
            spans.push(middle..span.end);
            span.end = middle;
        } else {
            spans.push(span.start..middle);
            span.start = middle;
            known = false;
        }
    }
    if !known {
        spans.push(span);
    }
    spans.reverse();
    Some(spans)
}

/// Whether `proof` shows that a leaf with this hash stands at `index` in the tree of `size` with `root`.
pub fn includes(
    leaf: TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
    root: &TreeHash,
) -> bool {
    if index >= size {
        return false;
    }
    let mut node = index;
    let mut last = size - 1;
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new.0` leaves with root `new.1` begins with the tree of `old`.
pub fn continues(old: (u64, &TreeHash), new: (u64, &TreeHash), proof: &[TreeHash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && TreeRoot::default().root() == *old_root;
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let mut proof = proof.iter();
    let first = if old_size.is_power_of_two() { Some(old_root) } else { proof.next() };
    let Some(first) = first else { return false };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tree::leaf_hash;

    fn tree(size: u64) -> Vec<TreeHash> {
        (0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect()
    }

    /// RFC 6962's own definition, for comparison.
    fn root(leaves: &[TreeHash]) -> TreeHash {
        match leaves {
            [] => TreeRoot::default().root(),
            [leaf] => *leaf,
            more => {
                let middle = usize::try_from(split(more.len() as u64)).unwrap();
                node_hash(&root(&more[..middle]), &root(&more[middle..]))
            }
        }
    }

    fn hashes(spans: &[LeafRange], leaves: &[TreeHash]) -> Vec<TreeHash> {
        let of = |node: Node| {
            let at = |index: u64| usize::try_from(index << node.level).unwrap();
            leaves.get(at(node.index)..at(node.index + 1)).map(root)
        };
        spans.iter().map(|span| span_hash(span, of).unwrap()).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proved_and_no_other() {
        for size in 1..70 {
            let leaves = tree(size);
            let whole = root(&leaves);
            for index in 0..size {
                let proof = hashes(&inclusion(index, size).unwrap(), &leaves);
                let leaf = leaves[usize::try_from(index).unwrap()];
                assert!(includes(leaf, index, size, &proof, &whole), "{index} of {size}");
                assert!(!includes(leaf, index + 1, size, &proof, &whole));
                assert!(!includes(leaf_hash(b"other"), index, size, &proof, &whole));
                let longer = [proof.clone(), vec![whole]].concat();
                assert!(!includes(leaf, index, size, &longer, &whole));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(!includes(leaf, index, size, shorter, &whole));
                }
            }
            assert_eq!(inclusion(size, size), None);
        }
    }

    #[test]
    fn every_small_tree_continues_every_smaller_one_and_no_other() {
        for new in 0..40 {
            let leaves = tree(new);
            let whole = root(&leaves);
            for old in 0..=new {
                let before = root(&leaves[..usize::try_from(old).unwrap()]);
                let proof = hashes(&consistency(old, new).unwrap(), &leaves);
                assert!(continues((old, &before), (new, &whole), &proof), "{old} to {new}");
                let other = leaf_hash(b"other");
                assert!(!continues((old, &other), (new, &whole), &proof), "{old} to {new}");
                assert!(!continues((old, &before), (new, &other), &proof) || old == 0);
                let longer = [proof.clone(), vec![whole]].concat();
                assert!(!continues((old, &before), (new, &whole), &longer), "{old} to {new}");
            }
            assert_eq!(consistency(new + 1, new), None);
        }
    }
}
