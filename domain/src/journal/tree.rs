//! RFC 6962 hashes over leaves: what a stock verifier computes.

use sha2::{Digest, Sha256};

/// A SHA-256 tree hash.
pub type TreeHash = [u8; 32];

/// `H(0x00 | leaf data)`.
pub fn leaf_hash(data: &[u8]) -> TreeHash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// `H(0x01 | left | right)`.
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root over hashes that are a power of two in number.
pub fn subtree(mut row: Vec<TreeHash>) -> TreeHash {
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied().unwrap_or_default()
}

/// A tree that grows by one leaf at a time and keeps only its right edge: 32 bytes a level.
#[derive(Debug, Clone, Default)]
pub struct TreeRoot {
    size: u64,
    edge: Vec<TreeHash>,
}

impl TreeRoot {
    /// Adds a leaf.
    pub fn push(&mut self, leaf_data: &[u8]) {
        self.push_hash(leaf_hash(leaf_data));
    }

    /// Adds a leaf by its [`leaf_hash`], which can be made elsewhere.
    pub fn push_hash(&mut self, mut hash: TreeHash) {
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.edge.pop() {
                hash = node_hash(&left, &hash);
            }
            size >>= 1;
        }
        self.edge.push(hash);
        self.size += 1;
    }

    /// The tree of `size` leaves, its right edge given by complete subtrees from left to right; none if there
    /// are not as many as that tree has.
    pub fn resume(size: u64, edge: Vec<TreeHash>) -> Option<Self> {
        (edge.len() == size.count_ones() as usize).then_some(Self { size, edge })
    }

    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the leaves so far; of none, `H("")`.
    pub fn root(&self) -> TreeHash {
        let mut edge = self.edge.iter().rev();
        match edge.next() {
            Some(last) => edge.fold(*last, |right, left| node_hash(left, &right)),
            None => Sha256::digest([]).into(),
        }
    }
}
