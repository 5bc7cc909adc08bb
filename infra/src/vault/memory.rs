//! The key vault for tests: same words, no disk, no master key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use commands::ports::key_vault::{HashPurpose, KeyVault, KnownStreamKey, ReportKey, VaultError};
use commands::ports::world::Entropy;
use domain::identity::event::SubjectKey;
use domain::ids::{EventId, KeyId, Owner, ReportId, StreamName};
use domain::journal::StreamKey;
use domain::journal::request::RequestKey;
use zeroize::Zeroizing;

use super::installation_keys::InstallationKeys;
use super::subject::{self, SubjectKeys, stream_key};
use crate::crypto::Key;

/// Keys in three maps, gone with the process. For tests: whoever holds it holds every key.
pub struct MemoryKeyVault {
    installation: InstallationKeys,
    entropy: Arc<dyn Entropy>,
    kept: Mutex<KeptKeys>,
}

#[derive(Default)]
struct KeptKeys {
    subjects: HashMap<Owner, Arc<SubjectKeys>>,
    streams: HashMap<StreamName, Key>,
    reports: HashMap<(ReportId, u32), (Owner, Key)>,
}

impl MemoryKeyVault {
    /// A vault that holds the system's own key and no other.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] if this build's hashes are not what they should be.
    pub fn new(entropy: Arc<dyn Entropy>) -> Result<Self, VaultError> {
        let installation =
            InstallationKeys::new(&subject::fresh_key(&*entropy), Arc::clone(&entropy));
        let vault = Self { installation, entropy, kept: Mutex::default() };
        vault.made(&mut vault.kept(), Owner::System)?;
        Ok(vault)
    }

    fn kept(&self) -> MutexGuard<'_, KeptKeys> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subject(&self, owner: Owner) -> Result<Arc<SubjectKeys>, VaultError> {
        self.kept().subjects.get(&owner).cloned().ok_or(VaultError::NoKey)
    }

    fn made(&self, kept: &mut KeptKeys, owner: Owner) -> Result<Arc<SubjectKeys>, VaultError> {
        if let Some(subject) = kept.subjects.get(&owner) {
            return Ok(Arc::clone(subject));
        }
        let id = KeyId(subject::fresh(&*self.entropy));
        let subject = Arc::new(SubjectKeys::new(id, &subject::fresh_key(&*self.entropy))?);
        kept.subjects.insert(owner, Arc::clone(&subject));
        Ok(subject)
    }
}

#[async_trait]
impl KeyVault for MemoryKeyVault {
    async fn subject_key(&self, owner: Owner) -> Result<SubjectKey, VaultError> {
        Ok(self.made(&mut self.kept(), owner)?.published.clone())
    }

    async fn stream_key(&self, stream: &StreamName, owner: Owner) -> Result<StreamKey, VaultError> {
        if let Some(key) = self.installation.derived_stream_key(stream) {
            return Ok(stream_key(&key));
        }
        let mut kept = self.kept();
        if let Some(key) = kept.streams.get(stream) {
            return Ok(stream_key(key));
        }
        self.made(&mut kept, owner)?;
        let key = subject::fresh_key(&*self.entropy);
        let made = stream_key(&key);
        kept.streams.insert(stream.clone(), key);
        Ok(made)
    }

    async fn known_stream_keys(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<KnownStreamKey>, VaultError> {
        let kept = self.kept();
        let known = streams.iter().filter_map(|stream| {
            let derived = self.installation.derived_stream_key(stream);
            let key = derived.or_else(|| kept.streams.get(stream).cloned())?;
            Some((stream.clone(), Ok(stream_key(&key))))
        });
        Ok(known.collect())
    }

    async fn seal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        words: &str,
    ) -> Result<String, VaultError> {
        let subject = self.subject(owner)?;
        Ok(subject.seal(&*self.entropy, event, pointer, words))
    }

    async fn unseal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        sealed: &str,
    ) -> Result<Zeroizing<String>, VaultError> {
        let subject = self.subject(owner)?;
        subject.unseal(event, pointer, sealed)
    }

    async fn make_report_key(
        &self,
        owner: Owner,
        report: ReportId,
        version: u32,
    ) -> Result<ReportKey, VaultError> {
        let subject = self.subject(owner)?;
        let mut kept = self.kept();
        let fresh = || (owner, subject::fresh_key(&*self.entropy));
        let (kept_under, key) = kept.reports.entry((report, version)).or_insert_with(fresh);
        if *kept_under == owner { Ok(subject.report_key(key)) } else { Err(VaultError::NoKey) }
    }

    async fn report_key(
        &self,
        owner: Owner,
        report: ReportId,
        version: u32,
    ) -> Result<ReportKey, VaultError> {
        let subject = self.subject(owner)?;
        match self.kept().reports.get(&(report, version)) {
            Some((kept_under, key)) if *kept_under == owner => Ok(subject.report_key(key)),
            Some(_) | None => Err(VaultError::NoKey),
        }
    }

    fn request_key(&self) -> RequestKey {
        self.installation.request_key()
    }

    fn keyed_hash(&self, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32] {
        self.installation.hash(purpose, parts)
    }

    fn seal_note(&self, note: &[u8]) -> String {
        self.installation.seal_note(note)
    }

    fn open_note(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.installation.open_note(sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::{Place, conformance};
    use super::*;
    use crate::entropy::OsEntropy;

    conformance!(Place::memory(|_| Arc::new(MemoryKeyVault::new(Arc::new(OsEntropy)).unwrap())));
}
