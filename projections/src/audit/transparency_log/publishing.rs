//! Publishing: asks the witnesses to cosign, and shows the world the newest checkpoint.

use std::sync::Arc;
use std::time::Duration;

use domain::journal::note::{Note, SignatureLine};
use tokio::task::JoinSet;

use super::proofs::consistency_path;
use super::{Fault, Made, Stopped, TransparencyLog};
use crate::ports::{Witness, WitnessError};

/// How long a witness may take, proof and all.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// When those who did not cosign are asked again, if nothing new is signed before.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// When a publication that failed is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How far a witness's clock may be from ours.
const CLOCK_OFF_MAX: Duration = Duration::from_secs(60);
/// A witness that says where it stands is asked again from there, so often.
const TRIES: usize = 3;

/// How one witness does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WitnessState {
    /// Its name in our policy.
    pub name: String,
    /// How many leaves it has cosigned last, as far as we know.
    pub cosigned: u64,
    /// When, by its own clock, Unix seconds.
    pub time: Option<u64>,
    /// Why it did not cosign the newest checkpoint, if so.
    pub trouble: Option<String>,
}

struct Cosigned {
    index: usize,
    lines: Vec<SignatureLine>,
    state: WitnessState,
}

impl TransparencyLog {
    /// Publishes every newest checkpoint; comes back when nothing may be written any more.
    pub(super) async fn publish_all(&self) -> Stopped {
        let mut signed = self.signed.subscribe();
        loop {
            signed.mark_unchanged();
            let pause = match self.publish_newest().await {
                Ok(()) => {
                    self.lock().unpublished = None;
                    ASK_AGAIN
                }
                Err(Fault::Passing(error)) => {
                    self.tell(&error, |standing| &mut standing.unpublished);
                    TRY_AGAIN
                }
                Err(Fault::Stopped(stopped)) => return stopped,
            };
            // The sender lives as long as we do. Whoever did not cosign is asked again.
            let _ = tokio::time::timeout(pause, signed.changed()).await;
        }
    }

    /// Publishes the newest signed checkpoint, if it is not there yet or lacks a cosignature it could have.
    pub(super) async fn publish_newest(&self) -> Result<(), Fault> {
        let _one_at_a_time = self.publishing.lock().await;
        let Some(made) = self.signed.borrow().clone() else { return Ok(()) };
        let known = self.lock().published.clone();
        let same = known.as_ref().is_some_and(|known| known.checkpoint == made.checkpoint);
        let complete = {
            let standing = self.lock();
            let states = &standing.witnesses;
            states.len() == self.rhythm.witnesses.len()
                && states.iter().all(|state| state.trouble.is_none())
        };
        if same && complete {
            return Ok(());
        }
        let Ok(mut note) = Note::parse(&made.note) else { return Ok(()) };
        for lines in self.ask_all(&made, &note).await {
            note.signatures.extend(lines);
        }
        let policy = self.rhythm.policy.clone().of_log(self.places.signer.keys());
        if let Err(disbelief) = policy.judge(&note)
            && self.rhythm.quorum_only
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
        self.lock().published = Some(Made { note, ..made });
        self.published.send_replace(size);
        Ok(())
    }

    /// Asks every witness at once.
    async fn ask_all(&self, made: &Made, note: &Note) -> Vec<Vec<SignatureLine>> {
        let before = self.lock().witnesses.clone();
        let mut asking = JoinSet::new();
        for (index, witness) in self.rhythm.witnesses.iter().enumerate() {
            let fresh = WitnessState { name: witness.name().to_owned(), ..WitnessState::default() };
            let state = before.get(index).cloned().unwrap_or(fresh);
            let (witness, note, size) = (Arc::clone(witness), note.clone(), made.checkpoint.size);
            let tiles = Arc::clone(&self.places.tiles);
            asking.spawn(async move {
                let asked = ask(&*witness, &*tiles, &note, size, state.cosigned);
                let answer = tokio::time::timeout(ANSWER_MAX, asked).await;
                let answer = answer.unwrap_or_else(|_| Err("it did not answer in time".to_owned()));
                cosigned(index, state, size, answer)
            });
        }
        let mut answers: Vec<Cosigned> = Vec::new();
        while let Some(answer) = asking.join_next().await {
            answers.extend(answer.ok());
        }
        answers.sort_by_key(|answer| answer.index);
        let mut standing = self.lock();
        standing.witnesses = answers.iter().map(|answer| answer.state.clone()).collect();
        let now = self.places.signer.now();
        standing.clock_off = off(now.micros().div_euclid(1_000_000), &standing.witnesses);
        drop(standing);
        answers.into_iter().map(|answer| answer.lines).collect()
    }
}

fn cosigned(
    index: usize,
    mut state: WitnessState,
    size: u64,
    answer: Result<Vec<SignatureLine>, String>,
) -> Cosigned {
    match answer {
        Ok(lines) => {
            let time = lines.iter().find_map(|line| line.signature.first_chunk::<8>());
            state = WitnessState {
                cosigned: size,
                time: time.map(|time| u64::from_be_bytes(*time)).or(state.time),
                trouble: None,
                name: state.name,
            };
            Cosigned { index, lines, state }
        }
        Err(trouble) => {
            if state.trouble.as_ref() != Some(&trouble) {
                tracing::warn!(witness = state.name, trouble, "a witness has not cosigned");
            }
            state.trouble = Some(trouble);
            Cosigned { index, lines: Vec::new(), state }
        }
    }
}

/// Asks one witness, from where it says it stands.
async fn ask(
    witness: &dyn Witness,
    tiles: &dyn crate::ports::TileStore,
    note: &Note,
    size: u64,
    mut old: u64,
) -> Result<Vec<SignatureLine>, String> {
    for _ in 0..TRIES {
        let proof = consistency_path(tiles, (old, size), size).await;
        let proof = proof.map_err(|error| error.to_string())?.unwrap_or_default();
        match witness.add_checkpoint(old, &proof, note).await {
            Ok(lines) => return Ok(lines),
            Err(WitnessError::Seen(seen)) if seen <= size && seen != old => old = seen,
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("it does not keep to what it says it has cosigned".to_owned())
}

/// How far the witnesses' clocks are from ours, if all that cosigned lately say that it is too far: one clock
/// that is wrong is not ours.
fn off(now: i64, witnesses: &[WitnessState]) -> Option<Duration> {
    let of = |state: &WitnessState| {
        let time = state.time.filter(|_| state.trouble.is_none())?;
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
        let down = WitnessState { trouble: Some("down".into()), ..at(0) };
        assert_eq!(off(1_000, &[]), None);
        assert_eq!(off(1_000, &[at(1_060), down.clone()]), None);
        assert_eq!(off(1_000, &[at(1_061), down]), Some(Duration::from_secs(61)));
        assert_eq!(off(1_000, &[at(1_061), at(990)]), None);
    }
}
