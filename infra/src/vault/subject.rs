//! A subject's secrets, and the words that bind each wrapped key to its place in the vault.

use commands::ports::key_vault::{ReportKey, VaultError};
use commands::ports::world::Entropy;
use domain::identity::event::SubjectKey;
use domain::ids::{EventId, KeyId, Owner, StreamName};
use domain::journal::StreamKey;
use zeroize::Zeroizing;

use crate::crypto::sealed::{self, SealingKey};
use crate::crypto::wrap::{self, WRAPPED_KEY_BYTES};
use crate::crypto::{self, Key};

/// What a subject's key is used for. The key itself is not kept in memory.
pub(super) struct SubjectKeys {
    /// What its first event says about it.
    pub(super) published: SubjectKey,
    /// Seals words.
    pub(super) sealing: SealingKey,
    /// Wraps stream keys and report keys.
    pub(super) wrapping: Key,
}

impl SubjectKeys {
    pub(super) fn new(id: KeyId, key: &Key) -> Result<Self, VaultError> {
        let commitment = crypto::commitment(key).parse().map_err(|_| VaultError::Damaged)?;
        Ok(Self {
            published: SubjectKey { key_id: id, commitment },
            sealing: SealingKey { id: id.0, key: crypto::derive_sealing(key) },
            wrapping: crypto::derive_wrapping(key),
        })
    }

    /// Words sealed at their place in an event.
    pub(super) fn seal(
        &self,
        entropy: &dyn Entropy,
        event: EventId,
        pointer: &str,
        words: &str,
    ) -> String {
        sealed::seal(&self.sealing, fresh(entropy), &event.to_string(), pointer, words)
    }

    /// What was sealed at that place.
    pub(super) fn unseal(
        &self,
        event: EventId,
        pointer: &str,
        sealed: &str,
    ) -> Result<Zeroizing<String>, VaultError> {
        sealed::open(&self.sealing, &event.to_string(), pointer, sealed)
            .map_err(|_| VaultError::Damaged)
    }

    /// A report's key, and by which of the subject's it was wrapped.
    pub(super) fn report_key(&self, key: &Key) -> ReportKey {
        ReportKey { key: Zeroizing::new(**key), wrapped_by: self.published.key_id }
    }

    /// A fresh stream key and its wrapped form.
    pub(super) fn new_stream_key(
        &self,
        stream: &StreamName,
        entropy: &dyn Entropy,
    ) -> (Key, Wrapped) {
        let key = fresh_key(entropy);
        let wrapped = wrap::wrap_for(&self.wrapping, fresh(entropy), &stream_place(stream), &key);
        (key, wrapped)
    }

    pub(super) fn open_stream_key(
        &self,
        stream: &StreamName,
        wrapped: &[u8],
    ) -> Result<Key, VaultError> {
        let key = wrap::unwrap_for(&self.wrapping, &stream_place(stream), wrapped);
        key.map_err(|_| VaultError::Damaged)
    }

    /// A fresh report key and its wrapped form.
    pub(super) fn new_report_key(
        &self,
        report: &str,
        version: u32,
        entropy: &dyn Entropy,
    ) -> (Key, Wrapped) {
        let key = fresh_key(entropy);
        let wrapped = wrap::wrap(&self.wrapping, fresh(entropy), report, version, &key);
        (key, wrapped)
    }

    pub(super) fn open_report_key(
        &self,
        report: &str,
        version: u32,
        wrapped: &[u8],
    ) -> Result<Key, VaultError> {
        let key = wrap::unwrap(&self.wrapping, report, version, wrapped);
        key.map_err(|_| VaultError::Damaged)
    }
}

/// A key as it lies in the database.
pub(super) type Wrapped = [u8; WRAPPED_KEY_BYTES];

/// Wraps a subject's key under the master key.
pub(super) fn wrap_subject_key(
    master: &Key,
    owner: Owner,
    key: &Key,
    entropy: &dyn Entropy,
) -> Wrapped {
    wrap::wrap_for(master, fresh(entropy), &subject_place(owner), key)
}

/// Opens what [`wrap_subject_key`] made.
pub(super) fn open_subject_key(
    master: &Key,
    owner: Owner,
    wrapped: &[u8],
) -> Result<Key, VaultError> {
    wrap::unwrap_for(master, &subject_place(owner), wrapped).map_err(|_| VaultError::Damaged)
}

/// As the owner is named in the database.
pub(super) fn owner_name(owner: Owner) -> String {
    match owner {
        Owner::Person(uuid) => uuid.to_string(),
        Owner::System => "system".to_owned(),
    }
}

/// Reads what [`owner_name`] wrote.
pub(super) fn named_owner(name: &str) -> Result<Owner, VaultError> {
    if name == "system" {
        return Ok(Owner::System);
    }
    uuid::Uuid::try_parse(name).map(Owner::Person).map_err(|_| VaultError::Damaged)
}

/// `StreamKey` does not wipe itself; it is the leaf's type, so copies of it are made late.
pub(super) fn stream_key(key: &Key) -> StreamKey {
    StreamKey(**key)
}

pub(super) fn fresh<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

pub(super) fn fresh_key(entropy: &dyn Entropy) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    entropy.fill(key.as_mut_slice());
    key
}

/// Table and owner: a row moved to another owner does not open.
fn subject_place(owner: Owner) -> Vec<u8> {
    [b"medlock subject key".as_slice(), owner_name(owner).as_bytes()].join(&0)
}

fn stream_place(stream: &StreamName) -> Vec<u8> {
    [b"medlock stream key".as_slice(), stream.as_str().as_bytes()].join(&0)
}
