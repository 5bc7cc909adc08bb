//! What lies behind authenticator apps and recovery codes: seeds, the newest step of each that was used,
//! hashes of codes. It must be forgettable: none of it is an event.

use async_trait::async_trait;
use domain::actor::Actor;
use domain::ids::FactorId;

use super::credentials::WorkError;

/// The seed of an authenticator app as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSeed {
    /// How the log names the app.
    pub factor: FactorId,
    /// The seed, sealed under the key of its account.
    pub sealed: String,
    /// The step (RFC 6238, T) whose code was used last.
    pub step: u64,
}

/// The keyed hash of a recovery code, of its set and what was shown.
pub type RecoveryHash = [u8; 32];

/// Where they lie. Which of them are in force, the log says.
#[async_trait]
pub trait FactorSecrets: Send + Sync {
    /// Keeps the seed of an account's new app.
    async fn keep_seed(&self, account: Actor, seed: KeptSeed) -> Result<(), WorkError>;

    /// The seed of an app, sealed.
    async fn seed(&self, factor: FactorId) -> Result<Option<KeptSeed>, WorkError>;

    /// Uses up a step of an app, and every earlier one: whether it was not used up before. Of two at once,
    /// one was.
    async fn use_step(&self, factor: FactorId, step: u64) -> Result<bool, WorkError>;

    /// Keeps an account's new recovery codes.
    async fn keep_codes(
        &self,
        account: Actor,
        factor: FactorId,
        codes: Vec<RecoveryHash>,
    ) -> Result<(), WorkError>;

    /// Uses up a recovery code: whether it was there. Of two at once, one was.
    async fn use_code(&self, factor: FactorId, code: RecoveryHash) -> Result<bool, WorkError>;

    /// How many recovery codes of a set are left.
    async fn codes_left(&self, factor: FactorId) -> Result<u32, WorkError>;

    /// Forgets what is kept of an account, but for these factors.
    async fn forget_but(&self, account: Actor, these: &[FactorId]) -> Result<(), WorkError>;
}
