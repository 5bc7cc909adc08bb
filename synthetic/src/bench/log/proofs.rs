//! Inclusion proofs made from the files, beside reading those files and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::journal::proof::{includes, inclusion, nodes};
use domain::journal::tile::{Tile, TileKind, WIDTH};
use domain::journal::tree::leaf_hash;

use super::super::Measured;
use super::super::rounds::{ROUNDS, share};
use super::disk::LogOnDisk;

/// Proofs a round, in a log that has as many leaves.
const PROOFS_MAX: u64 = 2_000;
/// A proof is made within a millisecond.
const FLOOR: f64 = 1.0;

/// The times of one round, in milliseconds.
#[derive(Default)]
struct Round {
    made: Vec<f64>,
    checked: Vec<f64>,
    read: Vec<f64>,
}

pub(super) async fn measure(kept: &LogOnDisk, data: &Path) -> anyhow::Result<Vec<Measured>> {
    let mut rounds = Vec::new();
    for number in 0..ROUNDS as u64 {
        rounds.push(round(kept, data, number).await?);
    }
    let mut at = |part: f64| -> Vec<(f64, f64)> {
        let pair = |round: &mut Round| (share(&mut round.made, part), share(&mut round.read, part));
        rounds.iter_mut().map(pair).collect()
    };
    let (median, p99) = (at(0.5), at(0.99));
    let checked = rounds.iter_mut().map(|round| share(&mut round.checked, 0.5) * 1_000.0);
    let checked: Vec<f64> = checked.collect();
    Ok(vec![
        Measured::against("inclusion proof, median", 1, "ms", &median).at_most(FLOOR),
        Measured::against("inclusion proof, p99", 1, "ms", &p99).at_most(FLOOR),
        Measured::alone("checking it, median", 1, "µs", &checked),
    ])
}

async fn round(kept: &LogOnDisk, data: &Path, number: u64) -> anyhow::Result<Round> {
    let size = kept.checkpoint.size;
    let root = kept.checkpoint.root;
    let mut times = Round::default();
    for proof in 0..size.min(PROOFS_MAX) {
        // Anywhere in the log, and elsewhere in every round.
        let index = (number * PROOFS_MAX + proof + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
        let files = files(data, index, size);
        times.read.push(timed(|| files.iter().try_for_each(|file| std::fs::read(file).map(drop)))?);
        let began = Instant::now();
        let (leaf, path) = kept.tree.proof(index, size).await?;
        times.made.push(began.elapsed().as_secs_f64() * 1_000.0);
        times.checked.push(timed(|| {
            let holds = includes(leaf_hash(&leaf.0), index, size, &path, &root);
            anyhow::ensure!(holds, "the proof of leaf {index} does not hold");
            Ok(())
        })?);
    }
    Ok(times)
}

/// Milliseconds that something takes.
fn timed<E>(work: impl FnOnce() -> Result<(), E>) -> Result<f64, E> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

/// The files that a proof of this leaf is made of.
fn files(data: &Path, index: u64, size: u64) -> Vec<PathBuf> {
    let spans = inclusion(index, size).unwrap_or_default();
    let hashes = spans.iter().flat_map(nodes).filter_map(|node| Tile::of_node(node, size));
    let bundle = Tile::in_tree(TileKind::Entries, index / WIDTH, size);
    let tiles: BTreeSet<Tile> = hashes.chain(bundle).collect();
    tiles.iter().map(|tile| data.join("log").join(tile.to_string())).collect()
}
