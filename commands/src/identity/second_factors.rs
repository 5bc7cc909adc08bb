//! Setting up and giving up an authenticator app, and making recovery codes, as a flow.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::event::{FactorAdded, FactorMeans};
use domain::ids::{ChallengeId, FactorId};
use domain::time::Moment;
use secrecy::{ExposeSecret, SecretString};

use super::account_factors::{AccountFactors, MayAnswer};
use super::add_factor::AddFactor;
use super::app_codes::AppSeed;
use super::own_words::Accounts;
use super::passkeys::FactorError;
use super::recovery_codes::{RECOVERY_CODES, fresh_code};
use super::remove_factor::RemoveFactor;
use super::step_up::{StepUp, StepUpFlow, StepUpRejection, operation};
use super::typed;
use crate::decide::rejections;
use crate::execute::{Caller, Executor, Outcome};
use crate::fresh::Fresh;
use crate::ports::credentials::{ChallengeSubject, Operation};
use crate::ports::event_store::Request;
use crate::ports::factor_secrets::KeptSeed;

rejections! {
    /// Why no authenticator app is set up or given up.
    AppRejection {
        /// The code is not of the seed that was shown.
        WrongFirstCode = Forbidden, "wrong_first_code", "This is not the code that the app shows for this key.", "Type the code that the app shows now; if it stays wrong, set the clock of the telephone by itself.", Never;
        /// There is none.
        NoApp = NotFound, "no_authenticator_app", "This account has no authenticator app.", "Set one up.";
        /// Recovery codes alone open nothing.
        NothingToRecover = Conflict, "nothing_to_recover", "Recovery codes stand in for an authenticator app or a passkey, and this account has neither.", "Set up an authenticator app or a passkey first.";
    }
}

/// What an account has set up.
#[derive(Debug, Clone)]
pub struct SecondFactors {
    /// What may answer a challenge.
    pub may_answer: MayAnswer,
    /// Since when there is an authenticator app.
    pub app_since: Option<Moment>,
    /// When the recovery codes in force were made, and how many are left.
    pub recovery_codes: Option<(Moment, u32)>,
}

/// What a person needs to set up an authenticator app.
#[derive(Debug)]
pub struct AppBegun {
    /// The challenge that confirms it.
    pub challenge: ChallengeId,
    /// The seed, to be typed.
    pub key: SecretString,
    /// The seed, to be read off a picture.
    pub uri: SecretString,
}

/// What it takes to set up authenticator apps and recovery codes.
pub struct SecondFactorFlow {
    executor: Arc<Executor>,
    accounts: Accounts,
    factors: AccountFactors,
    step_up: Arc<StepUpFlow>,
    fresh: Fresh,
}

impl SecondFactorFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        accounts: Accounts,
        factors: AccountFactors,
        step_up: Arc<StepUpFlow>,
        fresh: Fresh,
    ) -> Self {
        Self { executor, accounts, factors, step_up, fresh }
    }

    /// What an account has set up.
    pub async fn of(&self, account: Actor) -> Result<SecondFactors, FactorError> {
        let known = self.factors.known(account).await?;
        let recovery_codes = match known.recovery_codes() {
            Some(codes) => {
                Some((codes.added_at, self.factors.codes_left(codes.added.factor).await?))
            }
            None => None,
        };
        Ok(SecondFactors {
            may_answer: self.factors.may_answer(account).await?,
            app_since: known.app().map(|app| app.added_at),
            recovery_codes,
        })
    }

    /// First step: draws a seed, which waits beside the challenge that confirms it.
    pub async fn begin_app(&self, account: Actor) -> Result<AppBegun, FactorError> {
        let dead = || StepUpRejection::DeadCode.rejection();
        let words = self.accounts.own_words(account).await?.ok_or_else(dead)?;
        let seed = AppSeed::fresh(&self.fresh);
        let (key, uri) = (seed.text(), seed.uri(&words.email).ok_or_else(dead)?);
        let factor = FactorId::new(self.fresh.uuid());
        let sealed = self.factors.seal_seed(account, factor, key.expose_secret()).await?;
        let form = Some(AwaitedApp { factor, sealed }.text());
        let subject = ChallengeSubject { account, form };
        let what = "to add an authenticator app to your account";
        let challenge = self.step_up.challenge_about(subject, adding_app(account), what).await?;
        Ok(AppBegun { challenge, key, uri })
    }

    /// Second step: the first code of the app, and what answers the challenge. The app takes the place of the
    /// one before.
    pub async fn add_app(
        &self,
        account: Actor,
        (first, answer): (SecretString, StepUp),
        request: Request,
    ) -> Result<Outcome<FactorAdded>, FactorError> {
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        let dead = || StepUpRejection::DeadCode.rejection();
        let subject = self.step_up.subject(answer.challenge).await?;
        let form = subject.form.filter(|_| subject.account == account).ok_or_else(dead)?;
        let AwaitedApp { factor, sealed } = AwaitedApp::read(&form).ok_or_else(dead)?;
        let seed = self.factors.open_seed(account, factor, &sealed).await?.ok_or_else(dead)?;
        let step = seed.step(&typed::code(&first), self.fresh.now());
        let step = step.ok_or(AppRejection::WrongFirstCode.rejection())?;
        self.step_up.check(account, adding_app(account), &answer).await?;
        // Kept first: what the log says is in force can be answered with. The first code is used up.
        self.factors.keep_seed(account, KeptSeed { factor, sealed, step }).await?;
        let means = FactorMeans::AuthenticatorApp {};
        let order = AddFactor { factor, account, means, step_up: answer.challenge };
        let outcome = self.executor.execute(&order, Caller::new(account, request)).await?;
        self.factors.forget_old(account).await;
        Ok(outcome)
    }

    /// Gives the app up. Without an answer to a challenge, makes one for exactly this and says so.
    pub async fn remove_app(
        &self,
        account: Actor,
        answer: Option<StepUp>,
        request: Request,
    ) -> Result<Outcome<()>, FactorError> {
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        let known = self.factors.known(account).await?;
        let app = known.app().ok_or(AppRejection::NoApp.rejection())?;
        let factor = app.added.factor;
        let (account_name, factor_name) = (account.to_string(), factor.to_string());
        let operation =
            operation("remove_factor", &[account_name.as_bytes(), factor_name.as_bytes()]);
        let what = "to remove the authenticator app from your account";
        let step_up = self.confirmed(account, operation, what, answer).await?;
        let order = RemoveFactor { factor, account, step_up };
        let outcome = self.executor.execute(&order, Caller::new(account, request)).await?;
        self.factors.forget_old(account).await;
        Ok(outcome)
    }

    /// Makes ten new recovery codes; those before are worth nothing any more. They are shown this once.
    /// Without an answer to a challenge, makes one for exactly this and says so.
    pub async fn make_recovery_codes(
        &self,
        account: Actor,
        answer: Option<StepUp>,
        request: Request,
    ) -> Result<(Vec<SecretString>, Outcome<FactorAdded>), FactorError> {
        if self.executor.answered_before::<FactorAdded>(request).await?.is_some() {
            return Err(FactorError::AlreadyShown);
        }
        if !self.factors.known(account).await?.any_strong() {
            return Err(AppRejection::NothingToRecover.rejection().into());
        }
        let operation = operation("make_recovery_codes", &[account.to_string().as_bytes()]);
        let what = "to make new recovery codes";
        let step_up = self.confirmed(account, operation, what, answer).await?;
        let factor = FactorId::new(self.fresh.uuid());
        let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| fresh_code(&self.fresh)).collect();
        self.factors.keep_codes(account, factor, &codes).await?;
        let means = FactorMeans::RecoveryCodes { count: RECOVERY_CODES };
        let order = AddFactor { factor, account, means, step_up };
        let outcome = self.executor.execute(&order, Caller::new(account, request)).await?;
        if outcome.again {
            return Err(FactorError::AlreadyShown);
        }
        self.factors.forget_old(account).await;
        Ok((codes, outcome))
    }

    async fn confirmed(
        &self,
        account: Actor,
        operation: Operation,
        what: &str,
        answer: Option<StepUp>,
    ) -> Result<ChallengeId, FactorError> {
        let Some(answer) = answer else {
            let challenge = self.step_up.challenge(account, operation, what).await?;
            return Err(FactorError::StepUpRequired(challenge));
        };
        self.step_up.check(account, operation, &answer).await?;
        Ok(answer.challenge)
    }
}

/// An app that waits for its first code, beside the challenge that confirms it.
struct AwaitedApp {
    factor: FactorId,
    sealed: String,
}

impl AwaitedApp {
    const KIND: &str = "app";

    fn text(&self) -> String {
        format!("{} {} {}", Self::KIND, self.factor, self.sealed)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let (kind, factor, sealed) = (parts.next()?, parts.next()?, parts.next()?);
        let factor = factor.parse().ok()?;
        (kind == Self::KIND).then(|| Self { factor, sealed: sealed.to_owned() })
    }
}

/// Not the app itself: the challenge comes before there is one, and the seed lies beside it.
fn adding_app(account: Actor) -> Operation {
    operation("add_authenticator_app", &[account.to_string().as_bytes()])
}
