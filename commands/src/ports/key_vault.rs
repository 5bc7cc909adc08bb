//! Where keys are kept: subject keys under the master key, everything else under a subject's.

use async_trait::async_trait;
use domain::identity::event::SubjectKey;
use domain::ids::{EventId, KeyId, Owner, ReportId, StreamName};
use domain::journal::StreamKey;
use domain::journal::request::RequestKey;
use zeroize::Zeroizing;

/// Why a key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The owner has no key: never made, or destroyed.
    #[error("the key is not there: never made, or destroyed")]
    NoKey,
    /// A sealed or wrapped value does not open under the key it names.
    #[error("a sealed value does not open")]
    Damaged,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The vault itself failed.
    #[error("the key vault failed: {0}")]
    Vault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a keyed hash is for: each purpose has a key of its own, so that no two can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashPurpose {
    /// Normalised e-mail addresses.
    Login,
    /// Where a request came from.
    Source,
    /// One-time codes: of challenge, code and operation.
    Otp,
    /// Session and refresh secrets.
    Secret,
    /// The seed of the key that signs machine tokens.
    MachineTokens,
    /// The seeds of the keys that sign the log: of origin and generation.
    LogSigning,
    /// What goes into an account's password hash.
    Password,
    /// The keys of the streams of addresses, which are not kept one by one.
    LoginStream,
    /// What stands for an answer as one reader is given it: its entity tag.
    EntityTag,
    /// Recovery codes, of their set.
    RecoveryCode,
}

impl HashPurpose {
    /// Every purpose.
    pub const ALL: [Self; 10] = [
        Self::Login,
        Self::Source,
        Self::Otp,
        Self::Secret,
        Self::MachineTokens,
        Self::LogSigning,
        Self::Password,
        Self::LoginStream,
        Self::EntityTag,
        Self::RecoveryCode,
    ];
}

/// A key for one version of one report.
pub struct ReportKey {
    /// In the clear, wiped when dropped.
    pub key: Zeroizing<[u8; 32]>,
    /// The subject key it is wrapped under.
    pub wrapped_by: KeyId,
}

/// A stream that has a key, and the key if it opens.
pub type KnownStreamKey = (StreamName, Result<StreamKey, VaultError>);

/// The vault. What it answers is durable before it answers: secrets first, then the event.
#[async_trait]
pub trait KeyVault: Send + Sync {
    /// The subject's key, made now if there is none.
    async fn subject_key(&self, owner: Owner) -> Result<SubjectKey, VaultError>;

    /// The stream's key, made now if there is none, kept under `owner`. The streams of addresses
    /// have keys that are derived, not kept: anybody can begin such a stream with a guess, and it
    /// must cost what a guess at an older one costs.
    async fn stream_key(&self, stream: &StreamName, owner: Owner) -> Result<StreamKey, VaultError>;

    /// The keys of those streams that have one, as those of addresses always do: verification makes
    /// none, and asks for many at once. A key that does not open is an error of its own.
    async fn known_stream_keys(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<KnownStreamKey>, VaultError>;

    /// Seals personal text for `pointer` (RFC 6901, from the event's root) of `event`.
    async fn seal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        words: &str,
    ) -> Result<String, VaultError>;

    /// Opens what `seal` answered.
    async fn unseal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        sealed: &str,
    ) -> Result<Zeroizing<String>, VaultError>;

    /// Makes and keeps the key of a report's version; the same key again if it was made before.
    async fn make_report_key(
        &self,
        owner: Owner,
        report: ReportId,
        version: u32,
    ) -> Result<ReportKey, VaultError>;

    /// The key of a report's version.
    async fn report_key(
        &self,
        owner: Owner,
        report: ReportId,
        version: u32,
    ) -> Result<ReportKey, VaultError>;

    /// The key of request ids and digests.
    fn request_key(&self) -> RequestKey;

    /// BLAKE3 keyed hash under the key of `purpose`. Parts are joined with NUL.
    fn keyed_hash(&self, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32];

    /// Seals a short note to ourselves (an upload ticket, a cursor): only this installation can read it back.
    fn seal_note(&self, note: &[u8]) -> String;

    /// Opens what `seal_note` answered; none if it was not ours.
    fn open_note(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>>;
}
