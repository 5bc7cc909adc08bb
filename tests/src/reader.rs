//! A reader outside the installation: keeps every checkpoint it ever saw, and asks for proof that they agree.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, VerifierKey};
use domain::journal::proof::{consistency, continues, span_hash};
use domain::journal::tile::{Tile, node_in_tile, tiles_between};
use domain::journal::tree::TreeHash;
use domain::journal::witness_policy::WitnessPolicy;

use crate::door::Door;

/// How long a log may take to show a checkpoint that was signed before.
const SHOWN_MAX: Duration = Duration::from_secs(30);

/// What one reader remembers.
pub struct OutsideReader {
    policy: WitnessPolicy,
    seen: BTreeMap<u64, TreeHash>,
    published: u64,
}

impl OutsideReader {
    /// A reader who knows the log's keys from elsewhere.
    pub fn new(keys: Vec<VerifierKey>) -> Self {
        let policy = WitnessPolicy::of_logs(keys);
        Self { policy, seen: BTreeMap::new(), published: 0 }
    }

    /// A reader who takes the log's keys as they are published now.
    pub async fn of(door: &Door) -> Self {
        let keys = door.get("/log/keys.txt").await.expect(200).bytes;
        let keys = String::from_utf8(keys).expect("text");
        Self::new(keys.lines().map(|key| key.parse().expect("a key")).collect())
    }

    /// How many checkpoints it remembers.
    pub fn remembers(&self) -> usize {
        self.seen.len()
    }

    /// The largest tree it has seen.
    pub fn largest(&self) -> u64 {
        self.seen.last_key_value().map_or(0, |(size, _)| *size)
    }

    /// Takes in a signed checkpoint from wherever it lay.
    ///
    /// # Errors
    /// In words: why it is not believed, or which one contradicts it.
    pub fn saw(&mut self, note: &[u8]) -> Result<Checkpoint, String> {
        let note = Note::parse(note).map_err(|error| error.to_string())?;
        let believed = self.policy.judge(&note).map_err(|disbelief| disbelief.to_string())?;
        let checkpoint = believed.checkpoint;
        let known = *self.seen.entry(checkpoint.size).or_insert(checkpoint.root);
        if known == checkpoint.root {
            Ok(checkpoint)
        } else {
            Err(format!("the log has signed two roots at {} events", checkpoint.size))
        }
    }

    /// The same for what the log shows to everybody, which never goes back.
    ///
    /// # Errors
    /// As [`OutsideReader::saw`].
    pub fn was_shown(&mut self, note: &[u8]) -> Result<Checkpoint, String> {
        let checkpoint = self.saw(note)?;
        let before = std::mem::replace(&mut self.published, checkpoint.size);
        if before <= checkpoint.size {
            Ok(checkpoint)
        } else {
            Err(format!("the log shows {} events and has shown {before}", checkpoint.size))
        }
    }

    /// Waits until the log shows all that was ever signed, and proves with its tiles that every checkpoint
    /// continues the one before it.
    ///
    /// # Errors
    /// In words: what is missing or contradicts.
    pub async fn agrees_with(&mut self, door: &Door) -> Result<Checkpoint, String> {
        let shown = tokio::time::timeout(SHOWN_MAX, self.shown(door)).await;
        let newest = shown.map_err(|_| {
            format!("the log shows {} events and has signed {}", self.published, self.largest())
        })??;
        let mut tiles = HashMap::new();
        for tile in tiles_between(0, newest.size) {
            let reply = door.get(&format!("/log/{tile}")).await;
            if reply.status != 200 {
                return Err(format!("{tile} is not served: {}", reply.status));
            }
            tiles.insert(tile, reply.bytes);
        }
        let known: Vec<_> = self.seen.iter().collect();
        for pair in known.windows(2) {
            let (old, new) = ((*pair[0].0, pair[0].1), (*pair[1].0, pair[1].1));
            let proof = proof(&tiles, (old.0, new.0), newest.size);
            if !proof.is_some_and(|proof| continues(old, new, &proof)) {
                return Err(format!("the tree of {} does not continue that of {}", new.0, old.0));
            }
        }
        Ok(newest)
    }

    async fn shown(&mut self, door: &Door) -> Result<Checkpoint, String> {
        loop {
            let reply = door.get("/log/checkpoint").await;
            if reply.status == 200 {
                let shown = self.was_shown(&reply.bytes)?;
                if shown.size == self.largest() {
                    return Ok(shown);
                }
            }
        }
    }
}

fn proof(
    tiles: &HashMap<Tile, Vec<u8>>,
    (old, new): (u64, u64),
    size: u64,
) -> Option<Vec<TreeHash>> {
    let node = |node| node_in_tile(node, tiles.get(&Tile::of_node(node, size)?)?);
    consistency(old, new)?.iter().map(|span| span_hash(span, node)).collect()
}
