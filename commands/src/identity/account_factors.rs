//! What may answer a challenge of an account, and whether what was typed does.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::factors::Factors;
use domain::ids::{EventId, FactorId};
use domain::time::Moment;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::account_passkeys::{AccountPasskeys, PasskeyError};
use super::app_codes::AppSeed;
use super::recovery_codes;
use crate::execute::ExecuteError;
use crate::ports::credentials::WorkError;
use crate::ports::factor_secrets::{FactorSecrets, KeptSeed};
use crate::ports::key_vault::{KeyVault, VaultError};

/// What may answer a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayAnswer {
    /// The code of a letter: only where there is nothing stronger.
    pub letter: bool,
    /// A passkey, at the address the app was opened at.
    pub passkey: bool,
    /// The code of an authenticator app.
    pub app: bool,
    /// A recovery code.
    pub recovery: bool,
}

impl MayAnswer {
    /// For an account that has set up nothing.
    pub const LETTER: Self = Self { letter: true, passkey: false, app: false, recovery: false };
}

/// What was typed is judged by whoever knows what it is.
pub(super) enum Typed {
    /// The code of a letter, which the challenge knows.
    OfALetter,
    /// Judged; right, it is used up.
    Judged(bool),
}

/// Why an account's factors could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AccountFactorsError {
    /// What the log says of them could not be read.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// Its passkeys could not be had.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// Its seed or codes could not be had.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// Its seed does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The second factors of accounts.
#[derive(Clone)]
pub struct AccountFactors {
    passkeys: AccountPasskeys,
    secrets: Arc<dyn FactorSecrets>,
    vault: Arc<dyn KeyVault>,
}

impl AccountFactors {
    /// With what it needs; seeds open under the keys of their accounts.
    pub fn new(
        passkeys: AccountPasskeys,
        secrets: Arc<dyn FactorSecrets>,
        vault: Arc<dyn KeyVault>,
    ) -> Self {
        Self { passkeys, secrets, vault }
    }

    /// What the log says of an account's second factors.
    pub(super) async fn known(&self, account: Actor) -> Result<Arc<Factors>, ExecuteError> {
        self.passkeys.factors(account).await
    }

    /// What may answer a challenge of this account. That no code goes out by letter, the log alone says: a
    /// secret that was lost opens no easier way.
    pub(super) async fn may_answer(
        &self,
        account: Actor,
    ) -> Result<MayAnswer, AccountFactorsError> {
        let factors = self.known(account).await?;
        let recovery = match factors.recovery_codes() {
            Some(codes) => self.secrets.codes_left(codes.added.factor).await? > 0,
            None => false,
        };
        Ok(MayAnswer {
            letter: !factors.any_strong(),
            passkey: self.passkeys.any(account).await?,
            app: factors.app().is_some(),
            recovery,
        })
    }

    /// Judges what was typed. A right code of an app or of paper is used up by this.
    pub(super) async fn judge(
        &self,
        account: Actor,
        given: &SecretString,
        now: Moment,
    ) -> Result<Typed, AccountFactorsError> {
        let factors = self.known(account).await?;
        if let (Some(codes), Some(code)) = (factors.recovery_codes(), recovery_codes::read(given)) {
            let set = codes.added.factor;
            let hash = recovery_codes::hash(&*self.vault, set, &code);
            return Ok(Typed::Judged(self.secrets.use_code(set, hash).await?));
        }
        if let Some(app) = factors.app() {
            let right = self.is_of_app(account, app.added.factor, given, now).await?;
            return Ok(Typed::Judged(right));
        }
        Ok(if factors.any_strong() { Typed::Judged(false) } else { Typed::OfALetter })
    }

    async fn is_of_app(
        &self,
        account: Actor,
        factor: FactorId,
        given: &SecretString,
        now: Moment,
    ) -> Result<bool, AccountFactorsError> {
        let Some(kept) = self.secrets.seed(factor).await? else { return Ok(false) };
        let seed = self.open_seed(account, factor, &kept.sealed).await?;
        match seed.and_then(|seed| seed.step(given, now)) {
            Some(step) => Ok(self.secrets.use_step(factor, step).await?),
            None => Ok(false),
        }
    }

    /// Seals a seed for an app that is about to be set up.
    pub(super) async fn seal_seed(
        &self,
        account: Actor,
        factor: FactorId,
        text: &str,
    ) -> Result<String, VaultError> {
        self.vault.seal(account.owner(), named(factor), SEED, text).await
    }

    pub(super) async fn open_seed(
        &self,
        account: Actor,
        factor: FactorId,
        sealed: &str,
    ) -> Result<Option<AppSeed>, VaultError> {
        let text: Zeroizing<String> =
            self.vault.unseal(account.owner(), named(factor), SEED, sealed).await?;
        Ok(AppSeed::read(&text))
    }

    pub(super) async fn keep_seed(&self, account: Actor, seed: KeptSeed) -> Result<(), WorkError> {
        self.secrets.keep_seed(account, seed).await
    }

    /// Keeps a new set of recovery codes.
    pub(super) async fn keep_codes(
        &self,
        account: Actor,
        factor: FactorId,
        codes: &[SecretString],
    ) -> Result<(), WorkError> {
        let shown = codes.iter().filter_map(|code| recovery_codes::read(&super::typed::code(code)));
        let hashes = shown.map(|code| recovery_codes::hash(&*self.vault, factor, &code)).collect();
        self.secrets.keep_codes(account, factor, hashes).await
    }

    /// How many recovery codes of a set are left.
    pub(super) async fn codes_left(&self, factor: FactorId) -> Result<u32, WorkError> {
        self.secrets.codes_left(factor).await
    }

    /// The log says what is in force; what lies on beside it answers nothing, and goes.
    pub(super) async fn forget_old(&self, account: Actor) {
        if let Err(error) = self.try_forgetting(account).await {
            tracing::warn!(%error, "what was kept of second factors that were given up could not be forgotten");
        }
    }

    async fn try_forgetting(&self, account: Actor) -> Result<(), AccountFactorsError> {
        let factors = self.known(account).await?;
        let in_force: Vec<FactorId> =
            factors.in_force().into_iter().map(|known| known.added.factor).collect();
        Ok(self.secrets.forget_but(account, &in_force).await?)
    }
}

/// Where a seed would stand in the event that names its app.
const SEED: &str = "/seed";

/// What binds a seed to its app, as an event's id binds words to their event.
fn named(factor: FactorId) -> EventId {
    EventId::new(factor.uuid())
}
