//! Passkeys (W3C Web Authentication, level 3): what a browser is asked, how its answer is judged, and where
//! public keys lie. A public key is no secret, but it must be forgettable: it is no event.

use async_trait::async_trait;
use domain::actor::Actor;
use domain::identity::event::PasskeyPlace;
use domain::ids::FactorId;
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::credentials::WorkError;

/// A question to a browser.
#[derive(Debug, Clone)]
pub struct AskedPasskey {
    /// For the browser: `{"publicKey": …}`, the options of `navigator.credentials.create` or `.get`, binary
    /// members in base64url.
    pub options: Value,
    /// What judges the answer; stays here.
    pub waiting: String,
}

/// A passkey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPasskey {
    /// How the log names it.
    pub factor: FactorId,
    /// Id, public key and counter, in the form of whoever judges answers.
    pub credential: String,
}

/// Whose passkey it will be, as the browser's own dialogue says it.
pub struct PasskeyOwner {
    /// The account.
    pub account: Uuid,
    /// E-mail address.
    pub address: SecretString,
    /// Full name.
    pub name: SecretString,
}

/// A passkey that was just made.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    /// As [`KeptPasskey::credential`].
    pub credential: String,
    /// Where it lies.
    pub place: PasskeyPlace,
}

/// Asks browsers for passkeys and judges their answers, for one relying party: one address of the app. Keeps
/// nothing, and so has nothing to forget.
pub trait PasskeyCeremonies: Send + Sync {
    /// Asks for a new one, other than those known.
    ///
    /// # Errors
    /// [`WorkError::Store`] if a kept passkey does not read.
    fn ask_for_new(
        &self,
        owner: &PasskeyOwner,
        known: &[KeptPasskey],
    ) -> Result<AskedPasskey, WorkError>;

    /// Judges what was made; none if it does not fit what was asked.
    fn judge_new(&self, waiting: &str, answer: &SecretString) -> Option<NewPasskey>;

    /// Asks for one of those known.
    ///
    /// # Errors
    /// [`WorkError::Store`] if a kept passkey does not read, or there is none.
    fn ask(&self, known: &[KeptPasskey]) -> Result<AskedPasskey, WorkError>;

    /// Judges an answer: the passkey that gave it, as it is to be kept from now on (its counter moved). None
    /// if the answer is of none of those known, does not fit what was asked, or its counter went back.
    fn judge(
        &self,
        waiting: &str,
        answer: &SecretString,
        known: &[KeptPasskey],
    ) -> Option<KeptPasskey>;
}

/// Where public keys lie.
#[async_trait]
pub trait PasskeyStore: Send + Sync {
    /// Keeps a passkey of an account, in the place of what was kept of it before.
    async fn keep(&self, account: Actor, passkey: KeptPasskey) -> Result<(), WorkError>;

    /// What is kept of an account. Whether a passkey is in force, the log says.
    async fn of(&self, account: Actor) -> Result<Vec<KeptPasskey>, WorkError>;

    /// Forgets a passkey.
    async fn forget(&self, factor: FactorId) -> Result<(), WorkError>;
}
