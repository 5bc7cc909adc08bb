//! Logging in, as a flow: limits, password, second factor, secret, and only then the fact that a session
//! is open.

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::event::{Client, Factor, SessionEnd};
use domain::identity::login::Login;
use domain::identity::session::Session;
use domain::ids::{ChallengeId, LoginHash, SessionId, SourceHash, StreamName};
use domain::time::Moment;
use secrecy::SecretString;

use super::end_session::EndSession;
use super::forms::normalise_email;
use super::note_failed_login::{NoteFailedLogin, attempt_allowed};
use super::open_session::OpenSession;
use super::step_up::{StepUp, StepUpRejection, operation};
use crate::decide::rejections;
use crate::execute::{Caller, Outcome};
use crate::house::{FlowError, House, SignedIn};
use crate::ports::credentials::{Answer, Operation, Presented};
use crate::ports::world::Throttle;

rejections! {
    /// Why somebody is not let in.
    LogInRejection {
        /// No such account, or another password: alike, and equally slow.
        WrongCredentials = Unauthenticated, "wrong_credentials", "The e-mail address or the password is not right.", "Check both; after several failures each try takes longer.";
        /// No session, or one that is over.
        NotSignedIn = Unauthenticated, "not_signed_in", "You are not signed in, or your session is over.", "Log in.";
        /// A refresh token came a second time: the session is ended for whoever holds it.
        RefreshReused = Unauthenticated, "refresh_reused", "This refresh token was used before; the session has been ended.", "Log in again. If you did not use it twice, somebody else has it.";
    }
}

/// An open session and the secrets that hold it.
#[derive(Debug)]
pub struct OpenedSession {
    /// Who, in which session.
    pub signed_in: SignedIn,
    /// What holds it.
    pub client: Client,
    /// When it ends by itself.
    pub until: Moment,
    /// A browser's cookie value, or a machine's refresh token.
    pub secret: SecretString,
    /// A machine's token and when it dies.
    pub machine_token: Option<(SecretString, Moment)>,
}

/// What a right password gives.
#[derive(Debug)]
pub enum LoggedIn {
    /// A session.
    Session(OpenedSession),
    /// A code was sent; the session opens when it is answered.
    SecondFactor(ChallengeId),
}

impl House {
    /// First step: address and password.
    pub async fn log_in(
        &self,
        email: &str,
        password: SecretString,
        client: Client,
        source: &str,
    ) -> Result<LoggedIn, FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let email = SecretString::from(normalise_email(email));
        let (address, from) = (self.login_hash(&email), self.source_hash(source));
        let login = self.allowed_login(address, from).await?;
        let right = self.credentials.password_matches(login.account, password).await?;
        let Some(account) = login.account.filter(|_| right) else {
            self.failed(address, from, Factor::Password).await?;
            return Err(LogInRejection::WrongCredentials.rejection().into());
        };
        match account {
            Actor::Patient(_) => self.open_session(account, client).await.map(LoggedIn::Session),
            Actor::Doctor(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => {
                let operation = second_factor(account, client);
                let what = "to log in";
                let challenge = self.challenge_at(account, &email, operation, what).await?;
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
    ) -> Result<OpenedSession, FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let now = self.executor.now();
        let dead = StepUpRejection::DeadCode.rejection();
        let account = self.challenges.account(answer.challenge, now).await?.ok_or(dead)?;
        let words = self.own_words(account).await?.ok_or(dead)?;
        let (address, from) = (self.login_hash(&words.email), self.source_hash(source));
        self.allowed_login(address, from).await?;
        let operation = second_factor(account, client);
        let (challenge, code) = (answer.challenge, &answer.code);
        match self.challenges.answer(challenge, account, operation, code, now).await? {
            Answer::Right => self.open_session(account, client).await,
            Answer::Wrong { .. } => {
                self.failed(address, from, Factor::Otp).await?;
                Err(StepUpRejection::WrongCode.rejection().into())
            }
            Answer::Dead => Err(dead.into()),
        }
    }

    async fn allowed_login(
        &self,
        address: LoginHash,
        source: SourceHash,
    ) -> Result<Arc<Login>, FlowError> {
        let login = self.executor.state::<Login>(&StreamName::login(&address)).await?;
        attempt_allowed(&login, source, self.executor.now())?;
        Ok(login)
    }

    async fn failed(
        &self,
        address: LoginHash,
        source: SourceHash,
        factor: Factor,
    ) -> Result<(), FlowError> {
        let caller = Caller::new(Actor::System, self.fresh_request());
        self.executor.execute(&NoteFailedLogin { address, source, factor }, caller).await?;
        Ok(())
    }

    async fn open_session(
        &self,
        account: Actor,
        client: Client,
    ) -> Result<OpenedSession, FlowError> {
        let session = SessionId::new(self.uuid());
        let now = self.executor.now();
        let until = now.plus(self.limits.session_life);
        let secret = self.sessions.issue(session, account, until).await?;
        let machine_token = match client {
            Client::Browser => None,
            Client::Machine => Some(self.machine_tokens.sign(session, account, now)?),
        };
        let caller = Caller::new(account, self.fresh_request());
        let order = OpenSession { session, account, client, practice: None, until };
        self.executor.execute(&order, caller).await?;
        let signed_in = SignedIn { actor: account, session };
        Ok(OpenedSession { signed_in, client, until, secret, machine_token })
    }

    /// Who a browser's cookie stands for.
    pub async fn signed_in_by_cookie(&self, secret: &SecretString) -> Result<SignedIn, FlowError> {
        match self.sessions.present(secret, self.executor.now()).await? {
            Presented::Current(session, actor) => {
                self.open_as(SignedIn { actor, session }, Client::Browser).await.map(|(one, _)| one)
            }
            Presented::Reused(..) | Presented::Unknown => {
                Err(LogInRejection::NotSignedIn.rejection().into())
            }
        }
    }

    /// Who a machine's token stands for. Only its signature may have been checked before; that the
    /// session is still open is asked of the log.
    pub async fn signed_in_by_token(&self, token: &str) -> Result<SignedIn, FlowError> {
        let claims = self.machine_tokens.verify(token, self.executor.now());
        let claims = claims.ok_or(LogInRejection::NotSignedIn.rejection())?;
        let signed_in = SignedIn { actor: claims.actor, session: claims.session };
        self.open_as(signed_in, Client::Machine).await.map(|(one, _)| one)
    }

    async fn open_as(
        &self,
        signed_in: SignedIn,
        client: Client,
    ) -> Result<(SignedIn, Moment), FlowError> {
        let stream = StreamName::session(signed_in.session);
        let session = self.executor.state::<Session>(&stream).await?;
        let open = session.is_open_for(signed_in.actor, self.executor.now());
        match &session.opened {
            Some(opened) if open && opened.client == client => Ok((signed_in, opened.until)),
            Some(_) | None => Err(LogInRejection::NotSignedIn.rejection().into()),
        }
    }

    /// Whether a session that was open still is: for answers that go on for a while.
    pub async fn still_signed_in(&self, signed_in: SignedIn) -> Result<(), FlowError> {
        let stream = StreamName::session(signed_in.session);
        let session = self.executor.state::<Session>(&stream).await?;
        let open = session.is_open_for(signed_in.actor, self.executor.now());
        if open { Ok(()) } else { Err(LogInRejection::NotSignedIn.rejection().into()) }
    }

    /// Gives a machine its next token and refresh token. A refresh token that comes twice ends the
    /// session.
    pub async fn refresh(
        &self,
        secret: SecretString,
        source: &str,
    ) -> Result<OpenedSession, FlowError> {
        self.throttle(Throttle::Identity, source.as_bytes())?;
        let now = self.executor.now();
        let (session, actor) = match self.sessions.present(&secret, now).await? {
            Presented::Current(session, actor) => (session, actor),
            Presented::Reused(session, actor) => {
                return Err(self.refresh_reused(SignedIn { actor, session }).await);
            }
            Presented::Unknown => return Err(LogInRejection::NotSignedIn.rejection().into()),
        };
        let signed_in = SignedIn { actor, session };
        let (_, until) = self.open_as(signed_in, Client::Machine).await?;
        let Some(next) = self.sessions.rotate(&secret, now).await? else {
            return Err(self.refresh_reused(signed_in).await);
        };
        let machine_token = Some(self.machine_tokens.sign(session, actor, now)?);
        Ok(OpenedSession { signed_in, client: Client::Machine, until, secret: next, machine_token })
    }

    async fn refresh_reused(&self, signed_in: SignedIn) -> FlowError {
        match self.end_session(signed_in, signed_in.session, SessionEnd::RefreshReused).await {
            Ok(_) => LogInRejection::RefreshReused.rejection().into(),
            Err(error) => error,
        }
    }

    /// Ends one of the caller's sessions: its fact first, then its secrets.
    pub async fn end_session(
        &self,
        caller: SignedIn,
        session: SessionId,
        reason: SessionEnd,
    ) -> Result<Outcome, FlowError> {
        let order = EndSession { session, account: caller.actor, reason };
        let caller = Caller::new(caller.actor, self.fresh_request());
        let outcome = self.executor.execute(&order, caller).await?;
        self.sessions.forget(session).await?;
        Ok(outcome)
    }
}

fn second_factor(account: Actor, client: Client) -> Operation {
    let client: &[u8] = match client {
        Client::Browser => b"browser",
        Client::Machine => b"machine",
    };
    operation("log_in", &[account.to_string().as_bytes(), client])
}
