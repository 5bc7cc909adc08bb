//! The crates `signed_note` and `tlog_tiles`, ports of Go's libraries by others, as readers of our log.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, NoteKey};
use domain::journal::proof::{continues, includes};
use domain::journal::tile::{Tile, TileKind, tiles_between};
use domain::samples::ORIGIN;
use ed25519_dalek::{Signature, VerifyingKey};
use signed_note::{
    Note as TheirNote, NoteError, Signer as _, StandardSigner, StandardVerifier, Verifier,
    VerifierList, key_id,
};
use tests::sample_log::SampleLog;
use tlog_tiles::{
    Checkpoint as TheirCheckpoint, Error, Hash, Tile as TheirTile, TileHashReader, TileReader,
    check_record, check_tree, prove_record, prove_tree, record_hash,
};

/// Two full bundles, a part of a third, and tiles of two levels.
const SIZE: u64 = 600;

/// A witness's key as their library would have it: it knows no cosignatures, so this follows the text of
/// c2sp.org/tlog-cosignature and asks nothing of ours.
struct Cosigner {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl Cosigner {
    fn new(key: &NoteKey) -> Self {
        let name = key.public().name().to_owned();
        let bytes = key.public().bytes();
        let id = key_id(&name, &[&[4], bytes.as_slice()].concat());
        Self { name, id, key: VerifyingKey::from_bytes(&bytes).unwrap() }
    }
}

impl Verifier for Cosigner {
    fn name(&self) -> &str {
        &self.name
    }
    fn key_id(&self) -> u32 {
        self.id
    }
    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let head = format!("cosignature/v1\ntime {}\n", u64::from_be_bytes(*time));
        let message = [head.as_bytes(), text].concat();
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(&message, &signature).is_ok())
    }
}

fn readers(log: &SampleLog) -> VerifierList {
    let key = StandardVerifier::new(&log.log.public().to_string()).unwrap();
    let witness = |key: &NoteKey| Box::new(Cosigner::new(key)) as Box<dyn Verifier>;
    let witnesses = log.witnesses.iter().map(witness);
    VerifierList::new([Box::new(key) as Box<dyn Verifier>].into_iter().chain(witnesses).collect())
}

#[test]
fn our_notes_are_theirs_to_the_letter_and_believed() {
    let log = SampleLog::of(10);
    let ours = log.checkpoint(10);
    let theirs = TheirNote::from_bytes(ours.to_string().as_bytes()).unwrap();
    assert_eq!(theirs.to_bytes(), ours.to_string().into_bytes());
    let (verified, unknown) = theirs.verify(&readers(&log)).unwrap();
    let names: Vec<&str> = verified.iter().map(signed_note::Signature::name).collect();
    assert_eq!(names, [ORIGIN, "w1.example", "w2.example"]);
    assert_eq!(unknown, []);
    for which in 0..3 {
        let mut spoiled = ours.clone();
        spoiled.signatures[which].signature[20] ^= 1;
        let theirs = TheirNote::from_bytes(spoiled.to_string().as_bytes()).unwrap();
        let message = theirs.verify(&readers(&log)).unwrap_err();
        assert!(matches!(message, NoteError::InvalidSignature { .. }), "{message}");
    }
}

#[test]
fn their_notes_are_ours_and_believed() {
    let log = SampleLog::of(10);
    let public = log.log.public().to_string();
    let id = public.split('+').nth(1).unwrap();
    // The seed of the sample's key, in their spelling: their library derives name, id and key from it.
    let seed = STANDARD.encode([[1].as_slice(), &[7; 32]].concat());
    let signer = StandardSigner::new(&format!("PRIVATE+KEY+{ORIGIN}+{id}+{seed}")).unwrap();
    let text = log.checkpoint(10).text;
    let mut theirs = TheirNote::new(text.as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&signer]).unwrap();
    let ours = Note::parse(&theirs.to_bytes()).unwrap();
    assert_eq!(ours.signed_by([log.log.public()]).unwrap().len(), 1);
    // Ed25519 is deterministic: both libraries make the very same signature.
    assert_eq!(ours.signatures[0], log.checkpoint(10).signatures[0]);
    assert_eq!(signer.sign(b"other\n").unwrap().len(), 64);
}

#[test]
fn checkpoints_are_read_alike() {
    let text = SampleLog::of(10).checkpoint(10).text;
    let theirs = TheirCheckpoint::from_bytes(text.as_bytes()).unwrap();
    let ours = Checkpoint::parse(&text).unwrap();
    assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (ORIGIN, 10, ours.root));
    assert_eq!(theirs.to_bytes(), text.as_bytes());
    let wrong = [text.replace("\n10\n", "\n010\n"), text.replace("=\n", "\n"), format!("{text}\n")];
    for wrong in wrong {
        assert!(TheirCheckpoint::from_bytes(wrong.as_bytes()).is_err(), "{wrong}");
        assert!(Checkpoint::parse(&wrong).is_err(), "{wrong}");
    }
}

/// Our tiles by the paths that are served.
struct Served(HashMap<String, Vec<u8>>);

impl Served {
    fn of(log: &SampleLog, size: u64) -> Self {
        let tiles = tiles_between(0, size).into_iter();
        Self(tiles.map(|tile| (tile.to_string(), log.tile(tile))).collect())
    }
}

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }
    fn read_tiles(&self, tiles: &[TheirTile]) -> Result<Vec<Vec<u8>>, Error> {
        let path = |tile: &TheirTile| tile.path().replacen("tile/8/", "tile/", 1);
        let read = |tile| self.0.get(&path(tile)).cloned().ok_or(Error::InvalidTile);
        tiles.iter().map(read).collect()
    }
    fn save_tiles(&self, _: &[TheirTile], _: &[Vec<u8>]) {}
}

fn hashes(ours: &[[u8; 32]]) -> Vec<Hash> {
    ours.iter().copied().map(Hash).collect()
}

#[test]
fn tiles_have_the_same_names() {
    for (old, new) in [(0, 1), (0, 70_000), (255, 257), (65_535, 65_537), (600, 600)] {
        let ours = tiles_between(old, new).into_iter();
        let ours = ours.filter(|tile| tile.kind != TileKind::Entries);
        let mut ours: Vec<String> =
            ours.map(|tile| tile.to_string().replacen("tile/", "tile/8/", 1)).collect();
        let mut theirs: Vec<String> =
            TheirTile::new_tiles(8, old, new).iter().map(TheirTile::path).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{old} to {new}");
    }
}

#[test]
fn they_prove_from_our_tiles_what_we_prove() {
    let log = SampleLog::of(SIZE);
    let root = log.root(SIZE);
    let served = Served::of(&log, SIZE);
    let reader = TileHashReader::new(SIZE, Hash(root), &served);
    for (index, leaf) in (0..SIZE).zip(&log.leaves).step_by(37) {
        let theirs = prove_record(SIZE, index, &reader).unwrap();
        let ours = log.inclusion(index, SIZE);
        assert_eq!(theirs, hashes(&ours), "{index}");
        check_record(&hashes(&ours), SIZE, Hash(root), index, record_hash(&leaf.0)).unwrap();
        let theirs: Vec<[u8; 32]> = theirs.iter().map(|hash| hash.0).collect();
        assert!(includes(record_hash(&leaf.0).0, index, SIZE, &theirs, &root));
    }
    for old in [1, 2, 255, 256, 257, 511, 512, 599, 600] {
        let before = log.root(old);
        let theirs = prove_tree(SIZE, old, &reader).unwrap();
        let ours = log.consistency(old, SIZE);
        assert_eq!(theirs, hashes(&ours), "{old}");
        check_tree(&hashes(&ours), SIZE, Hash(root), old, Hash(before)).unwrap();
        let theirs: Vec<[u8; 32]> = theirs.iter().map(|hash| hash.0).collect();
        assert!(continues((old, &before), (SIZE, &root), &theirs));
    }
}

#[test]
fn they_refuse_what_was_damaged() {
    let log = SampleLog::of(SIZE);
    let root = Hash(log.root(SIZE));
    let damaged = |kind, index| {
        let mut served = Served::of(&log, SIZE);
        let tile = Tile::in_tree(kind, index, SIZE).unwrap().to_string();
        served.0.get_mut(&tile).unwrap()[33] ^= 1;
        served
    };
    let leaf = record_hash(&log.leaves[300].0);
    for (kind, index) in [(TileKind::Hashes(1), 0), (TileKind::Hashes(0), 2)] {
        let served = damaged(kind, index);
        let message =
            prove_record(SIZE, 300, &TileHashReader::new(SIZE, root, &served)).unwrap_err();
        assert!(matches!(message, Error::InconsistentTile), "{message}");
    }
    // Where several subtrees of the edge share a tile, this reader forgets to hold the first full tiles
    // against their parents (Go's does it): the proof made of them is what does not hold.
    let served = damaged(TileKind::Hashes(0), 1);
    let proof = prove_record(SIZE, 300, &TileHashReader::new(SIZE, root, &served)).unwrap();
    assert!(check_record(&proof, SIZE, root, 300, leaf).is_err());

    let other = Hash(SampleLog::of(9).root(9));
    let proof = hashes(&log.inclusion(300, SIZE));
    assert!(check_record(&proof, SIZE, root, 300, leaf).is_ok());
    assert!(check_record(&proof, SIZE, other, 300, leaf).is_err());
    assert!(check_record(&proof, SIZE, root, 301, leaf).is_err());
    let proof = hashes(&log.consistency(300, SIZE));
    assert!(check_tree(&proof, SIZE, root, 300, other).is_err());
}
