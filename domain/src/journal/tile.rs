//! Tiles and entry bundles: the tree as static files (c2sp.org/tlog-tiles).

use std::fmt;

use super::leaf::Leaf;
use super::tree::{TreeHash, subtree};

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;
/// Levels of the tree in one level of tiles.
pub const HEIGHT: u32 = 8;
/// The highest level of a tile: more leaves than a `u64` counts would lie under it.
const LEVEL_MAX: u8 = 7;
/// A bundle's entry is a leaf behind its length.
const ENTRY_BYTES: usize = 2 + Leaf::BYTES;

/// A complete subtree: level 0 is a leaf, level l spans 2^l leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// How many levels above the leaves.
    pub level: u32,
    /// Its number within the level.
    pub index: u64,
}

/// What a file of the log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TileKind {
    /// Hashes of this tile level: level 0 are leaf hashes, level l hashes of full tiles below.
    Hashes(u8),
    /// The leaves themselves.
    Entries,
}

/// The name of a tile or bundle. Width 256 is a full one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Its number within the level.
    pub index: u64,
    /// 1 to 256.
    pub width: u16,
}

impl Tile {
    /// Whether it never changes again.
    pub const fn is_full(self) -> bool {
        self.width as u64 == WIDTH
    }

    /// The same place, full.
    pub const fn full(self) -> Self {
        Self { width: WIDTH as u16, ..self }
    }

    /// The tile of this kind and number as a tree of `size` has it; none if it is empty there.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let start = index.checked_mul(WIDTH)?;
        let width = hashes_at(kind, size).checked_sub(start)?.min(WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { kind, index, width })
    }

    /// The tile that holds the hashes of `node` in a tree of `size`.
    pub fn of_node(node: Node, size: u64) -> Option<Self> {
        let level = u8::try_from(node.level / HEIGHT).ok()?;
        let first = node.index << (node.level % HEIGHT);
        Self::in_tree(TileKind::Hashes(level), first / WIDTH, size)
    }

    /// Bytes a tile of this width has.
    pub fn bytes(self) -> usize {
        usize::from(self.width)
            * match self.kind {
                TileKind::Hashes(_) => 32,
                TileKind::Entries => ENTRY_BYTES,
            }
    }

    /// Reads a path below the log's prefix: `tile/0/x001/067.p/8`. Only the one right spelling is read.
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (level, rest) = rest.split_once('/')?;
        let kind = match level {
            "entries" => TileKind::Entries,
            _ => TileKind::Hashes(level.parse().ok().filter(|level| *level <= LEVEL_MAX)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok().filter(|width| *width < 256)?),
            None => (rest, 256),
        };
        let mut index: u64 = 0;
        for part in number.split('/') {
            let digits = part.strip_prefix('x').unwrap_or(part);
            let digits = Some(digits).filter(|digits| digits.len() == 3)?;
            index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Self { kind, index, width };
        (width > 0 && tile.to_string() == path).then_some(tile)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![format!("{:03}", self.index % 1_000)];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// How many hashes or entries of a kind a tree of `size` has.
fn hashes_at(kind: TileKind, size: u64) -> u64 {
    match kind {
        TileKind::Hashes(level) => size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0),
        TileKind::Entries => size,
    }
}

/// Every tile and bundle that a tree of `new` leaves has and one of `old` had not, bottom up.
pub fn tiles_between(old: u64, new: u64) -> Vec<Tile> {
    let kinds = [TileKind::Entries].into_iter().chain((0..=LEVEL_MAX).map(TileKind::Hashes));
    let mut tiles = Vec::new();
    for kind in kinds {
        let (had, has) = (hashes_at(kind, old), hashes_at(kind, new));
        if has > had {
            let indexes = had / WIDTH..has.div_ceil(WIDTH);
            tiles.extend(indexes.filter_map(|index| Tile::in_tree(kind, index, new)));
        }
    }
    tiles
}

/// The hash of `node` out of its tile's bytes; none if they do not reach that far.
pub fn node_in_tile(node: Node, tile: &[u8]) -> Option<TreeHash> {
    let within = node.level % HEIGHT;
    let first = usize::try_from((node.index << within) % WIDTH).ok()?;
    let hashes = tile.get(first * 32..(first + (1 << within)) * 32)?;
    Some(subtree(hashes.as_chunks::<32>().0.to_vec()))
}

/// An entry bundle: each leaf behind its length, as c2sp.org/tlog-tiles has it.
pub fn bundle(leaves: &[Leaf]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(leaves.len() * ENTRY_BYTES);
    for leaf in leaves {
        bytes.extend_from_slice(&(Leaf::BYTES as u16).to_be_bytes());
        bytes.extend_from_slice(&leaf.0);
    }
    bytes
}

/// The leaves of a bundle; none if it is not one of ours.
pub fn leaves(bundle: &[u8]) -> Option<Vec<Leaf>> {
    let (entries, rest) = bundle.as_chunks::<ENTRY_BYTES>();
    let leaf = |entry: &[u8; ENTRY_BYTES]| {
        let ours = entry[..2] == (Leaf::BYTES as u16).to_be_bytes();
        ours.then_some(())?;
        Some(Leaf(entry[2..].try_into().ok()?))
    };
    rest.is_empty().then_some(())?;
    entries.iter().map(leaf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        let names = [
            ("tile/0/000", (TileKind::Hashes(0), 0, 256)),
            ("tile/1/x001/x234/067", (TileKind::Hashes(1), 1_234_067, 256)),
            ("tile/entries/001.p/44", (TileKind::Entries, 1, 44)),
            ("tile/7/x001/000.p/255", (TileKind::Hashes(7), 1_000, 255)),
        ];
        for (path, (kind, index, width)) in names {
            let tile = Tile { kind, index, width };
            assert_eq!((tile.to_string().as_str(), Tile::parse(path)), (path, Some(tile)));
        }
        let wrong = "tile/0/0 tile/0/00 tile/00/000 tile/8/000 tile/0/x000/000 tile/0/001/000 \
                     tile/0/000.p/0 tile/0/000.p/256 tile/0/000.p/08 tile/0/000/ tile/-1/000 \
                     tile/0/x01/000 tile/entries tile/8/0/000 /tile/0/000 tile/0/+00 tile/0/..";
        for path in wrong.split_whitespace() {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let tiles = tiles_between(0, 70_000);
        let count = |kind| tiles.iter().filter(|tile| tile.kind == kind).count();
        assert_eq!(count(TileKind::Hashes(0)), 274);
        assert_eq!(count(TileKind::Entries), 274);
        let above: Vec<String> = tiles.iter().rev().take(3).map(Tile::to_string).collect();
        assert_eq!(above, ["tile/2/000.p/1", "tile/1/001.p/17", "tile/1/000"]);
        let whole: Vec<String> = tiles_between(255, 256).iter().map(Tile::to_string).collect();
        assert_eq!(whole, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
        assert_eq!(tiles_between(9, 9), []);
    }
}
