//! What is made afresh, of chance and time: ids, requests that nobody repeats, tokens.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::ids::TokenHash;
use domain::time::Moment;
use secrecy::SecretString;
use uuid::Uuid;

use crate::execute::once;
use crate::hashes::token_hash;
use crate::ports::event_store::Request;
use crate::ports::world::{Clock, Entropy};

/// Chance and time, for whoever makes something new.
#[derive(Clone)]
pub struct Fresh {
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
}

impl Fresh {
    /// Of this chance and this clock.
    pub fn new(entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>) -> Self {
        Self { entropy, clock }
    }

    /// What the clock says.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A UUID v7.
    pub fn uuid(&self) -> Uuid {
        self.entropy.uuid(self.now())
    }

    /// A request that nobody repeats.
    pub fn request(&self) -> Request {
        once(&*self.entropy, self.now())
    }

    /// Overwrites `bytes` with chance.
    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    /// 128 random bits as base64url, for what nobody must guess while a page is open.
    pub fn nonce(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        BASE64URL.encode(bytes)
    }

    /// 256 random bits as base64url, and the hash that is all we keep of it.
    pub(crate) fn token(&self) -> (SecretString, TokenHash) {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        let text = BASE64URL.encode(bytes);
        let hash = token_hash(&text);
        (SecretString::from(text), hash)
    }
}
