//! A code once more, as a flow: for whoever's letter did not come. Who asks knows the challenge and nothing
//! else, so they hear nothing about whom it names; what goes out, and to where, is what went out before.

use std::sync::Arc;

use domain::identity::event::Client;
use domain::identity::login::Login;
use domain::ids::{ChallengeId, StreamName};
use secrecy::SecretString;

use super::account_factors::MayAnswer;
use super::awaited::AwaitedRegistration;
use super::log_in::second_factor;
use super::own_words::{AccountError, Accounts};
use super::registration::TAKEN;
use super::step_up::{StepUpError, StepUpFlow, StepUpRejection};
use crate::decide::Rejection;
use crate::execute::{ExecuteError, Executor};
use crate::ports::credentials::Operation;
use crate::ports::key_vault::KeyVault;
use crate::ports::world::{LetterKind, Throttle};
use crate::throttles::Throttles;

/// Why no code was sent again.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// Not for this challenge, or not now.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The challenge could not be renewed, or its letter not be sent.
    #[error(transparent)]
    StepUp(#[from] StepUpError),
    /// Whether the address is taken could not be read.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The account's address could not be had.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// What it takes to send a code again.
pub struct ResendFlow {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    accounts: Accounts,
    step_up: Arc<StepUpFlow>,
    throttles: Throttles,
}

impl ResendFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        accounts: Accounts,
        step_up: Arc<StepUpFlow>,
        throttles: Throttles,
    ) -> Self {
        Self { executor, vault, accounts, step_up, throttles }
    }

    /// Sends a new code for a challenge that lives. The one before counts no more: of two letters the newest
    /// is right, and no guess has two codes to hit. Letters are counted by what they were first asked for.
    /// Answers what may answer the challenge.
    pub async fn again(
        &self,
        challenge: ChallengeId,
        source: &str,
    ) -> Result<MayAnswer, ResendError> {
        let found = self.step_up.asked(challenge).await;
        // A challenge that lives bounds its codes itself: made-up ones of a neighbour do not use them up.
        if found.is_err() {
            self.throttles.take(Throttle::Code, source.as_bytes())?;
        }
        let (subject, operation) = found?;
        let which = (challenge, operation);
        let form = subject.form.as_deref();
        if let Some(who) = form.and_then(|form| AwaitedRegistration::open(&*self.vault, form)) {
            self.to_who_registers(which, &who).await?;
            return Ok(MayAnswer::LETTER);
        }
        let may_answer = self.step_up.may_answer(subject.account).await?;
        if !may_answer.letter {
            return Err(StepUpRejection::NoLetters.rejection().into());
        }
        let words = self.accounts.own_words(subject.account).await?;
        let address = words.ok_or(StepUpRejection::DeadCode.rejection())?.email;
        let logs_in = [Client::Browser, Client::Machine]
            .into_iter()
            .any(|client| second_factor(subject.account, client) == operation);
        let (kind, what) = if logs_in {
            (LetterKind::LogIn, "to log in")
        } else {
            (LetterKind::StepUp, "for what you were asked to confirm")
        };
        let stamp = self.step_up.stamp(kind, &address)?;
        self.step_up.renewed(stamp, which, what).await?;
        Ok(may_answer)
    }

    /// Whether the address is taken is asked anew; the work is the same either way.
    async fn to_who_registers(
        &self,
        which: (ChallengeId, Operation),
        awaited: &AwaitedRegistration,
    ) -> Result<(), ResendError> {
        let email = SecretString::from(awaited.email.as_str());
        let stamp = self.step_up.stamp(LetterKind::Registration, &email)?;
        let stream = StreamName::login(&awaited.address(&*self.vault));
        let login = self.executor.state::<Login>(&stream).await?;
        match login.account {
            None => self.step_up.renewed(stamp, which, "to confirm this address").await?,
            Some(_) => self.step_up.renewed_untold(stamp, which, TAKEN).await?,
        }
        Ok(())
    }
}
