//! Passwords for tests, in a map.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::{Credentials, PasswordHash, WorkError};
use domain::actor::Actor;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// Passwords in the clear: never for people, and at once for tests, which would wait for hashes.
#[derive(Default)]
pub(in crate::work_store) struct MemoryCredentials {
    passwords: Mutex<HashMap<Uuid, SecretString>>,
}

impl MemoryCredentials {
    fn passwords(&self) -> MutexGuard<'_, HashMap<Uuid, SecretString>> {
        self.passwords.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Credentials for MemoryCredentials {
    async fn hash(
        &self,
        account: Actor,
        password: SecretString,
    ) -> Result<PasswordHash, WorkError> {
        id(account).map(|_| PasswordHash(password))
    }

    async fn keep(&self, account: Actor, hash: PasswordHash) -> Result<(), WorkError> {
        self.passwords().insert(id(account)?, hash.0);
        Ok(())
    }

    async fn password_matches(
        &self,
        account: Option<Actor>,
        password: SecretString,
    ) -> Result<bool, WorkError> {
        let passwords = self.passwords();
        let kept = account.and_then(|account| account.uuid()).and_then(|id| passwords.get(&id));
        Ok(kept.is_some_and(|kept| kept.expose_secret() == password.expose_secret()))
    }
}

fn id(account: Actor) -> Result<Uuid, WorkError> {
    account.uuid().ok_or_else(|| WorkError::Store("no such account".into()))
}

mod tests {
    use std::sync::Arc;

    use super::super::super::conformance::credentials::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryCredentials::default())));
}
