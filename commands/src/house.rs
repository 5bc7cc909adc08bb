//! The house: everything a flow of commands needs, built once by the composition root.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use domain::actor::Actor;
use domain::ids::{LoginHash, SessionId, SourceHash, StreamName, TokenHash};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::decide::{Kind, Rejection};
use crate::execute::{ExecuteError, Executor, once};
use crate::ports::blob_store::{BlobError, BlobStore};
use crate::ports::credentials::{
    Challenges, Courier, Credentials, MachineTokens, Sessions, WorkError,
};
use crate::ports::event_store::Request;
use crate::ports::key_vault::{HashPurpose, KeyVault, VaultError};
use crate::ports::rasteriser::{RasteriseError, Rasteriser};
use crate::ports::world::{Entropy, Limiter, SignedLog, Throttle};

/// Everything a flow needs.
pub struct House {
    /// The write loop.
    pub executor: Executor,
    /// Keys.
    pub vault: Arc<dyn KeyVault>,
    /// Encrypted reports.
    pub blobs: Arc<dyn BlobStore>,
    /// Passwords.
    pub credentials: Arc<dyn Credentials>,
    /// Session secrets.
    pub sessions: Arc<dyn Sessions>,
    /// One-time codes.
    pub challenges: Arc<dyn Challenges>,
    /// Machine tokens.
    pub machine_tokens: Arc<dyn MachineTokens>,
    /// Letters.
    pub courier: Arc<dyn Courier>,
    /// Pages.
    pub rasteriser: Arc<dyn Rasteriser>,
    /// The signed log over what is written.
    pub signed_log: Arc<dyn SignedLog>,
    /// Throttling.
    pub limiter: Arc<dyn Limiter>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The stream in which the log speaks of itself: another one after every continuation.
    pub log_stream: StreamName,
    /// Bounds that a house may set.
    pub limits: Limits,
}

/// Bounds that a house may set.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest report, bytes.
    pub report_bytes_max: u64,
    /// How long a session lasts.
    pub session_life: std::time::Duration,
    /// For how long events may wait for a signature before nothing is revealed any more.
    pub uncovered_max: std::time::Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let session_life = domain::time::minutes(12 * 60);
        let uncovered_max = domain::time::minutes(5);
        Self { report_bytes_max: 2 << 30, session_life, uncovered_max }
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub actor: Actor,
    /// In which session.
    pub session: SessionId,
}

/// Why a flow did not get where it wanted.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A command did not.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// A secret could not be kept or judged.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// A report could not be stored or read.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A page could not be drawn.
    #[error(transparent)]
    Rasterise(#[from] RasteriseError),
    /// The operation must be confirmed with a code that was just sent.
    #[error("a code was sent to confirm this")]
    StepUpRequired(domain::ids::ChallengeId),
    /// The answer carried a secret and is never given again.
    #[error("the answer to this request carried a secret and is not given again")]
    AlreadyIssued,
    /// Events have been waiting too long for a signature: what is shown now could be denied later.
    #[error("the signed log is too far behind the events")]
    Uncovered,
    /// Some field of a form is not of its form.
    #[error("a field is not of its form")]
    Form(Vec<crate::identity::forms::FieldError>),
}

impl From<Rejection> for FlowError {
    fn from(rejection: Rejection) -> Self {
        Self::Execute(rejection.into())
    }
}

impl From<VaultError> for FlowError {
    fn from(error: VaultError) -> Self {
        Self::Execute(error.into())
    }
}

impl House {
    /// A request that may be repeated, if the caller gave a key; else a fresh one.
    pub fn request(&self, actor: Actor, key: Option<&str>, canonical: &[u8]) -> Request {
        let Some(key) = key else { return self.fresh_request() };
        let request_key = self.vault.request_key();
        Request::Keyed { id: request_key.id(&actor, key), digest: request_key.digest(canonical) }
    }

    /// A request that nobody repeats.
    pub fn fresh_request(&self) -> Request {
        once(&*self.entropy, self.executor.now())
    }

    /// A fresh UUID v7.
    pub fn uuid(&self) -> Uuid {
        self.entropy.uuid(self.executor.now())
    }

    /// 256 random bits as base64url, and the hash that is all we keep of it.
    pub(crate) fn token(&self) -> (SecretString, TokenHash) {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        let text = BASE64URL.encode(bytes);
        let hash = token_hash(&text);
        (SecretString::from(text), hash)
    }

    /// Keyed hash of a normalised address.
    pub(crate) fn login_hash(&self, normalised: &SecretString) -> LoginHash {
        let address = normalised.expose_secret().as_bytes();
        LoginHash(self.vault.keyed_hash(HashPurpose::Login, &[address]))
    }

    /// Keyed hash of where a request came from (an IP address, a /64 for IPv6).
    pub fn source_hash(&self, source: &str) -> SourceHash {
        let hash = self.vault.keyed_hash(HashPurpose::Source, &[source.as_bytes()]);
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        SourceHash(first)
    }

    /// Nothing is revealed while the log that proves it is not being signed.
    pub(crate) fn only_under_a_signed_log(&self) -> Result<(), FlowError> {
        if self.signed_log.uncovered_for() < self.limits.uncovered_max {
            Ok(())
        } else {
            Err(FlowError::Uncovered)
        }
    }

    /// Counts one against a limit.
    pub fn throttle(&self, what: Throttle, key: &[u8]) -> Result<(), FlowError> {
        self.limiter.take(what, key).map_err(|wait| TOO_MANY.after(wait).into())
    }
}

/// More requests than allowed.
pub const TOO_MANY: Rejection = Rejection {
    kind: Kind::TooSoon,
    code: "too_many_requests",
    detail: "Too many requests of this kind.",
    next: "Wait and try again.",
    retry_after: None,
};

/// Hash of a token as it was handed out.
pub fn token_hash(text: &str) -> TokenHash {
    TokenHash(blake3::hash(text.as_bytes()).into())
}
