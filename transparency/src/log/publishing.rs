//! Publishing: asks the witnesses to cosign, and shows the world the newest checkpoint.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::journal::note::{Note, SignatureLine};
use tokio::task::JoinSet;

use super::status::{StampedCheckpoint, WitnessState};
use super::{Fault, LogStopped, TransparencyLog};
use crate::ports::{TileStore, Witness, WitnessError};
use crate::proofs::consistency_path;

/// How long a witness may take, proof and all.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// When those who did not cosign are asked again, if nothing new is signed before.
pub const ASK_AGAIN: Duration = Duration::from_secs(10);
/// How far a witness's clock may be from ours.
const CLOCK_OFF_MAX: Duration = Duration::from_secs(60);
/// A witness that says where it stands is asked again from there, so often.
const TRIES: usize = 3;

impl TransparencyLog {
    /// Publishes the newest signed checkpoint, and asks those who have not cosigned it: one pass of a job
    /// that comes round whenever one is signed, and after [`ASK_AGAIN`]. What stands in the way for a while
    /// is told by [`TransparencyLog::standing`].
    pub async fn publish_new(&self) -> Result<(), LogStopped> {
        match self.publish_newest().await {
            Ok(()) => self.lock().unpublished = None,
            Err(Fault::Passing(error)) => self.tell(&error, |standing| &mut standing.unpublished),
            Err(Fault::Stopped(stopped)) => return Err(self.stall(stopped)),
        }
        Ok(())
    }

    /// Publishes the newest signed checkpoint, if it is not there yet or lacks a cosignature it could have.
    pub(super) async fn publish_newest(&self) -> Result<(), Fault> {
        let mut gathered = self.publishing.lock().await;
        let Some(made) = self.signed.borrow().clone() else { return Ok(()) };
        let Ok(signed) = Note::parse(&made.note) else { return Ok(()) };
        gathered.be_about(&signed.text);
        let known = self.lock().published.clone();
        let same = known.as_ref().is_some_and(|known| known.checkpoint == made.checkpoint);
        // Clocks that disagree are compared again, or nothing would ever be written again.
        let doubted = self.lock().clock_off.is_some();
        let witnesses = self.settings.witnesses.len();
        if same && !doubted && gathered.lines.len() == witnesses {
            return Ok(());
        }
        self.ask_those_missing(&made, &signed, doubted, &mut gathered).await?;
        let policy = self.settings.policy.clone().of_log(self.places.signer.keys());
        let note = gathered.with(signed);
        if let Err(disbelief) = policy.judge(&note)
            && self.settings.quorum_only
        {
            tracing::warn!(%disbelief, "the newest checkpoint is not published");
            return Ok(());
        }
        let note = note.to_string().into_bytes();
        if known.is_some_and(|known| known.note == note) {
            return Ok(());
        }
        self.places.tiles.publish(&note).await?;
        let size = made.checkpoint.size;
        self.lock().published = Some(StampedCheckpoint { note, ..made });
        self.published.send_replace(size);
        Ok(())
    }

    /// Asks every witness that has not cosigned this checkpoint yet, all at once; all of them, if our clock
    /// is in doubt.
    async fn ask_those_missing(
        &self,
        made: &StampedCheckpoint,
        note: &Note,
        doubted: bool,
        gathered: &mut Gathered,
    ) -> Result<(), LogStopped> {
        let mut states = self.lock().witnesses.clone();
        let fresh = |witness: &Arc<dyn Witness>| WitnessState {
            name: witness.name().to_owned(),
            ..WitnessState::default()
        };
        states.extend(self.settings.witnesses.iter().skip(states.len()).map(fresh));
        let mut asking = JoinSet::new();
        for (index, witness) in self.settings.witnesses.iter().enumerate() {
            if gathered.lines.contains_key(&index) && !doubted {
                continue;
            }
            let witness = Arc::clone(witness);
            let note = note.clone();
            let size = made.checkpoint.size;
            let tiles = Arc::clone(&self.places.tiles);
            let old = states[index].cosigned;
            asking.spawn(async move {
                let asked = ask(&*witness, &*tiles, &note, size, old);
                let answer = tokio::time::timeout(ANSWER_MAX, asked).await;
                let late = || WitnessError::Later("it did not answer in time".to_owned());
                (index, answer.unwrap_or_else(|_| Err(late())))
            });
        }
        while let Some(answer) = asking.join_next().await {
            let Ok((index, answer)) = answer else { continue };
            if let Err(WitnessError::OtherTree(_) | WitnessError::Seen(_)) = &answer {
                let witness = states[index].name.clone();
                let what = outcome(&answer);
                return Err(LogStopped::Contradicted { witness, what });
            }
            states[index].take(made.checkpoint.size, &answer);
            gathered.lines.extend(answer.ok().map(|lines| (index, lines)));
        }
        let now = self.places.signer.now();
        let mut standing = self.lock();
        standing.clock_off = off(now.micros().div_euclid(1_000_000), &states);
        standing.witnesses = states;
        Ok(())
    }
}

/// The cosignatures on one checkpoint so far, by the witness's place in the list.
#[derive(Default)]
pub(super) struct Gathered {
    text: String,
    lines: BTreeMap<usize, Vec<SignatureLine>>,
}

impl Gathered {
    /// Forgets what was gathered for another checkpoint.
    fn be_about(&mut self, text: &str) {
        if self.text != text {
            *self = Self { text: text.to_owned(), lines: BTreeMap::new() };
        }
    }

    /// The note with what was gathered, as far as it stays one that everybody reads.
    fn with(&self, signed: Note) -> Note {
        let mut note = signed;
        for lines in self.lines.values() {
            let before = note.signatures.len();
            note.signatures.extend(lines.iter().take(1).cloned());
            if Note::parse(note.to_string().as_bytes()).is_err() {
                note.signatures.truncate(before);
            }
        }
        note
    }
}

impl WitnessState {
    /// Keeps what a witness answered about the tree of `size`.
    fn take(&mut self, size: u64, answer: &Result<Vec<SignatureLine>, WitnessError>) {
        match answer {
            Ok(lines) => {
                let time = lines.iter().find_map(|line| line.signature.first_chunk::<8>());
                self.time = time.map(|time| u64::from_be_bytes(*time)).or(self.time);
                (self.cosigned, self.failure) = (size, None);
            }
            Err(error) => {
                let failure = error.to_string();
                if self.failure.as_ref() != Some(&failure) {
                    tracing::warn!(witness = self.name, failure, "a witness has not cosigned");
                }
                self.failure = Some(failure);
            }
        }
    }
}

fn outcome(answer: &Result<Vec<SignatureLine>, WitnessError>) -> String {
    match answer {
        Err(WitnessError::Seen(size)) => format!("has cosigned a tree of {size} leaves"),
        Err(WitnessError::OtherTree(size)) => format!("has cosigned another tree of {size} leaves"),
        Ok(_) | Err(WitnessError::Later(_) | WitnessError::Refused(_)) => String::new(),
    }
}

/// Asks one witness, from where it says it stands. `Seen` is answered only of a tree longer than ours.
async fn ask(
    witness: &dyn Witness,
    tiles: &dyn TileStore,
    note: &Note,
    size: u64,
    mut old: u64,
) -> Result<Vec<SignatureLine>, WitnessError> {
    for _ in 0..TRIES {
        let proof = consistency_path(tiles, (old, size), size).await;
        let proof = proof.map_err(|error| WitnessError::Later(error.to_string()))?;
        match witness.add_checkpoint(old, &proof.unwrap_or_default(), note).await {
            Err(WitnessError::Seen(seen)) if seen <= size && seen != old => old = seen,
            answer => return answer,
        }
    }
    Err(WitnessError::Refused("it does not keep to what it says it has cosigned".to_owned()))
}

/// How far the witnesses' clocks are from ours, if all that cosigned lately say that it is too far: one clock
/// that is wrong is not ours.
fn off(now: i64, witnesses: &[WitnessState]) -> Option<Duration> {
    let of = |state: &WitnessState| {
        let time = state.time.filter(|_| state.failure.is_none())?;
        Some(Duration::from_secs(now.abs_diff(i64::try_from(time).ok()?)))
    };
    witnesses.iter().filter_map(of).min().filter(|nearest| *nearest > CLOCK_OFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_clock_is_off_when_no_witness_agrees_with_it() {
        let at = |time| WitnessState { time: Some(time), ..WitnessState::default() };
        let down = WitnessState { failure: Some("down".into()), ..at(0) };
        assert_eq!(off(1_000, &[]), None);
        assert_eq!(off(1_000, &[at(1_060), down.clone()]), None);
        assert_eq!(off(1_000, &[at(1_061), down]), Some(Duration::from_secs(61)));
        assert_eq!(off(1_000, &[at(1_061), at(990)]), None);
    }
}
