//! The master key: 32 bytes that open everything else, kept apart from it: in a file beside the data folder,
//! or wherever whoever starts the service keeps it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use commands::ports::world::Entropy;
use zeroize::Zeroizing;

use super::inherited;
use crate::crypto::Key;
pub use crate::secret_file::MadeNow;
use crate::secret_file::{self, SecretFileError};

/// The master key.
pub struct MasterKey(pub(super) Key);

/// Why there is no master key. Every sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The key is gone, its vault is not.
    #[error(
        "the master key {key} is missing and {vault} needs it: restore it from its copy",
        key = .key.display(), vault = .vault.display()
    )]
    Missing {
        /// Where the key should be.
        key: PathBuf,
        /// What was sealed under it.
        vault: PathBuf,
    },
    /// A given value is not a key.
    #[error("the given master key is not 32 bytes, nor 32 bytes in hexadecimal or base64")]
    Value,
    /// A descriptor was named that this program was not started with.
    #[error(
        "no master key was handed over as descriptor {0}: start it as `medlock serve {0}< KEY`"
    )]
    NotHandedOver(u32),
    /// What was to give it could not be read.
    #[error("the master key could not be read from {from}: {source}")]
    Unreadable {
        /// A descriptor or a file.
        from: String,
        /// Why.
        source: io::Error,
    },
    /// Its file is not as it must be.
    #[error(transparent)]
    File(#[from] SecretFileError),
}

const KEY_BYTES: usize = 32;
/// No spelling of a key is longer.
const SPELLING_BYTES_MAX: u64 = 1_024;

/// The key that was handed over, and as which descriptor: a pipe can be read once, a process opens its vault
/// more than once.
static HANDED_OVER: Mutex<Option<(u32, Key)>> = Mutex::new(None);

impl MasterKey {
    /// Reads the key at `path`. Where there is none it makes one, durable before it is used, unless there is
    /// a `vault`: that one was sealed under a key that is now missing.
    ///
    /// # Errors
    /// See [`MasterKeyError`].
    pub fn load_or_make(
        path: &Path,
        vault: &Path,
        entropy: &dyn Entropy,
    ) -> Result<(Self, MadeNow), MasterKeyError> {
        if let Some(key) = secret_file::load(path)? {
            return Ok((Self(key), MadeNow(false)));
        }
        if vault.exists() {
            let (key, vault) = (path.to_owned(), vault.to_owned());
            return Err(MasterKeyError::Missing { key, vault });
        }
        let (key, made) = secret_file::make(path, entropy)?;
        Ok((Self(key), made))
    }

    /// Takes the key that whoever started this program handed over as an open `descriptor`, which is closed
    /// then: nobody whom this program starts inherits it.
    ///
    /// # Errors
    /// See [`MasterKeyError`].
    pub fn handed_over(descriptor: u32) -> Result<Self, MasterKeyError> {
        let mut known = HANDED_OVER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = known.as_ref().filter(|(number, _)| *number == descriptor) {
            return Ok(Self(key.clone()));
        }
        let file = inherited::take(descriptor).ok_or(MasterKeyError::NotHandedOver(descriptor))?;
        let key = Self::spelled(file, || format!("descriptor {descriptor}"))?;
        inherited::close(descriptor);
        *known = Some((descriptor, key.0.clone()));
        Ok(key)
    }

    /// Reads a credential that a service manager has put where only this service looks.
    ///
    /// # Errors
    /// See [`MasterKeyError`].
    pub fn credential(path: &Path) -> Result<Self, MasterKeyError> {
        let from = || path.display().to_string();
        let file = File::open(path)
            .map_err(|source| MasterKeyError::Unreadable { from: from(), source })?;
        Self::spelled(file, from)
    }

    /// The key as 32 bytes or as text.
    fn spelled(file: File, from: impl Fn() -> String) -> Result<Self, MasterKeyError> {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = file.take(SPELLING_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|source| MasterKeyError::Unreadable { from: from(), source })?;
        if let Ok(key) = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()) {
            return Ok(Self(Zeroizing::new(key)));
        }
        Self::from_text(std::str::from_utf8(&bytes).map_err(|_| MasterKeyError::Value)?)
    }

    /// Reads the key from a value given in the configuration: 32 bytes in hexadecimal or base64.
    ///
    /// # Errors
    /// [`MasterKeyError::Value`], which does not repeat the value.
    pub fn from_text(value: &str) -> Result<Self, MasterKeyError> {
        let value = value.trim();
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        if hex::decode_to_slice(value, bytes.as_mut_slice()).is_ok() {
            return Ok(Self(bytes));
        }
        let indifferent =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        for alphabet in [&base64::alphabet::STANDARD, &base64::alphabet::URL_SAFE] {
            let engine: GeneralPurpose =
                general_purpose::GeneralPurpose::new(alphabet, indifferent);
            // The decoder asks for room by estimate; only what is exactly a key's length counts.
            let mut room = Zeroizing::new([0; KEY_BYTES + 3]);
            if engine.decode_slice(value, room.as_mut_slice()) == Ok(KEY_BYTES) {
                bytes.copy_from_slice(&room[..KEY_BYTES]);
                return Ok(Self(bytes));
            }
        }
        Err(MasterKeyError::Value)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;
    use crate::entropy::OsEntropy;

    fn load_or_make(path: &Path) -> Result<(MasterKey, MadeNow), MasterKeyError> {
        MasterKey::load_or_make(path, &path.with_file_name("vault.db"), &OsEntropy)
    }

    #[test]
    fn the_first_start_makes_a_private_key_and_the_second_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let (made, now) = load_or_make(&path).unwrap();
        assert_eq!(now, MadeNow(true));
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let (found, now) = load_or_make(&path).unwrap();
        assert_eq!(now, MadeNow(false));
        assert_eq!(*made.0, *found.0);
        assert_ne!(*made.0, [0; 32]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn many_first_starts_at_once_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let starts: Vec<_> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| load_or_make(&path).unwrap());
            let threads: Vec<_> = std::iter::repeat_with(start).take(8).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(starts.iter().all(|(key, _)| *key.0 == *starts[0].0.0));
        assert_eq!(starts.iter().filter(|(_, now)| now.0).count(), 1);
    }

    #[test]
    fn a_key_others_may_read_or_of_another_length_is_refused_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        load_or_make(&path).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = load_or_make(&path).err().unwrap().to_string();
        assert!(error.contains("mode 640") && error.contains("chmod 600"), "{error}");

        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        for length in [0, 31, 33] {
            std::fs::write(&path, vec![1; length]).unwrap();
            let error = load_or_make(&path).err().unwrap();
            let length_is_named = matches!(error, MasterKeyError::File(SecretFileError::Length(_)));
            assert!(length_is_named, "{length}: {error}");
        }
    }

    #[test]
    fn a_missing_key_is_not_replaced_where_a_vault_needs_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vault.db"), b"x").unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(load_or_make(&path), Err(MasterKeyError::Missing { .. })));
        assert!(!path.exists());
    }

    #[test]
    fn a_link_to_a_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.key"), folder.path().join("b.key"));
        load_or_make(&path).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let error = load_or_make(&link).err().unwrap().to_string();
        assert!(error.contains("is a link"), "{error}");
    }

    #[test]
    fn a_credential_may_be_the_bytes_or_text_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("medlock-master-key");
        let bytes = [7; KEY_BYTES];
        for content in [bytes.to_vec(), format!("{}\n", hex::encode(bytes)).into_bytes()] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(*MasterKey::credential(&path).unwrap().0, bytes);
        }
        for content in [vec![0xff; 31], vec![0xff; 2_000], Vec::new()] {
            std::fs::write(&path, content).unwrap();
            assert!(matches!(MasterKey::credential(&path), Err(MasterKeyError::Value)));
        }
    }

    #[test]
    fn a_descriptor_nobody_handed_over_is_named() {
        let ours = File::open("/dev/null").unwrap();
        let ours = std::os::fd::AsRawFd::as_raw_fd(&ours).unsigned_abs();
        for descriptor in [ours, 60_000] {
            let error = MasterKey::handed_over(descriptor).err().unwrap();
            assert!(matches!(error, MasterKeyError::NotHandedOver(_)), "{error}");
        }
    }

    #[test]
    fn a_given_value_may_be_hexadecimal_or_any_base64() {
        let bytes: [u8; 32] = std::array::from_fn(|i| 0xf0 ^ i as u8);
        let standard = general_purpose::STANDARD.encode(bytes);
        let spellings = [
            hex::encode(bytes),
            hex::encode_upper(bytes),
            format!(" {standard}\n"),
            standard.trim_end_matches('=').to_owned(),
            general_purpose::URL_SAFE_NO_PAD.encode(bytes),
        ];
        for spelling in spellings {
            assert_eq!(*MasterKey::from_text(&spelling).unwrap().0, bytes, "{spelling}");
        }
        for wrong in
            ["", "short", &hex::encode(&bytes[1..]), &general_purpose::STANDARD.encode([0; 33])]
        {
            assert!(MasterKey::from_text(wrong).is_err(), "{wrong}");
        }
    }
}
