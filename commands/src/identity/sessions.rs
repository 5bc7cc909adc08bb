//! Sessions, as a flow: the secret first, then the fact that a session is open; whose it is, asked of the log
//! each time; the next tokens of a machine; the end.

use std::sync::Arc;
use std::time::Duration;

use domain::actor::Actor;
use domain::identity::event::{Client, SessionEnd};
use domain::identity::session::Session;
use domain::ids::{SessionId, StreamName};
use domain::time::Moment;
use secrecy::SecretString;

use super::end_session::EndSession;
use super::log_in::LogInRejection;
use super::open_session::OpenSession;
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::ports::credentials::{MachineTokens, Presented, Sessions, WorkError};
use crate::ports::world::Throttle;
use crate::throttles::Throttles;

/// Somebody who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub actor: Actor,
    /// In which session.
    pub session: SessionId,
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

/// Why somebody is not signed in, or a session did not open, go on or end.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is no such session, or it is over.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The session could not be read or written.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// Its secret could not be kept or judged.
    #[error(transparent)]
    Work(#[from] WorkError),
}

/// What it takes to hold a session.
pub struct SessionFlow {
    executor: Arc<Executor>,
    sessions: Arc<dyn Sessions>,
    machine_tokens: Arc<dyn MachineTokens>,
    throttles: Throttles,
    fresh: Fresh,
    life: Duration,
}

impl SessionFlow {
    /// With what it needs; a session ends by itself after `life`.
    pub fn new(
        executor: Arc<Executor>,
        sessions: Arc<dyn Sessions>,
        machine_tokens: Arc<dyn MachineTokens>,
        throttles: Throttles,
        fresh: Fresh,
        life: Duration,
    ) -> Self {
        Self { executor, sessions, machine_tokens, throttles, fresh, life }
    }

    /// The public keys of machine tokens, as an RFC 7517 key set.
    pub fn key_set(&self) -> serde_json::Value {
        self.machine_tokens.key_set()
    }

    /// Opens a session for whoever has just shown who they are.
    pub(super) async fn begin(
        &self,
        account: Actor,
        client: Client,
    ) -> Result<OpenedSession, SessionError> {
        let session = SessionId::new(self.fresh.uuid());
        let now = self.executor.now();
        let until = now.plus(self.life);
        let secret = self.sessions.issue(session, account, until).await?;
        let machine_token = match client {
            Client::Browser => None,
            Client::Machine => Some(self.machine_tokens.sign(session, account, now)?),
        };
        let caller = Caller::new(account, self.fresh.request());
        let order = OpenSession { session, account, client, practice: None, until };
        self.executor.execute(&order, caller).await?;
        let signed_in = SignedIn { actor: account, session };
        Ok(OpenedSession { signed_in, client, until, secret, machine_token })
    }

    /// Who a browser's cookie stands for.
    pub async fn by_cookie(&self, secret: &SecretString) -> Result<SignedIn, SessionError> {
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
    pub async fn by_token(&self, token: &str) -> Result<SignedIn, SessionError> {
        let claims = self.machine_tokens.verify(token, self.executor.now());
        let claims = claims.ok_or(LogInRejection::NotSignedIn.rejection())?;
        let signed_in = SignedIn { actor: claims.actor, session: claims.session };
        self.open_as(signed_in, Client::Machine).await.map(|(one, _)| one)
    }

    async fn open_as(
        &self,
        signed_in: SignedIn,
        client: Client,
    ) -> Result<(SignedIn, Moment), SessionError> {
        let stream = StreamName::session(signed_in.session);
        let session = self.executor.state::<Session>(&stream).await?;
        let open = session.is_open_for(signed_in.actor, self.executor.now());
        match &session.opened {
            Some(opened) if open && opened.client == client => Ok((signed_in, opened.until)),
            Some(_) | None => Err(LogInRejection::NotSignedIn.rejection().into()),
        }
    }

    /// Whether a session that was open still is: for answers that go on for a while.
    pub async fn still_open(&self, signed_in: SignedIn) -> Result<(), SessionError> {
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
    ) -> Result<OpenedSession, SessionError> {
        self.throttles.take(Throttle::LogIn, source.as_bytes())?;
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

    async fn refresh_reused(&self, signed_in: SignedIn) -> SessionError {
        match self.end(signed_in, signed_in.session, SessionEnd::RefreshReused).await {
            Ok(_) => LogInRejection::RefreshReused.rejection().into(),
            Err(error) => error,
        }
    }

    /// Ends one of the caller's sessions: its fact first, then its secrets.
    pub async fn end(
        &self,
        caller: SignedIn,
        session: SessionId,
        reason: SessionEnd,
    ) -> Result<Outcome<()>, SessionError> {
        let order = EndSession { session, account: caller.actor, reason };
        let caller = Caller::new(caller.actor, self.fresh.request());
        let outcome = self.executor.execute(&order, caller).await?;
        self.sessions.forget(session).await?;
        Ok(outcome)
    }
}
