//! Secrets that must be forgettable and so are not events: passwords, session and refresh secrets, codes.

use std::time::Duration;

use async_trait::async_trait;
use domain::actor::Actor;
use domain::ids::{ChallengeId, LoginHash, SessionId, SourceHash};
use domain::time::{Moment, minutes};
use secrecy::SecretString;

/// The work store failed.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// Too much work of this kind is waiting already.
    #[error("too many requests of this kind are waiting")]
    Busy,
    /// The store itself failed.
    #[error("the work store failed: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A password as it is kept: good for the account it was hashed for and no other.
#[derive(Debug, Clone)]
pub struct PasswordHash(pub SecretString);

/// Password hashes, by account. Argon2id, in a bounded pool off the async threads.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Hashes a password for an account; nothing is kept yet.
    async fn hash(&self, account: Actor, password: SecretString)
    -> Result<PasswordHash, WorkError>;

    /// Keeps what `hash` answered for the account, in the place of what was kept before.
    async fn keep(&self, account: Actor, hash: PasswordHash) -> Result<(), WorkError>;

    /// Whether the password is the account's. `None` (no such account) costs the same time and is "no".
    async fn password_matches(
        &self,
        account: Option<Actor>,
        password: SecretString,
    ) -> Result<bool, WorkError>;
}

/// What a presented session or refresh secret says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The session's current secret.
    Current(SessionId, Actor),
    /// A refresh secret that was already used: somebody else has it.
    Reused(SessionId, Actor),
    /// Nothing we know.
    Unknown,
}

/// Session secrets, kept as keyed hashes. That a session opened or ended is an event; this is not.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Makes a secret (256 random bits, base64url) for a session that is about to open.
    async fn issue(
        &self,
        session: SessionId,
        account: Actor,
        until: Moment,
    ) -> Result<SecretString, WorkError>;

    /// Whose secret this is. Does not use it up.
    async fn present(&self, secret: &SecretString, now: Moment) -> Result<Presented, WorkError>;

    /// Uses a refresh secret up and answers the next one; a second use answers `None` and says so in
    /// `present` from then on. Of two uses at once, one gets the next secret.
    async fn rotate(
        &self,
        secret: &SecretString,
        now: Moment,
    ) -> Result<Option<SecretString>, WorkError>;

    /// Forgets every secret of a session.
    async fn forget(&self, session: SessionId) -> Result<(), WorkError>;

    /// The sessions of an account that still have a secret.
    async fn of_account(&self, account: Actor, now: Moment) -> Result<Vec<SessionId>, WorkError>;
}

/// What a challenge is bound to: a code for one operation is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation(pub [u8; 32]);

/// What became of an answer to a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeAnswer {
    /// Right, and now used up.
    Right,
    /// Wrong; so many tries are left.
    Wrong {
        /// How many more answers are looked at; at none the challenge is dead.
        tries_left: u32,
    },
    /// Expired, used up, out of tries, for another account or another operation, or never made.
    Dead,
}

/// For how long a code is good.
pub const CHALLENGE_LIFE: Duration = minutes(5);

/// What a challenge is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeSubject {
    /// Whose code it is.
    pub account: Actor,
    /// What waits for the answer, sealed by whoever asked; it is gone with the challenge.
    pub form: Option<String>,
}

/// What a challenge is answered with.
#[derive(Debug, Clone, Copy)]
pub enum GivenAnswer<'a> {
    /// A code.
    Code(&'a SecretString),
    /// What a passkey, an authenticator app or a recovery code answered, judged by whoever knows it. It
    /// counts as a try like any other.
    Judged {
        /// Whether it is right.
        right: bool,
    },
}

/// One-time codes: 6 digits, five minutes, five tries, single use, bound to account and operation, kept
/// as a keyed hash of challenge, code and operation, compared in constant time. A challenge may be answered
/// by another second factor instead, by the same bounds.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// Makes a challenge and its code. The code is answered once, to be carried by a courier.
    async fn make(
        &self,
        subject: ChallengeSubject,
        operation: Operation,
        now: Moment,
    ) -> Result<(ChallengeId, SecretString), WorkError>;

    /// Judges an answer. Of two right answers at once, one is `Right`.
    async fn answer(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        given: GivenAnswer<'_>,
        now: Moment,
    ) -> Result<ChallengeAnswer, WorkError>;

    /// Keeps what judges a passkey's answer to the challenge, while it lives, in the place of what was kept
    /// before.
    async fn wait_for_passkey(
        &self,
        challenge: ChallengeId,
        waiting: String,
        now: Moment,
    ) -> Result<(), WorkError>;

    /// What judges a passkey's answer to the challenge, while it lives.
    async fn passkey_asked(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<String>, WorkError>;

    /// What a challenge is about, while it lives.
    async fn subject(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<ChallengeSubject>, WorkError>;

    /// What a challenge's code is for, while it lives.
    async fn operation(
        &self,
        challenge: ChallengeId,
        now: Moment,
    ) -> Result<Option<Operation>, WorkError>;

    /// A new code in the place of the one before, which counts no more; good for five minutes from now on. It
    /// costs one of the tries that are left: however often it is asked for, five answers are judged at
    /// most, and a challenge ends. None if it is dead, or this try would be its last.
    async fn renew(
        &self,
        challenge: ChallengeId,
        operation: Operation,
        now: Moment,
    ) -> Result<Option<SecretString>, WorkError>;

    /// Forgets every challenge that is dead.
    async fn sweep(&self, now: Moment) -> Result<(), WorkError>;
}

/// From where each address was logged in to. Forgettable, and so no event: only keyed hashes, for ninety
/// days after the last time.
#[async_trait]
pub trait FamiliarSources: Send + Sync {
    /// Remembers that somebody was let in here from there.
    async fn let_in(
        &self,
        address: LoginHash,
        source: SourceHash,
        now: Moment,
    ) -> Result<(), WorkError>;

    /// Whether somebody was let in here from there within the ninety days.
    async fn is_familiar(
        &self,
        address: LoginHash,
        source: SourceHash,
        now: Moment,
    ) -> Result<bool, WorkError>;
}

/// A message to a person: the only words that leave the organisation in the clear.
pub struct Letter {
    /// The challenge it is about; once that is answered, nobody needs the letter.
    pub challenge: ChallengeId,
    /// When it is of no use any more.
    pub until: Moment,
    /// Address.
    pub to: SecretString,
    /// Subject line; no health words, no names.
    pub subject: String,
    /// Text; may hold a code.
    pub text: SecretString,
}

/// Carries letters.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Hands a letter over. Answers when it will not be lost by a restart.
    async fn send(&self, letter: Letter, now: Moment) -> Result<(), WorkError>;

    /// Takes back the letter about a challenge, if it still lies here: nobody needs it any more.
    async fn withdraw(&self, challenge: ChallengeId) -> Result<(), WorkError>;

    /// Takes back every letter that is of no use any more.
    async fn sweep(&self, now: Moment) -> Result<(), WorkError>;
}

/// What a machine's token says, its signature and times checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineClaims {
    /// In which session; whether it is still open is asked of the log each time.
    pub session: SessionId,
    /// Who.
    pub actor: Actor,
}

/// Short-lived signed tokens (JWT, EdDSA) for machines.
pub trait MachineTokens: Send + Sync {
    /// Signs a token and answers when it dies.
    fn sign(
        &self,
        session: SessionId,
        actor: Actor,
        now: Moment,
    ) -> Result<(SecretString, Moment), WorkError>;

    /// The claims of a token of ours that lives at `now`. Only the signature check may be cached.
    fn verify(&self, token: &str, now: Moment) -> Option<MachineClaims>;

    /// The public keys, as an RFC 7517 key set.
    fn key_set(&self) -> serde_json::Value;
}
