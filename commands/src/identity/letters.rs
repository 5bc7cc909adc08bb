//! Letters to people: so many to one address, and no more.

use std::sync::Arc;

use secrecy::SecretString;

use crate::decide::Rejection;
use crate::fresh::Fresh;
use crate::hashes::login_hash;
use crate::ports::credentials::{Courier, Letter, WorkError};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::Throttle;
use crate::throttles::Throttles;

/// The courier, and how many letters one address may get.
pub struct Letters {
    courier: Arc<dyn Courier>,
    vault: Arc<dyn KeyVault>,
    throttles: Throttles,
    fresh: Fresh,
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
    pub(super) fn take_one(&self, address: &SecretString) -> Result<(), Rejection> {
        self.throttles.take(Throttle::Letter, login_hash(&*self.vault, address).0.as_slice())
    }

    /// Sends a letter that was counted.
    pub(super) async fn send(&self, letter: Letter) -> Result<(), WorkError> {
        self.courier.send(letter, self.fresh.now()).await
    }
}
