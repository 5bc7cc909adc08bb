//! Setting up and giving up passkeys, as a flow.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::event::{FactorAdded, FactorMeans, PasskeyPlace};
use domain::identity::factors::KnownFactor;
use domain::ids::{ChallengeId, FactorId};
use secrecy::SecretString;
use serde_json::Value;

use super::account_factors::AccountFactorsError;
use super::account_passkeys::{AccountPasskeys, PasskeyError, PasskeyRejection};
use super::add_factor::AddFactor;
use super::own_words::{AccountError, Accounts};
use super::remove_factor::{RemoveFactor, RemoveFactorRejection};
use super::step_up::{StepUp, StepUpError, StepUpFlow, StepUpRejection, operation};
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::ports::credentials::{ChallengeSubject, Operation, WorkError};
use crate::ports::event_store::Request;
use crate::ports::key_vault::VaultError;
use crate::ports::passkeys::{KeptPasskey, PasskeyOwner};

/// Why a second factor was not set up or given up.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// It must be confirmed by answering a challenge that was just made.
    #[error("this must be confirmed")]
    StepUpRequired(ChallengeId),
    /// It is not to be.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The answer is not right, or the code could not be sent.
    #[error(transparent)]
    StepUp(#[from] StepUpError),
    /// The account's seed or recovery codes could not be had.
    #[error(transparent)]
    Factors(#[from] AccountFactorsError),
    /// A seed could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Recovery codes were shown when this request was first made, and are not shown again.
    #[error("the recovery codes of this request were shown before")]
    AlreadyShown,
    /// The passkey was not asked for or not judged.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// The account's name and address could not be had.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// What lies behind the factor was not kept.
    #[error(transparent)]
    Work(#[from] WorkError),
}

/// What a browser needs to make a passkey.
#[derive(Debug)]
pub struct PasskeyBegun {
    /// The challenge that confirms it.
    pub challenge: ChallengeId,
    /// The options of `navigator.credentials.create`.
    pub options: Value,
}

/// What it takes to set up passkeys.
pub struct PasskeyFlow {
    executor: Arc<Executor>,
    accounts: Accounts,
    passkeys: AccountPasskeys,
    step_up: Arc<StepUpFlow>,
    fresh: Fresh,
}

impl PasskeyFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        accounts: Accounts,
        passkeys: AccountPasskeys,
        step_up: Arc<StepUpFlow>,
        fresh: Fresh,
    ) -> Self {
        Self { executor, accounts, passkeys, step_up, fresh }
    }

    /// An account's passkeys in force, the oldest first.
    pub async fn of(&self, account: Actor) -> Result<Vec<KnownFactor>, FactorError> {
        let factors = self.passkeys.factors(account).await?;
        Ok(factors.passkeys().into_iter().cloned().collect())
    }

    /// First step: asks the browser for a new passkey, and makes the challenge that confirms it.
    pub async fn begin(&self, account: Actor) -> Result<PasskeyBegun, FactorError> {
        let (factor, step_up) =
            (FactorId::new(self.fresh.uuid()), ChallengeId::new(self.fresh.uuid()));
        // Judged before a code is sent: nobody answers one for what will be refused all the same.
        let order = AddFactor { factor, account, means: passkey(PasskeyPlace::Untold), step_up };
        self.executor.would(&order).await?;
        let words = self.accounts.own_words(account).await?;
        let (Some(words), Some(uuid)) = (words, account.uuid()) else {
            return Err(PasskeyRejection::NotTaken.rejection().into());
        };
        let owner = PasskeyOwner { account: uuid, address: words.email, name: words.name };
        let asked = self.passkeys.ask_for_new(account, &owner).await?;
        let what = "to add a passkey to your account";
        let subject = ChallengeSubject { account, form: Some(waiting(&asked.waiting)) };
        let challenge = self.step_up.challenge_about(subject, adding(account), what).await?;
        Ok(PasskeyBegun { challenge, options: asked.options })
    }

    /// Second step: what the browser made, and the code.
    pub async fn add(
        &self,
        account: Actor,
        (made, code): (SecretString, StepUp),
        request: Request,
    ) -> Result<Outcome<FactorAdded>, FactorError> {
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        let subject = self.step_up.subject(code.challenge).await?;
        let form = subject.form.filter(|_| subject.account == account);
        let waiting = form.as_deref().and_then(|form| form.strip_prefix(WAITING));
        let waiting = waiting.ok_or(StepUpRejection::DeadCode.rejection())?;
        let made = self.passkeys.judge_new(waiting, &made)?;
        self.step_up.check(account, adding(account), &code).await?;
        let factor = FactorId::new(self.fresh.uuid());
        // Kept first: what the log says is in force can be asked for. One without an event never is.
        let kept = KeptPasskey { factor, credential: made.credential };
        self.passkeys.keep(account, kept).await?;
        let order =
            AddFactor { factor, account, means: passkey(made.place), step_up: code.challenge };
        Ok(self.executor.execute(&order, Caller::new(account, request)).await?)
    }

    /// Gives one up. Without an answer to a challenge, sends a code for exactly this and says so.
    pub async fn remove(
        &self,
        account: Actor,
        factor: FactorId,
        answer: Option<StepUp>,
        request: Request,
    ) -> Result<Outcome<()>, FactorError> {
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        let known = self.passkeys.factors(account).await?;
        if known.get(factor).is_some_and(|known| !known.added.means.is_passkey()) {
            return Err(RemoveFactorRejection::NoSuchFactor.rejection().into());
        }
        let parts = [account.to_string(), factor.to_string()];
        let operation = operation("remove_factor", &[parts[0].as_bytes(), parts[1].as_bytes()]);
        let order = |step_up| RemoveFactor { factor, account, step_up };
        let Some(answer) = answer else {
            self.executor.would(&order(ChallengeId::new(self.fresh.uuid()))).await?;
            let what = "to remove a passkey from your account";
            let challenge = self.step_up.challenge(account, operation, what).await?;
            return Err(FactorError::StepUpRequired(challenge));
        };
        self.step_up.check(account, operation, &answer).await?;
        let caller = Caller::new(account, request);
        let outcome = self.executor.execute(&order(answer.challenge), caller).await?;
        // The log says that it is given up; a public key that lies on answers nothing.
        if let Err(error) = self.passkeys.forget(factor).await {
            tracing::warn!(%error, "the public key of a passkey that was given up could not be forgotten");
        }
        Ok(outcome)
    }
}

const fn passkey(place: PasskeyPlace) -> FactorMeans {
    FactorMeans::Passkey { place }
}

/// What judges a new passkey lies beside the challenge that confirms it, whatever answers that.
const WAITING: &str = "passkey ";

fn waiting(asked: &str) -> String {
    format!("{WAITING}{asked}")
}

/// Not the passkey itself: the code comes before there is one.
fn adding(account: Actor) -> Operation {
    operation("add_passkey", &[account.to_string().as_bytes()])
}
