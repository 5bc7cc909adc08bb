//! Letters to people: so many to one address for each purpose, and no more.

use std::sync::Arc;

use domain::ids::ChallengeId;
use secrecy::SecretString;

use crate::decide::Rejection;
use crate::fresh::Fresh;
use crate::hashes::login_hash;
use crate::ports::credentials::{Courier, Letter, WorkError};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::{LetterKind, Throttle};
use crate::throttles::Throttles;

/// The courier, and how many letters one address may get.
pub struct Letters {
    courier: Arc<dyn Courier>,
    vault: Arc<dyn KeyVault>,
    throttles: Throttles,
    fresh: Fresh,
}

/// Leave to send one letter to one address: it has been counted.
pub(super) struct Stamp {
    pub(super) address: SecretString,
}

impl Letters {
    /// Carried by `courier`; addresses are counted by their keyed hash.
    pub fn new(
        courier: Arc<dyn Courier>,
        vault: Arc<dyn KeyVault>,
        throttles: Throttles,
        fresh: Fresh,
    ) -> Self {
        Self { courier, vault, throttles, fresh }
    }

    /// Counts one letter to an address, before anything is made that it would carry.
    pub(super) fn stamp(
        &self,
        kind: LetterKind,
        address: &SecretString,
    ) -> Result<Stamp, Rejection> {
        let key = login_hash(&*self.vault, address);
        self.throttles.take(Throttle::Letter(kind), key.0.as_slice())?;
        Ok(Stamp { address: address.clone() })
    }

    /// Sends a letter that was counted.
    pub(super) async fn send(&self, letter: Letter) -> Result<(), WorkError> {
        self.courier.send(letter, self.fresh.now()).await
    }

    /// The challenge of a letter was answered.
    pub(super) async fn withdraw(&self, challenge: ChallengeId) -> Result<(), WorkError> {
        self.courier.withdraw(challenge).await
    }

    /// Takes back what nobody needs any more.
    pub(super) async fn sweep(&self) -> Result<(), WorkError> {
        self.courier.sweep(self.fresh.now()).await
    }
}
