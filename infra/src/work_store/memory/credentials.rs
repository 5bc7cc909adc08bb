//! Passwords for tests, in a map.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::credentials::{Credentials, WorkError};
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
    async fn set_password(&self, account: Actor, password: SecretString) -> Result<(), WorkError> {
        let account = account.uuid();
        let account = account.ok_or_else(|| WorkError::Store("no such account".into()))?;
        self.passwords().insert(account, password);
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

mod tests {
    use std::sync::Arc;

    use super::super::super::conformance::credentials::{Place, conformance};
    use super::*;

    conformance!(Place::memory(|_| Arc::new(MemoryCredentials::default())));
}
