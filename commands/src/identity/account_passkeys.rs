//! The passkeys of an account: those that the log says are in force and whose public keys are kept.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::factors::Factors;
use domain::ids::{FactorId, StreamName};
use secrecy::SecretString;

use crate::decide::{Rejection, rejections};
use crate::execute::{ExecuteError, Executor};
use crate::ports::credentials::WorkError;
use crate::ports::passkeys::{
    AskedPasskey, KeptPasskey, NewPasskey, PasskeyCeremonies, PasskeyOwner, PasskeyStore,
};

rejections! {
    /// Why no passkey is asked for or taken.
    PasskeyRejection {
        /// The account has none.
        NoPasskey = Conflict, "no_passkey", "This account has no passkey.", "Answer with the code that was sent.";
        /// The app has no address that a passkey could be bound to.
        NotHere = Conflict, "passkeys_not_here", "Passkeys are bound to an address with a name, and this installation has none.", "Answer with the code that was sent; the operator may set http.public_url.";
        /// What the browser answered does not fit what was asked.
        NotTaken = Forbidden, "passkey_not_taken", "The passkey's answer does not fit what was asked.", "Begin again, in the same browser and at the address the app was opened at.", Never;
    }
}

/// Why a passkey was not asked for or not judged.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// There is none, or not here, or it is not right.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// What the log says of the account's factors could not be read, or not written.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The public keys could not be had or kept.
    #[error(transparent)]
    Work(#[from] WorkError),
}

/// What it takes to ask an account for a passkey.
#[derive(Clone)]
pub struct AccountPasskeys {
    executor: Arc<Executor>,
    store: Arc<dyn PasskeyStore>,
    ceremonies: Option<Arc<dyn PasskeyCeremonies>>,
}

impl AccountPasskeys {
    /// With what it needs; without ceremonies where the app has no address that a passkey could be bound to.
    pub fn new(
        executor: Arc<Executor>,
        store: Arc<dyn PasskeyStore>,
        ceremonies: Option<Arc<dyn PasskeyCeremonies>>,
    ) -> Self {
        Self { executor, store, ceremonies }
    }

    fn ceremonies(&self) -> Result<&dyn PasskeyCeremonies, Rejection> {
        self.ceremonies.as_deref().ok_or(PasskeyRejection::NotHere.rejection())
    }

    /// What the log says of an account's second factors.
    pub(super) async fn factors(&self, account: Actor) -> Result<Arc<Factors>, ExecuteError> {
        match account.uuid() {
            Some(uuid) => self.executor.state::<Factors>(&StreamName::factors(uuid)).await,
            None => Ok(Arc::default()),
        }
    }

    /// Whether the account can answer with a passkey here.
    pub(super) async fn any(&self, account: Actor) -> Result<bool, PasskeyError> {
        Ok(self.ceremonies.is_some() && !self.of(account).await?.is_empty())
    }

    /// Those in force.
    async fn of(&self, account: Actor) -> Result<Vec<KeptPasskey>, PasskeyError> {
        let factors = self.factors(account).await?;
        if factors.in_force().is_empty() {
            return Ok(Vec::new());
        }
        let mut kept = self.store.of(account).await?;
        kept.retain(|passkey| factors.holds(passkey.factor));
        Ok(kept)
    }

    pub(super) async fn ask_for_new(
        &self,
        account: Actor,
        owner: &PasskeyOwner,
    ) -> Result<AskedPasskey, PasskeyError> {
        let known = self.of(account).await?;
        Ok(self.ceremonies()?.ask_for_new(owner, &known)?)
    }

    pub(super) fn judge_new(
        &self,
        waiting: &str,
        answer: &SecretString,
    ) -> Result<NewPasskey, Rejection> {
        let made = self.ceremonies()?.judge_new(waiting, answer);
        made.ok_or(PasskeyRejection::NotTaken.rejection())
    }

    pub(super) async fn ask(&self, account: Actor) -> Result<AskedPasskey, PasskeyError> {
        let ceremonies = self.ceremonies()?;
        let known = self.of(account).await?;
        if known.is_empty() {
            return Err(PasskeyRejection::NoPasskey.rejection().into());
        }
        Ok(ceremonies.ask(&known)?)
    }

    /// The passkey that gave an answer, as it is to be kept; none if the answer is wrong.
    pub(super) async fn judge(
        &self,
        account: Actor,
        waiting: &str,
        answer: &SecretString,
    ) -> Result<Option<KeptPasskey>, PasskeyError> {
        let known = self.of(account).await?;
        Ok(self.ceremonies()?.judge(waiting, answer, &known))
    }

    pub(super) async fn keep(&self, account: Actor, passkey: KeptPasskey) -> Result<(), WorkError> {
        self.store.keep(account, passkey).await
    }

    pub(super) async fn forget(&self, factor: FactorId) -> Result<(), WorkError> {
        self.store.forget(factor).await
    }
}
