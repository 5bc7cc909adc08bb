//! One-time codes for tests, in a list.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::{
    CHALLENGE_LIFE, ChallengeAnswer, ChallengeSubject, Challenges, GivenAnswer, Operation,
    WorkError,
};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use domain::ids::ChallengeId;
use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};

use super::super::challenges::{OPEN_MAX, TRIES, fresh_code};

/// Codes in the clear, in the order in which they were made. For tests.
pub(in crate::work_store) struct MemoryChallenges {
    entropy: Arc<dyn Entropy>,
    open: Mutex<Vec<OpenChallenge>>,
}

struct OpenChallenge {
    id: ChallengeId,
    subject: ChallengeSubject,
    operation: Operation,
    code: SecretString,
    passkey: Option<String>,
    until: Moment,
    tries_left: u32,
}

impl OpenChallenge {
    fn lives(&self, now: Moment) -> bool {
        self.until > now && self.tries_left > 0
    }
}

impl MemoryChallenges {
    pub(in crate::work_store) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, Vec<OpenChallenge>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Challenges for MemoryChallenges {
    async fn make(
        &self,
        subject: ChallengeSubject,
        operation: Operation,
        now: Moment,
    ) -> Result<(ChallengeId, SecretString), WorkError> {
        let id = ChallengeId::new(self.entropy.uuid(now));
        let code = fresh_code(&*self.entropy);
        let (until, tries_left) = (now.plus(CHALLENGE_LIFE), TRIES);
        let mut open = self.open();
        let account = subject.account;
        let kept = code.clone();
        let passkey = None;
        open.push(OpenChallenge { id, subject, operation, code: kept, passkey, until, tries_left });
        let is_theirs = |known: &OpenChallenge| known.subject.account == account;
        let of_account = open.iter().filter(|known| is_theirs(known)).count();
        if of_account > OPEN_MAX as usize
            && let Some(oldest) = open.iter().position(is_theirs)
        {
            open.remove(oldest);
        }
        Ok((id, code))
    }

    async fn answer(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        given: GivenAnswer<'_>,
        now: Moment,
    ) -> Result<ChallengeAnswer, WorkError> {
        let mut open = self.open();
        let found = open.iter().position(|known| {
            known.id == challenge
                && known.subject.account == account
                && known.operation == operation
                && known.lives(now)
        });
        let Some(place) = found else { return Ok(ChallengeAnswer::Dead) };
        let right = match given {
            GivenAnswer::Code(code) => open[place].code.expose_secret() == code.expose_secret(),
            GivenAnswer::Judged { right } => right,
        };
        if right {
            open.remove(place);
            return Ok(ChallengeAnswer::Right);
        }
        open[place].tries_left -= 1;
        Ok(ChallengeAnswer::Wrong { tries_left: open[place].tries_left })
    }

    async fn wait_for_passkey(
        &self,
        challenge: ChallengeId,
        waiting: String,
        now: Moment,
    ) -> Result<(), WorkError> {
        let mut open = self.open();
        if let Some(known) = open.iter_mut().find(|known| known.id == challenge && known.lives(now))
        {
            known.passkey = Some(waiting);
        }
        Ok(())
    }

    async fn passkey_asked(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<String>, WorkError> {
        let open = self.open();
        let found = open.iter().find(|known| known.id == challenge && known.lives(now));
        Ok(found.and_then(|known| known.passkey.clone()))
    }

    async fn subject(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<ChallengeSubject>, WorkError> {
        let open = self.open();
        let found = open.iter().find(|known| known.id == challenge && known.lives(now));
        Ok(found.map(|known| known.subject.clone()))
    }

    async fn operation(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<Operation>, WorkError> {
        let open = self.open();
        let found = open.iter().find(|known| known.id == challenge && known.lives(now));
        Ok(found.map(|known| known.operation))
    }

    async fn renew(
        &self,
        challenge: ChallengeId,
        operation: Operation,
        now: Moment,
    ) -> Result<Option<SecretString>, WorkError> {
        let code = fresh_code(&*self.entropy);
        let mut open = self.open();
        let found = open.iter_mut().find(|known| {
            known.id == challenge
                && known.operation == operation
                && known.lives(now)
                && known.tries_left > 1
        });
        Ok(found.map(|known| {
            known.code = code.clone();
            known.until = now.plus(CHALLENGE_LIFE);
            known.tries_left -= 1;
            code
        }))
    }

    async fn sweep(&self, now: Moment) -> Result<(), WorkError> {
        self.open().retain(|known| known.lives(now));
        Ok(())
    }
}

mod tests {
    use super::super::super::conformance::challenges::{Place, conformance};
    use super::*;
    use crate::entropy::OsEntropy;

    conformance!(Place::memory(|_| Arc::new(MemoryChallenges::new(Arc::new(OsEntropy)))));
}
