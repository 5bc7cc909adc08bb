//! The pure functions of the log against `tests/vectors/tlog.txt`, which Go's own libraries wrote: tiles,
//! bundles, keys, notes, a proof, a consistency proof. The roots are compared in `vectors.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, VerifierKey};
use domain::journal::proof::{consistency, continues, includes, inclusion, span_hash};
use domain::journal::receipt::{LogProof, ProofError};
use domain::journal::tile::{Node, Tile, TileKind, leaves, node_in_tile, tiles_between};
use domain::journal::tree::{TreeHash, TreeRoot, leaf_hash};
use sha2::{Digest as _, Sha256};

const VECTORS: &str = include_str!("../vectors/tlog.txt");
/// The example of c2sp.org/signed-note, which line A of the vectors speaks of.
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXp\
                       pzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const SIZE: u64 = 300;

/// What follows `start` in the line that begins with it.
fn after(start: &str) -> &'static str {
    let found = VECTORS.lines().find_map(|line| line.strip_prefix(start));
    found.unwrap_or_else(|| panic!("no line begins with {start:?}"))
}

/// The text below the line that begins with `start`, up to the mark of its end.
fn block(start: &str) -> &'static str {
    let (_, below) = VECTORS.split_once(start).unwrap();
    let (_, below) = below.split_once('\n').unwrap();
    below.split_once("<<END").unwrap().0
}

fn hash(text: &str) -> TreeHash {
    BASE64.decode(text).unwrap().try_into().unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    [b"demo-leaf/v1\0".as_slice(), &Sha256::digest(format!("event-{index}"))].concat()
}

fn root(size: u64) -> TreeHash {
    let mut tree = TreeRoot::default();
    (0..size).for_each(|index| tree.push(&entry(index)));
    tree.root()
}

/// The hash of a complete subtree of the vectors' leaves.
fn subtree(node: Node) -> Option<TreeHash> {
    let mut tree = TreeRoot::default();
    let leaves = node.index << node.level..(node.index + 1) << node.level;
    leaves.for_each(|index| tree.push(&entry(index)));
    Some(tree.root())
}

fn tile_bytes(tile: Tile) -> Vec<u8> {
    let TileKind::Hashes(level) = tile.kind else { panic!("{tile} holds entries") };
    let first = tile.index * 256;
    let nodes = (first..first + u64::from(tile.width))
        .map(|index| Node { level: u32::from(level) * 8, index });
    nodes.flat_map(|node| subtree(node).unwrap()).collect()
}

/// `len=… sha256=…`, as the vectors write what they found in a file.
fn described(bytes: &[u8]) -> String {
    format!("len={} sha256={}", bytes.len(), hex::encode(Sha256::digest(bytes)))
}

#[test]
fn the_example_of_the_specification_is_read_and_believed() {
    assert_eq!(after("A c2sp signed-note example verifies: "), "true");
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    assert_eq!(EXAMPLE_KEY.split('+').nth(1), Some(after("A keyid recomputed: ")));
    assert_eq!((key.to_string().as_str(), key.kind()), (EXAMPLE_KEY, KeyKind::Ed25519));
    let note = Note::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(note.signed_by([&key]).unwrap().len(), 1);
    assert_eq!(note.to_string(), EXAMPLE);
}

#[test]
fn tiles_have_the_names_and_bytes_of_the_go_library() {
    let tiles = tiles_between(0, SIZE);
    let hashes = tiles.iter().filter(|tile| tile.kind != TileKind::Entries);
    let ours: Vec<String> = hashes
        .map(|tile| {
            let path = tile.to_string().replacen("tile/", "tile/8/", 1);
            format!("C tile xmod-path={path} {}", described(&tile_bytes(*tile)))
        })
        .collect();
    let theirs: Vec<&str> = VECTORS.lines().filter(|line| line.starts_with("C tile ")).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn the_nodes_of_a_tree_are_found_in_its_tiles() {
    let read = |node| node_in_tile(node, &tile_bytes(Tile::of_node(node, SIZE)?));
    assert_eq!(span_hash(&(0..SIZE), read), Some(root(SIZE)));
    assert_eq!(hex::encode(root(SIZE)), after("C root[300]=").split(' ').next().unwrap());
}

/// Entries of other logs have other lengths; only the form of a bundle can be compared, and that ours are
/// told apart from them.
#[test]
fn entry_bundles_have_the_form_of_the_go_library() {
    for (bundle, indexes) in [(0, 0..256), (1, 256..SIZE)] {
        let entries = indexes.map(entry);
        let bytes: Vec<u8> = entries
            .flat_map(|entry| {
                [&u16::try_from(entry.len()).unwrap().to_be_bytes(), &*entry].concat()
            })
            .collect();
        assert_eq!(described(&bytes), after(&format!("C entries bundle {bundle} ")));
        assert_eq!(leaves(&bytes), None);
    }
}

fn key(start: &str, kind: KeyKind) -> VerifierKey {
    let key: VerifierKey = after(start).parse().unwrap();
    assert_eq!((key.to_string().as_str(), key.kind()), (after(start), kind));
    key
}

#[test]
fn the_cosigned_checkpoint_is_believed_to_the_letter() {
    let (log, witness) =
        (key("C log vkey ", KeyKind::Ed25519), key("C witness vkey ", KeyKind::Cosignature));
    let text = block("C cosigned checkpoint:");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.to_string(), text);
    let signed = note.signed_by([&log, &witness]).unwrap();
    let times: Vec<_> = signed.iter().map(|signed| signed.time).collect();
    assert_eq!(times, [None, Some(1_700_000_000)]);
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    let origin = log.name().to_owned();
    assert_eq!(checkpoint, Checkpoint { origin, size: SIZE, root: root(SIZE) });
    let size = checkpoint.size;
    let rest = note.text.strip_prefix(&checkpoint.text()).unwrap();
    let said = format!("OK size {size} rest {} sigs verified {}", rest.len(), signed.len());
    assert_eq!(said, after("C formats/log.ParseCheckpoint "));
}

#[test]
fn the_inclusion_proof_is_the_one_we_make() {
    let text = block("C tlog-proof (verified by transparency-dev/merkle):");
    let spans = inclusion(42, SIZE).unwrap();
    let proof: Vec<TreeHash> = spans.iter().map(|span| span_hash(span, subtree).unwrap()).collect();
    let path: String = proof.iter().map(|hash| BASE64.encode(hash) + "\n").collect();
    let checkpoint = block("C cosigned checkpoint:");
    assert_eq!(format!("c2sp.org/tlog-proof@v1\nindex 42\n{path}\n{checkpoint}"), text);
    assert!(includes(leaf_hash(&entry(42)), 42, SIZE, &proof, &root(SIZE)));
    // Its entry is no leaf of ours and does not travel with it, so for us it shows nothing.
    assert_eq!(LogProof::parse(text), Err(ProofError::Form("`extra` is not a leaf")));
}

#[test]
fn the_consistency_proof_is_the_one_we_make() {
    let (_, below) = VECTORS.split_once("C consistency 257->300:\n").unwrap();
    let theirs: Vec<TreeHash> =
        below.lines().map_while(|line| line.strip_prefix("  ")).map(hash).collect();
    let spans = consistency(257, SIZE).unwrap();
    let ours: Vec<TreeHash> = spans.iter().map(|span| span_hash(span, subtree).unwrap()).collect();
    assert_eq!(ours, theirs);
    assert!(continues((257, &root(257)), (SIZE, &root(SIZE)), &theirs));
    assert!(!continues((256, &root(256)), (SIZE, &root(SIZE)), &theirs));
}

/// A line that a new release of the vectors brings would otherwise be compared with nothing.
#[test]
fn every_line_of_the_vectors_is_compared_here_or_with_the_roots() {
    let known = [
        "A c2sp signed-note example",
        "A keyid ",
        "B root[0] ",
        "B leaf[",
        "C root[",
        "C tile ",
        "C entries bundle ",
        "C log vkey ",
        "C witness vkey ",
        "C cosigned checkpoint:",
        "C formats/log.ParseCheckpoint ",
        "C tlog-proof ",
        "C consistency 257->300:",
        "C consistency verified by ",
    ];
    let label = |line: &&str| line.starts_with(['A', 'B', 'C']) && line.get(1..2) == Some(" ");
    let mut lines = VECTORS.lines().filter(label);
    let unknown = lines.find(|line| !known.iter().any(|known| line.starts_with(known)));
    assert_eq!(unknown, None);
}
