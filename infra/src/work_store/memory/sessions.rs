//! The secrets of sessions for tests, in a map.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::{Presented, Sessions, WorkError};
use commands::ports::world::Entropy;
use domain::actor::Actor;
use domain::ids::SessionId;
use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};

use super::super::sessions::fresh_secret;

/// Secrets in the clear. For tests; it sweeps nothing.
pub(in crate::work_store) struct MemorySessions {
    entropy: Arc<dyn Entropy>,
    secrets: Mutex<HashMap<String, KeptSecret>>,
}

#[derive(Clone, Copy)]
struct KeptSecret {
    session: SessionId,
    account: Actor,
    until: Moment,
    used: bool,
}

impl MemorySessions {
    pub(in crate::work_store) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, secrets: Mutex::default() }
    }

    fn secrets(&self) -> MutexGuard<'_, HashMap<String, KeptSecret>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, secrets: &mut HashMap<String, KeptSecret>, kept: KeptSecret) -> SecretString {
        let secret = fresh_secret(&*self.entropy);
        secrets.insert(secret.expose_secret().to_owned(), kept);
        secret
    }
}

#[async_trait]
impl Sessions for MemorySessions {
    async fn issue(
        &self,
        session: SessionId,
        account: Actor,
        until: Moment,
    ) -> Result<SecretString, WorkError> {
        let kept = KeptSecret { session, account, until, used: false };
        Ok(self.keep(&mut self.secrets(), kept))
    }

    async fn present(&self, secret: &SecretString, now: Moment) -> Result<Presented, WorkError> {
        Ok(match self.secrets().get(secret.expose_secret()) {
            Some(kept) if kept.until > now && kept.used => {
                Presented::Reused(kept.session, kept.account)
            }
            Some(kept) if kept.until > now => Presented::Current(kept.session, kept.account),
            Some(_) | None => Presented::Unknown,
        })
    }

    async fn rotate(
        &self,
        secret: &SecretString,
        now: Moment,
    ) -> Result<Option<SecretString>, WorkError> {
        let mut secrets = self.secrets();
        let Some(kept) = secrets.get_mut(secret.expose_secret()) else { return Ok(None) };
        if kept.used || kept.until <= now {
            return Ok(None);
        }
        let next = *kept;
        kept.used = true;
        Ok(Some(self.keep(&mut secrets, next)))
    }

    async fn forget(&self, session: SessionId) -> Result<(), WorkError> {
        self.secrets().retain(|_, kept| kept.session != session);
        Ok(())
    }

    async fn of_account(&self, account: Actor, now: Moment) -> Result<Vec<SessionId>, WorkError> {
        let secrets = self.secrets();
        let living = secrets
            .values()
            .filter(|kept| kept.account == account && !kept.used && kept.until > now)
            .map(|kept| kept.session);
        Ok(living.collect::<BTreeSet<_>>().into_iter().collect())
    }
}

mod tests {
    use super::super::super::conformance::sessions::{Place, conformance};
    use super::*;
    use crate::entropy::OsEntropy;

    conformance!(Place::memory(|_| Arc::new(MemorySessions::new(Arc::new(OsEntropy)))));
}
