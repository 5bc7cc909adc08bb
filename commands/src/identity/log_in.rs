//! Logging in, as a flow: limits, password, second factor, and only then a session.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::event::{Client, Factor};
use domain::identity::login::Login;
use domain::ids::{ChallengeId, LoginHash, SourceHash, StreamName};
use secrecy::SecretString;

use super::forms::normalise_email;
use super::note_failed_login::{NoteFailedLogin, attempt_allowed};
use super::sessions::{OpenedSession, SessionError, SessionFlow};
use super::step_up::{StepUp, StepUpError, StepUpFlow, StepUpRejection, operation};
use crate::decide::{Rejection, rejections};
use crate::execute::{Caller, ExecuteError, Executor};
use crate::fresh::Fresh;
use crate::hashes::{login_hash, source_hash};
use crate::ports::credentials::{ChallengeAnswer, Credentials, Operation, WorkError};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::Throttle;
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
    /// A code was sent; the session opens when it is answered.
    SecondFactor(ChallengeId),
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
        self.throttles.take(Throttle::Identity, source.as_bytes())?;
        let email = SecretString::from(normalise_email(email));
        let attempt = self.attempts.of(&email, source);
        let login = self.attempts.allowed(attempt).await?;
        let right = self.credentials.password_matches(login.account, password).await?;
        let Some(account) = login.account.filter(|_| right) else {
            self.attempts.failed(attempt, Factor::Password).await?;
            return Err(LogInRejection::WrongCredentials.rejection().into());
        };
        match account {
            Actor::Patient(_) => Ok(LoggedIn::Session(self.sessions.begin(account, client).await?)),
            Actor::Doctor(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => {
                let operation = second_factor(account, client);
                let what = "to log in";
                let challenge = self.step_up.challenge_at(account, &email, operation, what).await?;
                Ok(LoggedIn::SecondFactor(challenge))
            }
        }
    }

    /// Second step: the code.
    pub async fn answer_second_factor(
        &self,
        answer: StepUp,
        client: Client,
        source: &str,
    ) -> Result<OpenedSession, LogInError> {
        self.throttles.take(Throttle::Identity, source.as_bytes())?;
        let (account, email) = self.step_up.whose(answer.challenge).await?;
        let attempt = self.attempts.of(&email, source);
        self.attempts.allowed(attempt).await?;
        match self.step_up.judge(account, second_factor(account, client), &answer).await? {
            ChallengeAnswer::Right => Ok(self.sessions.begin(account, client).await?),
            ChallengeAnswer::Wrong { .. } => {
                self.attempts.failed(attempt, Factor::Otp).await?;
                Err(StepUpRejection::WrongCode.rejection().into())
            }
            ChallengeAnswer::Dead => Err(StepUpRejection::DeadCode.rejection().into()),
        }
    }
}

/// An attempt to log in: at which address, from where.
#[derive(Clone, Copy)]
struct LogInAttempt {
    address: LoginHash,
    source: SourceHash,
}

/// The attempts at addresses, which the log remembers.
pub struct LogInAttempts {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    fresh: Fresh,
}

impl LogInAttempts {
    /// Addresses and sources stand in the log as hashes under keys of `vault`.
    pub fn new(executor: Arc<Executor>, vault: Arc<dyn KeyVault>, fresh: Fresh) -> Self {
        Self { executor, vault, fresh }
    }

    fn of(&self, email: &SecretString, source: &str) -> LogInAttempt {
        let address = login_hash(&*self.vault, email);
        LogInAttempt { address, source: source_hash(&*self.vault, source) }
    }

    /// Whether it may be made now; answers what the address names.
    async fn allowed(&self, attempt: LogInAttempt) -> Result<Arc<Login>, LogInError> {
        let login = self.executor.state::<Login>(&StreamName::login(&attempt.address)).await?;
        attempt_allowed(&login, attempt.source, self.executor.now())?;
        Ok(login)
    }

    async fn failed(&self, attempt: LogInAttempt, factor: Factor) -> Result<(), LogInError> {
        let LogInAttempt { address, source } = attempt;
        let caller = Caller::new(Actor::System, self.fresh.request());
        self.executor.execute(&NoteFailedLogin { address, source, factor }, caller).await?;
        Ok(())
    }
}

fn second_factor(account: Actor, client: Client) -> Operation {
    let client: &[u8] = match client {
        Client::Browser => b"browser",
        Client::Machine => b"machine",
    };
    operation("log_in", &[account.to_string().as_bytes(), client])
}
