//! Opening: what was signed last must be what the leaves say, and nobody outside may know of more.

use std::sync::Mutex;

use domain::journal::Position;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{Note, VerifierKey};
use domain::journal::tile::{Tile, TileKind, WIDTH, tiles_between};
use domain::journal::tiling::Tiling;
use domain::journal::tree::{TreeHash, TreeRoot};
use domain::journal::witness_policy::{Party, WitnessPolicy};
use tokio::sync::watch;

use super::{
    Edge, LEAVES_MAX, LogPorts, LogSettings, LogStatus, StampedCheckpoint, TransparencyLog, sign,
};
use crate::ports::{Guard, LogPortError, Signer, WitnessError};
use crate::proofs::{read, root_at};

/// Why a log is not gone on with.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Every log has a guard from its beginning, and this one's is gone.
    #[error(
        "the guard file is missing ({0} events were signed, as far as this database knows): put it back from where it was kept; only it can tell an old database from the newest. If it is lost for good, go on under a new origin with `medlock log continue`"
    )]
    GuardMissing(u64),
    /// The database is older than what the guard or a witness has seen.
    #[error(
        "{who} knows a checkpoint of {known} events and this database holds {held}: it is older. Restore the newest one; if it is lost for good, go on under a new origin with `medlock log continue`"
    )]
    Older {
        /// Who knows more.
        who: String,
        /// How many events they know of.
        known: u64,
        /// How many there are.
        held: u64,
    },
    /// The same size, another root.
    #[error("{who} has another root at {size} events: this database holds another history")]
    OtherHistory {
        /// Who says so.
        who: String,
        /// At which size.
        size: u64,
    },
    /// The public files do not fit the events.
    #[error(
        "the public files do not fit the events ({0}): make them anew with `medlock log rebuild`"
    )]
    Files(String),
    /// What is kept as a checkpoint is none of ours.
    #[error(
        "{0} does not hold a checkpoint of this log, signed by a key of its own. If `medlock log continue` was interrupted, run it again; else it is damaged or another log's: put it back from where it was kept (a checkpoint store may be removed, the guard file holds the same)"
    )]
    NotOurs(&'static str),
    /// The witness policy is about another log.
    #[error("the witness policy names other keys than those that sign this log: {0:?}")]
    OtherKeys(Vec<VerifierKey>),
    /// A quorum is asked for that nobody can give.
    #[error(
        "quorum_only needs a witness policy with a quorum, and witnesses that say where they answer"
    )]
    NoQuorum,
    /// A port failed.
    #[error(transparent)]
    Port(#[from] LogPortError),
}

/// A checkpoint that is ours, and its bytes.
struct KnownCheckpoint {
    checkpoint: Checkpoint,
    note: Vec<u8>,
}

impl LogSettings {
    /// Whether a log that `ours` sign can be kept so.
    fn fit(&self, ours: Vec<VerifierKey>) -> Result<(), Unfit> {
        let policy = &self.policy;
        let named = |log: &Party| ours.iter().any(|key| key.bytes() == log.key.bytes());
        if !policy.logs.is_empty() && !policy.logs.iter().any(named) {
            return Err(Unfit::OtherKeys(ours));
        }
        if self.quorum_only && (!policy.wants_witnesses() || self.witnesses.is_empty()) {
            return Err(Unfit::NoQuorum);
        }
        Ok(())
    }
}

impl TransparencyLog {
    /// Opens the log: checks the last checkpoint, the guard, the right edge and the witnesses against the
    /// stored leaves, and finishes what a kill interrupted. Refuses rather than sign a second history.
    pub async fn open(places: LogPorts, settings: LogSettings) -> Result<Self, Unfit> {
        settings.fit(places.signer.keys())?;
        let log = Self {
            places,
            settings,
            edge: tokio::sync::Mutex::new(Edge {
                tiling: Tiling::default(),
                tree: TreeRoot::default(),
                last: None,
                unfinished: None,
            }),
            standing: Mutex::new(LogStatus::default()),
            signed: watch::Sender::new(None),
            published: watch::Sender::new(0),
            publishing: tokio::sync::Mutex::default(),
        };
        log.begin_if_new().await?;
        let keys = log.places.signer.keys_ever();
        let stored = ours(&keys, log.places.checkpoints.last().await?, "the checkpoint store")?;
        let guard = ours(&keys, log.places.guard.read().await?, "the guard file")?;
        let published = ours(&keys, log.places.tiles.checkpoint().await?, "the public folder")
            .map_err(|error| Unfit::Files(error.to_string()))?;
        let last = log.last(stored, guard.as_ref(), published.as_ref()).await?;
        let edge = log.grown_to(&last, published.as_ref()).await?;
        log.holds_against(&last, guard.as_ref(), edge.tiling.size()).await?;
        log.same_leaves_at_the_edge(last.checkpoint.size).await?;
        log.places.guard.write(&last.note).await?;
        log.nobody_is_ahead(&last).await?;
        log.take_up(last, published, edge).await;
        log.recall_what_waits().await?;
        Ok(log)
    }

    /// A restart does not make what waits for a signature any younger.
    async fn recall_what_waits(&self) -> Result<(), LogPortError> {
        let published_size = self.lock().published_size(self.settings.quorum_only);
        if published_size >= self.length() {
            return Ok(());
        }
        let oldest = self.places.reader.lines(Position(published_size), 1).await?;
        let oldest = oldest.first().and_then(|line| line.recorded().ok());
        let since = oldest.map(|recorded| self.places.signer.now().since(recorded.time));
        self.lock().uncovered_for = since.unwrap_or_default();
        Ok(())
    }

    /// A log of which there is nothing at all is a new one.
    async fn begin_if_new(&self) -> Result<(), LogPortError> {
        let LogPorts { guard, checkpoints, tiles, signer, .. } = &self.places;
        let known =
            guard.read().await?.or(checkpoints.last().await?).or(tiles.checkpoint().await?);
        if known.is_none() && self.length() == 0 {
            Self::begin(&**signer, &**guard).await?;
        }
        Ok(())
    }

    /// Begins a log: a signed checkpoint of nothing is its guard. From here on a missing guard is a lost
    /// one.
    pub async fn begin(signer: &dyn Signer, guard: &dyn Guard) -> Result<(), LogPortError> {
        guard.write(&sign(signer, TreeRoot::default().root(), 0).note).await
    }

    /// Which checkpoint was signed last: the stored one, or the guard's where that one is newer.
    async fn last(
        &self,
        stored: Option<KnownCheckpoint>,
        guard: Option<&KnownCheckpoint>,
        published: Option<&KnownCheckpoint>,
    ) -> Result<KnownCheckpoint, Unfit> {
        let last = match (stored, guard) {
            // A log begins with a guard: see [`TransparencyLog::begin`]. Whoever has none has lost it.
            (stored, None) => {
                let known = stored.as_ref().or(published).map_or(0, |known| known.checkpoint.size);
                return Err(Unfit::GuardMissing(known));
            }
            (Some(stored), Some(guard)) if stored.checkpoint.size >= guard.checkpoint.size => {
                stored
            }
            (_, Some(guard)) => {
                KnownCheckpoint { checkpoint: guard.checkpoint.clone(), note: guard.note.clone() }
            }
        };
        let held = self.length();
        let known = last.checkpoint.size;
        if held < known {
            let who = "the guard file or the checkpoint store".to_owned();
            return Err(Unfit::Older { who, known, held });
        }
        let stored = self.places.checkpoints.last().await?;
        if stored.as_deref() != Some(last.note.as_slice()) {
            self.places.checkpoints.swap(stored.as_deref(), &last.note).await?;
        }
        Ok(last)
    }

    /// The right edge at the last checkpoint: what is published is taken from the files, what was signed
    /// after that is made again from the leaves and written.
    async fn grown_to(
        &self,
        last: &KnownCheckpoint,
        published: Option<&KnownCheckpoint>,
    ) -> Result<Edge, Unfit> {
        let mut tiling = match published {
            Some(published) => self.published_edge(&published.checkpoint).await?,
            None => Tiling::default(),
        };
        let size = last.checkpoint.size;
        if tiling.size() > size {
            // A published tree is never ahead of a signed one, unless somebody put an old store back.
            return Err(Unfit::Older {
                who: "the public folder".to_owned(),
                known: tiling.size(),
                held: size,
            });
        }
        while tiling.size() < size {
            let to = size.min(tiling.size() + LEAVES_MAX);
            let (grown, tiles) = self.grow(&tiling, to).await?;
            self.write(tiles).await?;
            tiling = grown;
        }
        let tree = tiling.tree();
        if tree.root() != last.checkpoint.root {
            let who = "the last signed checkpoint".to_owned();
            return Err(Unfit::OtherHistory { who, size });
        }
        Ok(Edge { tiling, tree, last: Some(last.note.clone()), unfinished: None })
    }

    async fn published_edge(&self, published: &Checkpoint) -> Result<Tiling, Unfit> {
        let size = published.size;
        let mut files = std::collections::HashMap::new();
        for tile in Tiling::edge(size) {
            files.insert(tile, read(&*self.places.tiles, tile).await.map_err(files_unfit)?);
        }
        let tiling = Tiling::resume(size, |tile| files.get(&tile).cloned());
        let tiling = tiling.ok_or_else(|| Unfit::Files("the right edge".to_owned()))?;
        if tiling.root() == published.root {
            Ok(tiling)
        } else {
            Err(Unfit::Files("the right edge has another root than the checkpoint".to_owned()))
        }
    }

    /// The guard's root must be ours at its size.
    async fn holds_against(
        &self,
        last: &KnownCheckpoint,
        guard: Option<&KnownCheckpoint>,
        size: u64,
    ) -> Result<(), Unfit> {
        let Some(KnownCheckpoint { checkpoint: guard, .. }) = guard else { return Ok(()) };
        let root: TreeHash = if guard.size == last.checkpoint.size {
            last.checkpoint.root
        } else {
            root_at(&*self.places.tiles, guard.size, size).await.map_err(files_unfit)?
        };
        if root == guard.root {
            Ok(())
        } else {
            Err(Unfit::OtherHistory { who: "the guard file".to_owned(), size: guard.size })
        }
    }

    /// The last bundle's leaves are those of the event store.
    async fn same_leaves_at_the_edge(&self, size: u64) -> Result<(), Unfit> {
        let Some(newest) = size.checked_sub(1) else { return Ok(()) };
        let first = newest / WIDTH * WIDTH;
        let stored = self.leaves(first, size).await?;
        let tile = Tile::in_tree(TileKind::Entries, first / WIDTH, size);
        let Some(tile) = tile else { return Ok(()) };
        let bundle = read(&*self.places.tiles, tile).await.map_err(files_unfit)?;
        if domain::journal::tile::leaves(&bundle).as_ref() != Some(&stored) {
            return Err(Unfit::Files(format!("{tile} holds other leaves than the event store")));
        }
        Ok(())
    }

    /// A witness that has cosigned more than we have signed knows a later state of this log. One that does
    /// not answer cannot be asked; it is asked again at the next checkpoint.
    async fn nobody_is_ahead(&self, last: &KnownCheckpoint) -> Result<(), Unfit> {
        let held = last.checkpoint.size;
        let Ok(note) = Note::parse(&last.note) else { return Ok(()) };
        for witness in &self.settings.witnesses {
            match witness.add_checkpoint(held, &[], &note).await {
                Err(WitnessError::Seen(known)) if known > held => {
                    let who = format!("the witness {}", witness.name());
                    return Err(Unfit::Older { who, known, held });
                }
                Err(WitnessError::OtherTree(size)) => {
                    let who = format!("the witness {}", witness.name());
                    return Err(Unfit::OtherHistory { who, size });
                }
                Err(WitnessError::Later(reason)) => {
                    let witness = witness.name();
                    tracing::warn!(witness, reason, "a witness does not answer at the start");
                }
                Ok(_) | Err(WitnessError::Seen(_) | WitnessError::Refused(_)) => {}
            }
        }
        Ok(())
    }

    async fn take_up(&self, last: KnownCheckpoint, published: Option<KnownCheckpoint>, edge: Edge) {
        *self.edge.lock().await = edge;
        let at = self.places.signer.now();
        let made = |known: KnownCheckpoint| StampedCheckpoint {
            checkpoint: known.checkpoint,
            note: known.note,
            at,
        };
        let signed = made(last);
        let published = published.map(made);
        self.published.send_replace(published.as_ref().map_or(0, |made| made.checkpoint.size));
        {
            let mut standing = self.lock();
            standing.signed = Some(signed.clone());
            standing.published = published;
        }
        self.signed.send_replace(Some(signed));
    }

    /// Makes every public file anew from the stored leaves, up to the last signed checkpoint; answers how
    /// many leaves that were. A published checkpoint stays; where there is none, the last signed one is
    /// published, unless a quorum must cosign it first.
    pub async fn rebuild(places: &LogPorts, quorum_only: bool) -> Result<u64, Unfit> {
        let keys = places.signer.keys_ever();
        let known = |note, place| ours(&keys, note, place);
        let stored = known(places.checkpoints.last().await?, "the checkpoint store")?;
        let guard = known(places.guard.read().await?, "the guard file")?;
        let published = known(places.tiles.checkpoint().await?, "the public folder");
        let last = stored.into_iter().chain(guard).max_by_key(|known| known.checkpoint.size);
        let KnownCheckpoint { checkpoint, note } = last.ok_or(Unfit::GuardMissing(0))?;
        let size = checkpoint.size;
        let mut tiling = Tiling::default();
        while tiling.size() < size {
            let count = (size - tiling.size()).min(LEAVES_MAX);
            let wanted = usize::try_from(count).unwrap_or(usize::MAX);
            let from = Position(tiling.size());
            let leaves = places.reader.leaves(from, wanted).await?;
            if leaves.len() != wanted {
                let who = "the checkpoint store".to_owned();
                let held = from.0 + leaves.len() as u64;
                return Err(Unfit::Older { who, known: size, held });
            }
            let mut tiles = Vec::new();
            leaves.into_iter().for_each(|leaf| tiling.push(leaf, &mut tiles));
            places.tiles.write(tiles).await?;
        }
        if tiling.root() != checkpoint.root {
            let who = "the last signed checkpoint".to_owned();
            return Err(Unfit::OtherHistory { who, size });
        }
        places.tiles.write(tiling.partial()).await?;
        places.tiles.forget_partial(&tiles_between(0, size)).await?;
        let stands = match published {
            Ok(Some(KnownCheckpoint { checkpoint: there, .. })) if there.size <= size => {
                root_at(&*places.tiles, there.size, size).await? == there.root
            }
            Ok(_) | Err(_) => false,
        };
        if !stands && !quorum_only && size > 0 {
            places.tiles.publish(&note).await?;
        }
        Ok(size)
    }
}

/// Reads a checkpoint that one of the log's keys must have signed.
fn ours(
    keys: &[VerifierKey],
    note: Option<Vec<u8>>,
    place: &'static str,
) -> Result<Option<KnownCheckpoint>, Unfit> {
    let Some(note) = note else { return Ok(None) };
    let parsed = Note::parse(&note).map_err(|_| Unfit::NotOurs(place))?;
    let policy = WitnessPolicy::of_logs(keys.iter().cloned());
    let believed = policy.judge(&parsed).map_err(|_| Unfit::NotOurs(place))?;
    Ok(Some(KnownCheckpoint { checkpoint: believed.checkpoint, note }))
}

fn files_unfit(error: LogPortError) -> Unfit {
    Unfit::Files(error.to_string())
}

#[cfg(test)]
mod tests {
    use domain::journal::note::{KeyKind, NoteKey};

    use super::*;

    fn key(seed: u8) -> VerifierKey {
        NoteKey::new("a/log", KeyKind::Ed25519, &[seed; 32]).unwrap().public().clone()
    }

    fn fit(policy: WitnessPolicy, quorum_only: bool) -> Result<(), Unfit> {
        LogSettings { witnesses: Vec::new(), policy, quorum_only }.fit(vec![key(1), key(2)])
    }

    #[test]
    fn a_policy_names_one_of_our_keys_or_no_log_at_all() {
        assert!(fit(WitnessPolicy::default(), false).is_ok());
        assert!(fit(WitnessPolicy::of_logs([key(2), key(3)]), false).is_ok());
        let others = fit(WitnessPolicy::of_logs([key(3)]), false);
        assert!(matches!(others, Err(Unfit::OtherKeys(ours)) if ours == [key(1), key(2)]));
    }

    #[test]
    fn a_quorum_needs_a_rule_and_somebody_to_ask() {
        assert!(matches!(fit(WitnessPolicy::default(), true), Err(Unfit::NoQuorum)));
        let witness = NoteKey::new("w1", KeyKind::Cosignature, &[9; 32]).unwrap();
        let witness = witness.public();
        let silent = WitnessPolicy::parse(&format!("witness w1 {witness}\nquorum w1\n")).unwrap();
        assert!(fit(silent.clone(), false).is_ok());
        assert!(matches!(fit(silent, true), Err(Unfit::NoQuorum)));
    }
}
