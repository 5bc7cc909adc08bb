//! Proofs, made from the public files alone: whoever has the files can make the same.

use std::collections::HashMap;

use domain::journal::Leaf;
use domain::journal::proof_plan::ProofPlan;
use domain::journal::tile::{Tile, TileKind, WIDTH, leaves};
use domain::journal::tree::TreeHash;

use crate::ports::{LogPortError, TileStore};

/// The hashes of a planned proof, out of the tiles it needs.
async fn hashes(tiles: &dyn TileStore, plan: &ProofPlan) -> Result<Vec<TreeHash>, LogPortError> {
    let mut files = HashMap::new();
    for tile in plan.tiles() {
        files.insert(tile, read(tiles, tile).await?);
    }
    let failed = |error| LogPortError { what: "tile store", source: Box::new(error) };
    plan.hashes(&files).map_err(failed)
}

/// A tile, or the full one that has taken its place.
pub async fn read(tiles: &dyn TileStore, tile: Tile) -> Result<Vec<u8>, LogPortError> {
    if let Some(bytes) = tiles.read(tile).await? {
        return Ok(bytes);
    }
    let full = tiles.read(tile.full()).await?;
    full.and_then(|bytes| Some(bytes.get(..tile.bytes())?.to_vec()))
        .ok_or_else(|| missing(&tile.to_string()))
}

fn missing(what: &str) -> LogPortError {
    LogPortError { what: "tile store", source: format!("{what} is missing").into() }
}

/// The path of leaf `index` in the tree of `size` leaves; none if there is no such leaf.
pub async fn inclusion_path(
    tiles: &dyn TileStore,
    index: u64,
    size: u64,
) -> Result<Option<Vec<TreeHash>>, LogPortError> {
    match ProofPlan::inclusion(index, size) {
        Some(plan) => hashes(tiles, &plan).await.map(Some),
        None => Ok(None),
    }
}

/// That the tree of `new` leaves begins with that of `old`; none if it is shorter. The files must hold a
/// tree of `size` leaves, at least `new`.
pub async fn consistency_path(
    tiles: &dyn TileStore,
    (old, new): (u64, u64),
    size: u64,
) -> Result<Option<Vec<TreeHash>>, LogPortError> {
    match ProofPlan::consistency((old, new), size) {
        Some(plan) => hashes(tiles, &plan).await.map(Some),
        None => Ok(None),
    }
}

/// The root of the first `at` leaves, out of the files of a tree of `size`, at least `at`.
pub async fn root_at(tiles: &dyn TileStore, at: u64, size: u64) -> Result<TreeHash, LogPortError> {
    if at == 0 {
        return Ok(domain::journal::tree::TreeRoot::default().root());
    }
    let roots = hashes(tiles, &ProofPlan::root(at, size)).await?;
    roots.first().copied().ok_or_else(|| missing("the root"))
}

/// The leaf at `index` of a tree of `size`, out of its bundle.
pub async fn leaf(tiles: &dyn TileStore, index: u64, size: u64) -> Result<Leaf, LogPortError> {
    let tile = Tile::in_tree(TileKind::Entries, index / WIDTH, size);
    let tile = tile.ok_or_else(|| missing(&format!("leaf {index}")))?;
    let bundle = read(tiles, tile).await?;
    let within = usize::try_from(index % WIDTH).unwrap_or(usize::MAX);
    let leaf = leaves(&bundle).and_then(|leaves| leaves.get(within).copied());
    leaf.ok_or_else(|| missing(&format!("leaf {index} in its bundle")))
}
