//! A log made by the domain's functions alone, and its files as the service serves and exports them: for
//! checkers that are not ours, and for the damage they must notice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::actor::Actor;
use domain::ids::{AdminId, DoctorId, EventHash, PatientId, StreamName};
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, NoteKey};
use domain::journal::proof::{consistency, inclusion, span_hash};
use domain::journal::receipt::{LogProof, Receipt};
use domain::journal::tile::{Node, Tile, TileKind, bundle, tiles_between};
use domain::journal::tree::{TreeHash, TreeRoot};
use domain::journal::{Draft, Envelope, Leaf, StreamKey, StreamVersion, canonical, hash};
use domain::samples::{self, ORIGIN};
use domain::time::Moment;
use serde_json::{Value, json};
use uuid::Uuid;

/// 2026-11-23T08:00:00Z, in seconds.
const BEGAN: u64 = 1_795_420_800;

/// Lines of three streams, taking turns, with their leaves. A story may spoil any of them and publish again.
pub struct SampleLog {
    /// The lines, by position.
    pub lines: Vec<String>,
    /// Their leaves.
    pub leaves: Vec<Leaf>,
    /// Each stream's key.
    pub keys: BTreeMap<StreamName, StreamKey>,
    /// What signs its checkpoints.
    pub log: NoteKey,
    /// What cosigns them.
    pub witnesses: Vec<NoteKey>,
}

fn key(name: &str, kind: KeyKind, seed: u8) -> NoteKey {
    NoteKey::new(name, kind, &[seed; 32]).expect("a key")
}

/// Ana's stream, whose turn is first.
pub fn ana() -> StreamName {
    StreamName::patient(PatientId::new(Uuid::from_u128(0xa1)))
}

fn streams() -> [StreamName; 3] {
    let bo = StreamName::doctor(DoctorId::new(Uuid::from_u128(0xb0)));
    [ana(), bo, StreamName::account(AdminId::new(Uuid::from_u128(0xc1)))]
}

/// The line at a position, after the line of its stream with hash `prev`.
fn line(position: u64, version: u32, prev: EventHash, data: &Value) -> String {
    let turn = usize::try_from(position % 3).expect("a turn");
    let micros = i64::try_from(BEGAN * 1_000_000 + position).expect("a time");
    let stream = &streams()[turn];
    let draft = Draft {
        id: Uuid::from_u128(0x1_0000 + u128::from(position)),
        time: Moment::from_micros(micros),
        version: StreamVersion(version),
        prev,
        salt: [turn as u8; 16],
        cause: Uuid::from_u128(0x1_0000 + u128::from(position)),
        ..samples::draft(stream, &Actor::System, "sample.noted.v1", data)
    };
    String::from_utf8(draft.write().expect("a line")).expect("text")
}

impl SampleLog {
    /// A log of `size` lines.
    pub fn of(size: u64) -> Self {
        let witness = |seed| key(&format!("w{seed}.example"), KeyKind::Cosignature, seed);
        let mut log = Self {
            lines: Vec::new(),
            leaves: Vec::new(),
            keys: streams()
                .into_iter()
                .zip(1..)
                .map(|(name, n)| (name, StreamKey([n; 32])))
                .collect(),
            log: key(ORIGIN, KeyKind::Ed25519, 7),
            witnesses: (1..=3).map(witness).collect(),
        };
        for position in 0..size {
            log.push(&json!({"note": format!("number {position}"), "big": position + 1}));
        }
        log
    }

    /// Appends a line that says `data`, in the stream whose turn it is.
    pub fn push(&mut self, data: &Value) {
        let position = self.lines.len() as u64;
        let version = u32::try_from(position / 3).expect("a version");
        let before = self.lines.len().checked_sub(3).map(|at| hash(self.lines[at].as_bytes()));
        let line = line(position, version, before.unwrap_or(EventHash::ZERO), data);
        self.leaves.push(self.leaf(&line));
        self.lines.push(line);
    }

    /// The leaf that belongs to a line.
    pub fn leaf(&self, line: &str) -> Leaf {
        let envelope = Envelope::read(line.as_bytes()).expect("a line");
        Leaf::of(&self.keys[&envelope.stream], envelope.version, line.as_bytes())
    }

    /// Every line and leaf from `position` on made anew, as an owner of the database could who changes one.
    pub fn rewrite(&mut self, position: usize, data: &Value) {
        let said = |line: &String| -> Value {
            let envelope = Envelope::read(line.as_bytes()).expect("a line");
            serde_json::from_str(envelope.data).expect("its data")
        };
        let mut data: Vec<Value> =
            [data.clone()].into_iter().chain(self.lines[position + 1..].iter().map(said)).collect();
        self.lines.truncate(position);
        self.leaves.truncate(position);
        data.drain(..).for_each(|data| self.push(&data));
    }

    /// How many lines.
    pub fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    fn subtree(&self, node: Node) -> Option<TreeHash> {
        let at = |index: u64| usize::try_from(index << node.level).ok();
        let leaves = self.leaves.get(at(node.index)?..at(node.index + 1)?)?;
        let mut tree = TreeRoot::default();
        leaves.iter().for_each(|leaf| tree.push(&leaf.0));
        Some(tree.root())
    }

    /// The root over the first `size` leaves.
    pub fn root(&self, size: u64) -> TreeHash {
        span_hash(&(0..size), |node| self.subtree(node))
            .unwrap_or_else(|| TreeRoot::default().root())
    }

    /// The bytes of a tile or bundle.
    pub fn tile(&self, tile: Tile) -> Vec<u8> {
        let indexes = tile.index * 256..tile.index * 256 + u64::from(tile.width);
        match tile.kind {
            TileKind::Entries => {
                let at = |index| usize::try_from(index).expect("an index");
                bundle(&self.leaves[at(indexes.start)..at(indexes.end)])
            }
            TileKind::Hashes(level) => {
                let node = |index| Node { level: u32::from(level) * 8, index };
                indexes.flat_map(|index| self.subtree(node(index)).expect("a node")).collect()
            }
        }
    }

    /// A checkpoint, signed by the log and by its first two witnesses.
    pub fn checkpoint(&self, size: u64) -> Note {
        self.checkpoint_of(size, self.root(size))
    }

    /// The same of any root: what a log that lies would sign.
    pub fn checkpoint_of(&self, size: u64, root: TreeHash) -> Note {
        let text = Checkpoint { origin: ORIGIN.to_owned(), size, root }.text();
        let cosign = |witness: &NoteKey| witness.sign(&text, BEGAN + size);
        let cosignatures = self.witnesses[..2].iter().map(cosign);
        let signatures = [self.log.sign(&text, 0)].into_iter().chain(cosignatures).collect();
        Note { text, signatures }
    }

    /// Who reads this log may believe it if two of its three witnesses cosigned.
    pub fn policy(&self) -> String {
        let mut text = format!("# Whom a reader believes\nlog {}\n", self.log.public());
        for (number, witness) in (1..).zip(&self.witnesses) {
            text += &format!("witness w{number} {} http://127.0.0.1:1/\n", witness.public());
        }
        text + "group witnesses 2 w1 w2 w3\nquorum witnesses\n"
    }

    /// Path of a leaf to the root.
    pub fn inclusion(&self, index: u64, size: u64) -> Vec<TreeHash> {
        let spans = inclusion(index, size).expect("a leaf");
        spans.iter().filter_map(|span| span_hash(span, |node| self.subtree(node))).collect()
    }

    /// From one tree to a later one.
    pub fn consistency(&self, old: u64, new: u64) -> Vec<TreeHash> {
        let spans = consistency(old, new).expect("sizes");
        spans.iter().filter_map(|span| span_hash(span, |node| self.subtree(node))).collect()
    }

    /// The receipt of the event at `index`.
    pub fn receipt(&self, index: u64, size: u64) -> Receipt {
        let at = usize::try_from(index).expect("an index");
        let leaf = self.leaves[at];
        let hashes = self.inclusion(index, size);
        let proof = LogProof { leaf, index, hashes, checkpoint: self.checkpoint(size) };
        Receipt { line: self.lines[at].clone(), proof }
    }

    /// Writes what is served under `/log/`.
    pub fn publish(&self, folder: &Path, size: u64) {
        for tile in tiles_between(0, size) {
            write(&folder.join(tile.to_string()), self.tile(tile));
        }
        write(&folder.join("checkpoint"), self.checkpoint(size).to_string());
    }

    /// Writes an export: of the whole log, or of one stream.
    pub fn export(&self, folder: &Path, stream: Option<&StreamName>, size: u64) {
        let stream_of = |line: &String| Envelope::read(line.as_bytes()).expect("a line").stream;
        let wanted = |line: &String| stream.is_none_or(|stream| stream_of(line) == *stream);
        let rows = || self.lines.iter().enumerate().filter(|(_, line)| wanted(line));
        let events: String = rows().map(|(_, line)| format!("{line}\n")).collect();
        write(&folder.join("events.jsonl"), events);
        if stream.is_some() {
            let positions: String = rows().map(|(at, _)| format!("{at}\n")).collect();
            write(&folder.join("positions"), positions);
        }
        let keys = self.keys.iter().filter(|(name, _)| stream.is_none_or(|stream| stream == *name));
        let keys: String =
            keys.map(|(name, key)| format!("{name} {}\n", hex::encode(key.0))).collect();
        write(&folder.join("stream-keys"), keys);
        write(&folder.join("policy"), self.policy());
        write(&folder.join("keys.txt"), format!("{}\n", self.log.public()));
        let half = size / 2;
        let note = self.checkpoint(size / 2).to_string();
        let receipt = json!({"anchor": "file", "note": note, "receipt": {}, "size": half});
        write(&folder.join(format!("receipts/file-{half}.json")), canonical_line(&receipt));
        self.publish(&folder.join("log"), size);
        write_manifest(folder, stream);
    }
}

/// Writes an export's manifest anew, so that it speaks of the files as they are.
pub fn write_manifest(folder: &Path, stream: Option<&StreamName>) {
    let digest = |name: &str| {
        let bytes = fs::read(folder.join(name)).ok()?;
        Some(json!(blake3::hash(&bytes).to_string()))
    };
    let names = ["keys.txt", "policy", "positions", "stream-keys"];
    let digests =
        names.iter().filter_map(|name| Some(json!({"path": name, "blake3": digest(name)?})));
    let digests: Vec<Value> = digests.collect();
    let events = fs::read_to_string(folder.join("events.jsonl")).expect("the lines");
    let last = events.lines().last().expect("a line");
    let note = fs::read_to_string(folder.join("log/checkpoint")).unwrap_or_default();
    let origin = note.lines().next().unwrap_or(ORIGIN);
    let mut manifest = json!({
        "what": "a sample", "format": 2, "made": "2026-11-23T08:00:00.000000Z", "origin": origin,
        "events": events.lines().count(), "blake3": digest("events.jsonl"), "digests": digests,
        "head": hash(last.as_bytes()).to_string(),
    });
    if let Some(stream) = stream {
        manifest["streams"] = json!([stream.as_str()]);
    }
    write(&folder.join("manifest.json"), canonical_line(&manifest));
}

fn canonical_line(value: &Value) -> String {
    let mut bytes = Vec::new();
    canonical::write(value, &mut bytes).expect("no floats");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("text")
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
    fs::write(path, bytes).expect("a file can be written");
}
