//! The installation's own keys: for hashes that only we can repeat and notes that only we can read back.

use std::sync::Arc;

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::ports::key_vault::HashPurpose;
use commands::ports::world::Entropy;
use domain::ids::{StreamId, StreamName};
use domain::journal::request::RequestKey;
use zeroize::Zeroizing;

use crate::crypto::Key;

const NONCE_BYTES: usize = 12;
const NOTE: &[u8] = b"medlock note v1";

/// Keys derived from the installation key, which itself stays wrapped in the vault: the master key may
/// change and no hash does.
pub(super) struct InstallationKeys {
    hash_keys: [Key; HashPurpose::ALL.len()],
    request_key: Key,
    notes: Aes256GcmSiv,
    entropy: Arc<dyn Entropy>,
}

impl InstallationKeys {
    pub(super) fn new(installation_key: &Key, entropy: Arc<dyn Entropy>) -> Self {
        let derive =
            |context| Zeroizing::new(blake3::derive_key(context, installation_key.as_slice()));
        let notes = derive("medlock 2026-11 house notes");
        Self {
            hash_keys: HashPurpose::ALL.map(|purpose| derive(context(purpose))),
            request_key: derive("medlock 2026-11 house requests"),
            notes: Aes256GcmSiv::new((&*notes).into()),
            entropy,
        }
    }

    /// Keyed hash of `parts`, joined with NUL.
    pub(super) fn hash(&self, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.hash_keys[purpose as usize]);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                hasher.update(&[0]);
            }
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    /// The key of a stream whose key is derived: an address's. Others have keys of chance.
    pub(super) fn derived_stream_key(&self, stream: &StreamName) -> Option<Key> {
        let is_login = matches!(stream.id(), StreamId::Login(_));
        let name = stream.as_str().as_bytes();
        is_login.then(|| Zeroizing::new(self.hash(HashPurpose::LoginStream, &[name])))
    }

    /// The key of request ids and digests.
    pub(super) fn request_key(&self) -> RequestKey {
        RequestKey(*self.request_key)
    }

    #[expect(clippy::expect_used, reason = "fails only above 64 GiB; a note is short")]
    pub(super) fn seal_note(&self, note: &[u8]) -> String {
        let mut sealed = vec![0; NONCE_BYTES];
        self.entropy.fill(&mut sealed);
        let nonce = Nonce::try_from(&sealed[..]).expect("a nonce's length");
        let payload = Payload { msg: note, aad: NOTE };
        let ciphertext = self.notes.encrypt(&nonce, payload).expect("a note below 64 GiB");
        sealed.extend_from_slice(&ciphertext);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    pub(super) fn open_note(&self, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::try_from(nonce).ok()?;
        let payload = Payload { msg: ciphertext, aad: NOTE };
        self.notes.decrypt(&nonce, payload).ok().map(Zeroizing::new)
    }
}

/// What a purpose's key is derived for. Never changed: every stored hash hangs on it.
const fn context(purpose: HashPurpose) -> &'static str {
    match purpose {
        HashPurpose::Login => "medlock 2026-11 house hash login",
        HashPurpose::Source => "medlock 2026-11 house hash source",
        HashPurpose::Otp => "medlock 2026-11 house hash otp",
        HashPurpose::Secret => "medlock 2026-11 house hash secret",
        HashPurpose::MachineTokens => "medlock 2026-11 house machine tokens",
        HashPurpose::LogSigning => "medlock 2026-11 house log signing",
        HashPurpose::Password => "medlock 2026-11 house password pepper",
        HashPurpose::LoginStream => "medlock 2026-11 house login streams",
        HashPurpose::EntityTag => "medlock 2026-11 house entity tags",
        HashPurpose::RecoveryCode => "medlock 2026-11 house recovery codes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn installation(key: u8) -> InstallationKeys {
        InstallationKeys::new(&Zeroizing::new([key; 32]), Arc::new(SeededEntropy::new(b"house")))
    }

    #[test]
    fn every_purpose_hashes_differently_and_the_same_tomorrow() {
        let mut hashes: Vec<_> = HashPurpose::ALL
            .iter()
            .map(|purpose| installation(1).hash(*purpose, &[b"a", b"b"]))
            .collect();
        let again = installation(1).hash(HashPurpose::Login, &[b"a", b"b"]);
        assert_eq!(hashes[0], again);
        assert_ne!(hashes[0], installation(2).hash(HashPurpose::Login, &[b"a", b"b"]));
        assert_ne!(hashes[0], installation(1).hash(HashPurpose::Login, &[b"ab"]));
        assert_eq!(hashes[0], installation(1).hash(HashPurpose::Login, &[b"a\0b"]));
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), HashPurpose::ALL.len());
    }

    #[test]
    fn purposes_stand_where_their_keys_are() {
        for (index, purpose) in HashPurpose::ALL.into_iter().enumerate() {
            assert_eq!(purpose as usize, index);
        }
    }

    #[test]
    fn a_note_opens_here_and_nowhere_else() {
        let one = installation(1);
        let sealed = one.seal_note(b"upload 7");
        assert_ne!(sealed, one.seal_note(b"upload 7"));
        assert_eq!(one.open_note(&sealed).unwrap().as_slice(), b"upload 7");
        assert!(installation(2).open_note(&sealed).is_none());
        for end in 0..sealed.len() {
            assert!(one.open_note(&sealed[..end]).is_none(), "cut to {end}");
        }
        let mut changed = sealed.into_bytes();
        for at in 0..changed.len() {
            let before = changed[at];
            changed[at] = if before == b'A' { b'B' } else { b'A' };
            let opened = one.open_note(std::str::from_utf8(&changed).unwrap());
            assert!(opened.is_none(), "changed at {at}");
            changed[at] = before;
        }
    }
}
