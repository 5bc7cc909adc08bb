//! Logging in, as a flow: limits, password, second factor, and only then a session.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::event::{Client, Factor};
use domain::identity::login::Login;
use domain::ids::{ChallengeId, StreamName};
use secrecy::{ExposeSecret as _, SecretString};

use super::account_factors::MayAnswer;
use super::attempts::{LogInAttempt, Turn, Turns};
use super::note_failed_login::{NoteFailedLogin, attempt_allowed};
use super::sessions::{OpenedSession, SessionError, SessionFlow};
use super::step_up::{StepUp, StepUpError, StepUpFlow, StepUpRejection, operation};
use super::typed;
use crate::decide::{Rejection, rejections};
use crate::execute::{Caller, ExecuteError, Executor};
use crate::fresh::Fresh;
use crate::hashes::{login_hash, source_hash};
use crate::ports::credentials::{
    ChallengeAnswer, ChallengeSubject, Credentials, FamiliarSources, Operation, WorkError,
};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::{LetterKind, Throttle};
use crate::throttles::Throttles;

rejections! {
    /// Why somebody is not let in.
    LogInRejection {
        /// No such account, or another password: alike, and equally slow.
        WrongCredentials = Unauthenticated, "wrong_credentials", "The e-mail address or the password is not right.", "Check both; after several failures each try takes longer.", Never;
        /// No session, or one that is over.
        NotSignedIn = Unauthenticated, "not_signed_in", "You are not signed in, or your session is over.", "Log in.";
        /// A refresh token came a second time: the session is ended for whoever holds it.
        RefreshReused = Unauthenticated, "refresh_reused", "This refresh token was used before; the session has been ended.", "Log in again. If you did not use it twice, somebody else has it.", Never;
    }
}

/// What a right password gives.
#[derive(Debug)]
pub enum LoggedIn {
    /// A session.
    Session(OpenedSession),
    /// The session opens when the challenge is answered.
    SecondFactor {
        /// The challenge.
        challenge: ChallengeId,
        /// What may answer it.
        may_answer: MayAnswer,
    },
}

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Not with this password or code, or not now.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The address's attempts could not be read or written.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The password could not be judged.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The second factor could not be asked for or judged.
    #[error(transparent)]
    StepUp(#[from] StepUpError),
    /// The session did not open.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// What it takes to log somebody in.
pub struct LogInFlow {
    attempts: LogInAttempts,
    credentials: Arc<dyn Credentials>,
    step_up: Arc<StepUpFlow>,
    sessions: Arc<SessionFlow>,
    throttles: Throttles,
}

impl LogInFlow {
    /// With what it needs.
    pub fn new(
        attempts: LogInAttempts,
        credentials: Arc<dyn Credentials>,
        step_up: Arc<StepUpFlow>,
        sessions: Arc<SessionFlow>,
        throttles: Throttles,
    ) -> Self {
        Self { attempts, credentials, step_up, sessions, throttles }
    }

    /// First step: address and password.
    pub async fn log_in(
        &self,
        email: &str,
        password: SecretString,
        client: Client,
        source: &str,
    ) -> Result<LoggedIn, LogInError> {
        self.throttles.take(Throttle::LogIn, source.as_bytes())?;
        let email = SecretString::from(typed::email(email));
        let attempt = self.attempts.of(&email, source);
        let (turn, login) = self.attempts.allowed(attempt, Factor::Password).await?;
        let right = self.is_right(login.account, password).await?;
        let Some(account) = login.account.filter(|_| right) else {
            self.attempts.failed(attempt, Factor::Password).await?;
            return Err(LogInRejection::WrongCredentials.rejection().into());
        };
        drop(turn);
        let may_answer = self.step_up.may_answer(account).await?;
        let needs_second = match account {
            Actor::Patient(_) => !may_answer.letter,
            Actor::Doctor(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => true,
        };
        if !needs_second {
            return Ok(LoggedIn::Session(self.let_in(account, client, attempt).await?));
        }
        let stamp = self.step_up.stamp(LetterKind::LogIn, &email)?;
        let (subject, operation) =
            (ChallengeSubject { account, form: None }, second_factor(account, client));
        let challenge = self.step_up.challenge_at(stamp, subject, operation, "to log in").await?;
        Ok(LoggedIn::SecondFactor { challenge, may_answer })
    }

    /// Whether a password is the account's, as it is hashed now or, set before that, as it was typed. Which
    /// of the two is asked depends on what was typed, never on whether there is an account.
    async fn is_right(
        &self,
        account: Option<Actor>,
        password: SecretString,
    ) -> Result<bool, LogInError> {
        let normal = typed::password(&password);
        let as_typed = normal.expose_secret() == password.expose_secret();
        if self.credentials.password_matches(account, normal).await? {
            return Ok(true);
        }
        Ok(!as_typed && self.credentials.password_matches(account, password).await?)
    }

    /// Second step: a code, or a passkey's answer.
    pub async fn answer_second_factor(
        &self,
        answer: StepUp,
        client: Client,
        source: &str,
    ) -> Result<OpenedSession, LogInError> {
        let found = self.step_up.whose(answer.challenge).await;
        // A challenge that lives bounds its answers itself: made-up ones of a neighbour do not use it up.
        if found.is_err() {
            self.throttles.take(Throttle::Code, source.as_bytes())?;
        }
        let (account, email) = found?;
        let attempt = self.attempts.of(&email, source);
        let factor = answer.proof.factor();
        let (_turn, _) = self.attempts.allowed(attempt, factor).await?;
        match self.step_up.judge(account, second_factor(account, client), &answer).await? {
            ChallengeAnswer::Right => self.let_in(account, client, attempt).await,
            ChallengeAnswer::Wrong { .. } => {
                self.attempts.failed(attempt, factor).await?;
                Err(answer.proof.wrong().into())
            }
            ChallengeAnswer::Dead => Err(StepUpRejection::DeadCode.rejection().into()),
        }
    }

    async fn let_in(
        &self,
        account: Actor,
        client: Client,
        attempt: LogInAttempt,
    ) -> Result<OpenedSession, LogInError> {
        let opened = self.sessions.begin(account, client).await?;
        self.attempts.succeeded(attempt).await;
        Ok(opened)
    }
}

/// The attempts at addresses: the log remembers what failed, the work store where somebody was let in.
pub struct LogInAttempts {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    familiar: Arc<dyn FamiliarSources>,
    turns: Turns,
    fresh: Fresh,
}

impl LogInAttempts {
    /// Addresses and sources are known by hashes under keys of `vault`.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        familiar: Arc<dyn FamiliarSources>,
        fresh: Fresh,
    ) -> Self {
        Self { executor, vault, familiar, turns: Turns::default(), fresh }
    }

    fn of(&self, email: &SecretString, source: &str) -> LogInAttempt {
        let address = login_hash(&*self.vault, email);
        LogInAttempt { address, source: source_hash(&*self.vault, source) }
    }

    /// Whether it may be made now; answers what the address names. Until the turn is dropped, no
    /// other attempt at this address from this source is judged.
    async fn allowed(
        &self,
        attempt: LogInAttempt,
        factor: Factor,
    ) -> Result<(Turn, Arc<Login>), LogInError> {
        let LogInAttempt { address, source } = attempt;
        let turn = self.turns.take(attempt).await?;
        let unjudged = turn.unjudged_elsewhere();
        let login = self.executor.state::<Login>(&StreamName::login(&address)).await?;
        let now = self.executor.now();
        attempt_allowed(&login, (source, factor), now)?;
        if let Some(wait) = login.stranger_waits((source, factor), unjudged, now)
            && !self.familiar.is_familiar(address, source, now).await?
        {
            turn.stranger(wait, now)?;
        }
        Ok((turn, login))
    }

    async fn failed(&self, attempt: LogInAttempt, factor: Factor) -> Result<(), LogInError> {
        let LogInAttempt { address, source } = attempt;
        let caller = Caller::new(Actor::System, self.fresh.request());
        self.executor.execute(&NoteFailedLogin { address, source, factor }, caller).await?;
        Ok(())
    }

    /// Somebody was let in. That it could not be remembered is no reason to keep them out.
    async fn succeeded(&self, attempt: LogInAttempt) {
        let LogInAttempt { address, source } = attempt;
        if let Err(error) = self.familiar.let_in(address, source, self.executor.now()).await {
            tracing::warn!(%error, "from where somebody logged in could not be remembered");
        }
    }
}

/// What a second factor is for: a session of this account, held so.
pub(super) fn second_factor(account: Actor, client: Client) -> Operation {
    let client: &[u8] = match client {
        Client::Browser => b"browser",
        Client::Machine => b"machine",
    };
    operation("log_in", &[account.to_string().as_bytes(), client])
}
