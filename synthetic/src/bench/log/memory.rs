//! Leaves in memory: hashed into tiles, beside the two hashes that a leaf costs at the least.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use domain::journal::Leaf;
use domain::journal::tile::WIDTH;
use domain::journal::tiling::Tiling;
use domain::journal::tree::{leaf_hash, node_hash};

use super::super::Measured;
use super::super::rounds::ROUNDS;

/// Most leaves that are held in memory.
const LEAVES_MAX: u64 = 1_000_000;
/// Leaves a second, on two cores.
const FLOOR: f64 = 250_000.0;

pub(super) async fn measure(count: u64) -> anyhow::Result<Vec<Measured>> {
    let leaves: Arc<[Leaf]> = (0..count.min(LEAVES_MAX)).map(leaf).collect();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let leaves = Arc::clone(&leaves);
        let round = tokio::task::spawn_blocking(move || (tiled(&leaves), hashed(&leaves)));
        rounds.push(round.await?);
    }
    let tiled = Measured::against("leaves hashed and tiled in memory", 1, "1/s", &rounds);
    Ok(vec![tiled.at_least(FLOOR)])
}

/// Leaves a second through everything that makes tiles of them.
fn tiled(leaves: &[Leaf]) -> f64 {
    let began = Instant::now();
    let mut tiling = Tiling::default();
    let mut full = Vec::new();
    for leaves in leaves.chunks(WIDTH as usize) {
        leaves.iter().for_each(|leaf| tiling.push(*leaf, &mut full));
        black_box(&full);
        full.clear();
    }
    black_box((tiling.partial(), tiling.root()));
    leaves.len() as f64 / began.elapsed().as_secs_f64()
}

/// Leaves a second through SHA-256 alone: one hash of the leaf, one of the node that it brings.
fn hashed(leaves: &[Leaf]) -> f64 {
    let began = Instant::now();
    for leaf in leaves {
        let hash = leaf_hash(&leaf.0);
        black_box(node_hash(&hash, &hash));
    }
    leaves.len() as f64 / began.elapsed().as_secs_f64()
}

/// Bytes that look random, as a leaf's digests do.
fn leaf(number: u64) -> Leaf {
    let mut bytes = [0; Leaf::BYTES];
    blake3::Hasher::new().update(&number.to_be_bytes()).finalize_xof().fill(&mut bytes);
    bytes[..4].copy_from_slice(&Leaf::MAGIC);
    Leaf(bytes)
}
