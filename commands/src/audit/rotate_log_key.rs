//! The log gets a new signing key; the one before it signs as well for a while, so that nobody who follows
//! the log is left without a key they know.

use std::time::Duration;

use domain::actor::Actor;
use domain::audit::event::LogKeyRotated;
use domain::audit::state::LogState;
use domain::ids::StreamName;
use domain::journal::note::{KeyKind, NoteError, NoteKey};
use domain::time::{Moment, minutes};

use super::own_log::OwnLog;
use crate::decide::{Command, Decided, Decision, answered_by, rejections};
use crate::execute::{Caller, ExecuteError};
use crate::ports::key_vault::{HashPurpose, KeyVault};

/// Longest time for which two keys sign.
pub const OVERLAP_MAX: Duration = minutes(30 * 24 * 60);

/// Makes the next generation of the log's signing key; for a while both sign.
#[derive(Debug, Clone)]
pub struct RotateLogKey {
    /// The stream in which the log speaks of itself.
    pub log: StreamName,
    /// Which key it becomes: one more than the newest.
    pub generation: u32,
    /// The new key, as a vkey.
    pub key: String,
    /// For how long the key before it signs as well.
    pub overlap: Duration,
}

rejections! {
    /// Why the key stays.
    RotateLogKeyRejection {
        /// The rotation before is not over.
        KeysOverlap = Conflict, "log_keys_overlap", "The key before the newest still signs: its rotation is not over.", "Wait until its overlap ends, then rotate again.", AfterWaiting;
        /// Somebody else rotated first.
        NotTheNextKey = Conflict, "not_the_next_log_key", "Another key became the newest meanwhile.", "Look which key signs now, and rotate again if you still want to.";
        /// Longer than anybody needs.
        OverlapTooLong = Invalid, "log_key_overlap_too_long", "Two keys sign together for 30 days at most.", "Choose a shorter overlap.";
    }
}

answered_by!(LogKeyRotated);

impl Command for RotateLogKey {
    type States = (LogState,);
    type Done = LogKeyRotated;

    fn streams(&self) -> Vec<StreamName> {
        vec![self.log.clone()]
    }

    fn decide(&self, (log,): (&LogState,), now: Moment) -> Decision<Self::Done> {
        if let Some(newest) = log.rotations.last()
            && newest.generation == self.generation
            && newest.key == self.key
        {
            return Ok(Decided::Already(newest.clone()));
        }
        if self.overlap > OVERLAP_MAX {
            return Err(RotateLogKeyRejection::OverlapTooLong.into());
        }
        if log.overlap(now).is_some() {
            return Err(RotateLogKeyRejection::KeysOverlap.into());
        }
        if log.generation().checked_add(1) != Some(self.generation) {
            return Err(RotateLogKeyRejection::NotTheNextKey.into());
        }
        let generation = self.generation;
        let key = self.key.clone();
        Ok(Decided::record(LogKeyRotated { generation, key, until: now.plus(self.overlap) }))
    }
}

/// The key of a log's generation: it follows from the installation's own key, so that no other copy needs
/// keeping.
pub fn log_key(vault: &dyn KeyVault, origin: &str, generation: u32) -> Result<NoteKey, NoteError> {
    let parts: [&[u8]; 2] = [origin.as_bytes(), &generation.to_be_bytes()];
    let seed = zeroize::Zeroizing::new(vault.keyed_hash(HashPurpose::LogSigning, &parts));
    NoteKey::new(origin, KeyKind::Ed25519, &seed)
}

impl OwnLog {
    /// Makes the next signing key the log's newest. A repetition is known by its `idempotency_key`.
    pub async fn rotate_key(
        &self,
        overlap: Duration,
        idempotency_key: Option<&str>,
    ) -> Result<LogKeyRotated, ExecuteError> {
        let generation = self.state().await?.generation().saturating_add(1);
        let key = log_key(&*self.vault, self.executor.origin(), generation);
        let key = key.map_err(|_| ExecuteError::Defect("the origin names no key"))?;
        let key = key.public().to_string();
        let order = RotateLogKey { log: self.stream.clone(), generation, key, overlap };
        let canonical = [b"rotate log key".as_slice(), &overlap.as_secs().to_be_bytes()].concat();
        let request = self.requests.of(Actor::System, idempotency_key, &canonical);
        let caller = Caller::new(Actor::System, request);
        let outcome = self.executor.execute(&order, caller).await?;
        Ok(outcome.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Given, given};
    use domain::samples;

    fn rotate(generation: u32) -> RotateLogKey {
        let log = StreamName::log(0);
        let key = format!("key {generation}");
        RotateLogKey { log, generation, key, overlap: minutes(60) }
    }

    fn rotated_once() -> Given {
        given().done(Actor::System, &rotate(2))
    }

    #[test]
    fn the_first_key_is_followed_by_the_second_and_signs_on_for_a_while() {
        given().when(&rotate(2)).then(&[samples::log_key_rotated().into()]);
        let later = rotated_once().later(minutes(60));
        later.when(&rotate(3)).then_kinds(&["log.key_rotated.v1"]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        let rotated = given().twice::<RotateLogKey>(Actor::System, &rotate(2));
        rotated.later(minutes(90)).when(&rotate(2)).then_nothing();
    }

    #[test]
    fn no_third_key_while_two_sign_and_none_is_skipped() {
        rotated_once().later(minutes(59)).when(&rotate(3)).refused("log_keys_overlap");
        given().when(&rotate(1)).refused("not_the_next_log_key");
        given().when(&rotate(3)).refused("not_the_next_log_key");
        let forever = RotateLogKey { overlap: OVERLAP_MAX + minutes(1), ..rotate(2) };
        given().when(&forever).refused("log_key_overlap_too_long");
        let at_once = RotateLogKey { overlap: Duration::ZERO, ..rotate(2) };
        given().done(Actor::System, &at_once).when(&rotate(3)).then_kinds(&["log.key_rotated.v1"]);
    }
}
