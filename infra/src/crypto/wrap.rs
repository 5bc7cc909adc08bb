//! The key of one report version, wrapped under its patient's wrapping subkey for the vault.

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce, Tag};
use zeroize::Zeroizing;

use super::Key;

/// Nonce 12, ciphertext 32, tag 16.
pub const WRAPPED_KEY_BYTES: usize = 60;

/// Why a wrapped key does not open.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WrapError {
    /// Not [`WRAPPED_KEY_BYTES`] long.
    #[error("the wrapped key is malformed")]
    Form,
    /// Changed, under another wrapping key, or of another purpose: another report, another version.
    #[error("the wrapped key is not authentic for this purpose")]
    Refused,
}

/// Wraps `report_key` for one version of one report; `report` is the lower-case UUID with hyphens.
pub fn wrap(
    wrapping_key: &Key,
    nonce: [u8; 12],
    report: &str,
    version: u32,
    report_key: &[u8; 32],
) -> [u8; WRAPPED_KEY_BYTES] {
    wrap_for(wrapping_key, nonce, &purpose(report, version), report_key)
}

/// Opens what [`wrap`] made for the same report and version.
///
/// # Errors
/// See [`WrapError`].
pub fn unwrap(
    wrapping_key: &Key,
    report: &str,
    version: u32,
    wrapped: &[u8],
) -> Result<Key, WrapError> {
    unwrap_for(wrapping_key, &purpose(report, version), wrapped)
}

/// Wraps any key; `purpose` says which and must be different for each.
#[expect(clippy::expect_used, reason = "fails only above 64 GiB, and a key has 32 bytes")]
pub fn wrap_for(
    wrapping_key: &Key,
    nonce: [u8; 12],
    purpose: &[u8],
    key: &[u8; 32],
) -> [u8; WRAPPED_KEY_BYTES] {
    let mut wrapped = [0; WRAPPED_KEY_BYTES];
    wrapped[..12].copy_from_slice(&nonce);
    wrapped[12..44].copy_from_slice(key);
    let tag = cipher(wrapping_key)
        .encrypt_inout_detached(&nonce.into(), purpose, (&mut wrapped[12..44]).into())
        .expect("a key is shorter than 64 GiB");
    wrapped[44..].copy_from_slice(&tag);
    wrapped
}

/// Opens what [`wrap_for`] made for the same purpose.
///
/// # Errors
/// See [`WrapError`].
pub fn unwrap_for(wrapping_key: &Key, purpose: &[u8], wrapped: &[u8]) -> Result<Key, WrapError> {
    let wrapped: &[u8; WRAPPED_KEY_BYTES] = wrapped.try_into().map_err(|_| WrapError::Form)?;
    let nonce = Nonce::try_from(&wrapped[..12]).map_err(|_| WrapError::Form)?;
    let tag = Tag::try_from(&wrapped[44..]).map_err(|_| WrapError::Form)?;
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&wrapped[12..44]);
    cipher(wrapping_key)
        .decrypt_inout_detached(&nonce, purpose, key.as_mut_slice().into(), &tag)
        .map_err(|_| WrapError::Refused)?;
    Ok(key)
}

/// What binds a wrapped key to its report version.
fn purpose(report: &str, version: u32) -> Vec<u8> {
    [b"medlock report key", report.as_bytes(), version.to_string().as_bytes()].join(&0)
}

fn cipher(wrapping_key: &Key) -> Aes256GcmSiv {
    Aes256GcmSiv::new((&**wrapping_key).into())
}

#[cfg(test)]
mod tests {
    use super::{WrapError, unwrap, wrap};
    use zeroize::Zeroizing;

    const REPORT: &str = "01a22ee6-b463-7d45-b0c0-c7a2cb978b68";

    #[test]
    fn a_key_comes_back_only_for_its_report_version() {
        let wrapping_key = Zeroizing::new([1; 32]);
        let wrapped = wrap(&wrapping_key, [2; 12], REPORT, 1, &[3; 32]);
        assert_eq!(*unwrap(&wrapping_key, REPORT, 1, &wrapped).unwrap(), [3; 32]);
        assert_eq!(unwrap(&wrapping_key, REPORT, 2, &wrapped), Err(WrapError::Refused));
        let other = "01a22ee6-b463-7d45-b0c0-c7a2cb978b69";
        assert_eq!(unwrap(&wrapping_key, other, 1, &wrapped), Err(WrapError::Refused));
        let other_key = Zeroizing::new([4; 32]);
        assert_eq!(unwrap(&other_key, REPORT, 1, &wrapped), Err(WrapError::Refused));
        assert_eq!(unwrap(&wrapping_key, REPORT, 1, &wrapped[..59]), Err(WrapError::Form));
    }

    #[test]
    fn no_changed_bit_goes_unseen() {
        let wrapping_key = Zeroizing::new([1; 32]);
        let wrapped = wrap(&wrapping_key, [2; 12], REPORT, 1, &[3; 32]);
        for bit in 0..wrapped.len() * 8 {
            let mut changed = wrapped;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unwrap(&wrapping_key, REPORT, 1, &changed), Err(WrapError::Refused));
        }
    }
}
