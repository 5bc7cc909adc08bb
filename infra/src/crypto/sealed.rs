//! Personal text, sealed inside an event so that destroying one key makes them unreadable.

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce, Tag};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::Key;

const KEY_ID_BYTES: usize = 16;
const FRAME_BYTES: usize = KEY_ID_BYTES + 12;
const TAG_BYTES: usize = 16;
const BLOCK_BYTES: usize = 32;
const END_MARK: u8 = 0x80;

/// A subject's sealing subkey and the id by which a sealed value names it.
pub struct SealingKey {
    /// The id of the subject key: the bytes of a UUID.
    pub id: [u8; KEY_ID_BYTES],
    /// The subkey, from [`derive_sealing`](super::derive_sealing).
    pub key: Key,
}

/// Why a sealed value does not open. None of them says anything about the words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// Not unpadded base64url, or not of a possible length.
    #[error("the sealed value is malformed")]
    Form,
    /// Sealed under a key with another id.
    #[error("the sealed value names another key")]
    Key,
    /// Changed, or moved here from another event or another place in it.
    #[error("the sealed value is not authentic here")]
    Refused,
    /// Authentic, but filled up in a way no writer of ours does.
    #[error("the sealed value is filled up wrongly")]
    Padding,
    /// Authentic, but not text.
    #[error("the sealed value is not UTF-8")]
    NotUtf8,
}

/// Seals `words` for one place in one event: `pointer` is RFC 6901 from the event's root (`/data/reason`).
///
/// The nonce is fresh randomness. GCM-SIV forgives a repeated one as far as showing that the same words
/// were sealed at the same place twice.
pub fn seal(
    key: &SealingKey,
    nonce: [u8; 12],
    event_id: &str,
    pointer: &str,
    words: &str,
) -> String {
    // Room for everything from the start: a buffer that grows would leave the words behind in freed memory.
    let padded = (words.len() + 1).next_multiple_of(BLOCK_BYTES);
    let mut raw = Vec::with_capacity(FRAME_BYTES + padded + TAG_BYTES);
    raw.extend_from_slice(&key.id);
    raw.extend_from_slice(&nonce);
    raw.extend_from_slice(words.as_bytes());
    raw.push(END_MARK);
    raw.resize(FRAME_BYTES + padded, 0);
    let tag = encrypt(key, &nonce, &place(event_id, pointer), &mut raw[FRAME_BYTES..]);
    raw.extend_from_slice(&tag);
    URL_SAFE_NO_PAD.encode(raw)
}

/// Opens what [`seal`] made for the same event and pointer.
///
/// # Errors
/// See [`SealError`]; nothing of a value that is not authentic is released.
pub fn open(
    key: &SealingKey,
    event_id: &str,
    pointer: &str,
    sealed: &str,
) -> Result<Zeroizing<String>, SealError> {
    let mut raw = Zeroizing::new(URL_SAFE_NO_PAD.decode(sealed).map_err(|_| SealError::Form)?);
    let padded_bytes = raw.len().checked_sub(FRAME_BYTES + TAG_BYTES).ok_or(SealError::Form)?;
    if padded_bytes == 0 || padded_bytes % BLOCK_BYTES != 0 {
        return Err(SealError::Form);
    }
    let (frame, rest) = raw.split_at_mut(FRAME_BYTES);
    let (padded, tag) = rest.split_at_mut(padded_bytes);
    let (key_id, nonce) = frame.split_at(KEY_ID_BYTES);
    if key_id != key.id {
        return Err(SealError::Key);
    }
    let nonce = Nonce::try_from(nonce).map_err(|_| SealError::Form)?;
    let tag = Tag::try_from(&*tag).map_err(|_| SealError::Form)?;
    cipher(key)
        .decrypt_inout_detached(&nonce, &place(event_id, pointer), (&mut *padded).into(), &tag)
        .map_err(|_| SealError::Refused)?;
    let words = std::str::from_utf8(unpad(padded)?).map_err(|_| SealError::NotUtf8)?;
    Ok(Zeroizing::new(words.to_owned()))
}

/// Takes the filling off, and accepts only the one filling [`seal`] writes.
fn unpad(padded: &[u8]) -> Result<&[u8], SealError> {
    let end = padded.iter().rposition(|byte| *byte != 0).ok_or(SealError::Padding)?;
    if padded[end] != END_MARK || padded.len() - end > BLOCK_BYTES {
        return Err(SealError::Padding);
    }
    Ok(&padded[..end])
}

/// What binds a sealed value to its place: moved to another event or member it does not open.
fn place(event_id: &str, pointer: &str) -> Vec<u8> {
    [b"medlock sealed v1", event_id.as_bytes(), pointer.as_bytes()].join(&0)
}

fn cipher(key: &SealingKey) -> Aes256GcmSiv {
    Aes256GcmSiv::new((&*key.key).into())
}

#[expect(clippy::expect_used, reason = "fails only above 64 GiB, and a line is at most 64 KiB")]
fn encrypt(key: &SealingKey, nonce: &[u8; 12], place: &[u8], padded: &mut [u8]) -> Tag {
    cipher(key)
        .encrypt_inout_detached(nonce.into(), place, padded.into())
        .expect("words shorter than 64 GiB")
}

#[cfg(test)]
mod tests {
    use super::{FRAME_BYTES, SealError, SealingKey, TAG_BYTES, open, seal, unpad};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use zeroize::Zeroizing;

    const EVENT: &str = "01a22ee6-b463-7d45-b0c0-c7a2cb978b68";

    fn key(byte: u8) -> SealingKey {
        SealingKey { id: [byte; 16], key: Zeroizing::new([byte; 32]) }
    }

    #[test]
    fn words_of_every_length_come_back_and_show_their_length_only_in_blocks_of_32() {
        for length in 0..100 {
            let words = "ü".repeat(length / 2) + &"x".repeat(length % 2);
            let sealed = seal(&key(1), [2; 12], EVENT, "/data/reason", &words);
            assert_eq!(*open(&key(1), EVENT, "/data/reason", &sealed).unwrap(), words);
            let raw = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            assert_eq!(raw.len() - FRAME_BYTES - TAG_BYTES, (length / 32 + 1) * 32);
        }
    }

    #[test]
    fn a_value_opens_only_at_its_place_and_under_its_key() {
        let sealed = seal(&key(1), [2; 12], EVENT, "/data/reason", "hay fever");
        let elsewhere = open(&key(1), EVENT, "/data/title", &sealed);
        assert_eq!(elsewhere.unwrap_err(), SealError::Refused);
        let other_event = "01a22ee6-b463-7d45-b0c0-c7a2cb978b69";
        let moved = open(&key(1), other_event, "/data/reason", &sealed);
        assert_eq!(moved.unwrap_err(), SealError::Refused);
        assert_eq!(open(&key(3), EVENT, "/data/reason", &sealed).unwrap_err(), SealError::Key);
        let same_id = SealingKey { id: [1; 16], key: Zeroizing::new([3; 32]) };
        let wrong = open(&same_id, EVENT, "/data/reason", &sealed);
        assert_eq!(wrong.unwrap_err(), SealError::Refused);
    }

    #[test]
    fn no_changed_bit_and_no_cut_goes_unseen() {
        let sealed = seal(&key(1), [2; 12], EVENT, "/data/reason", "hay fever");
        let raw = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for bit in 0..raw.len() * 8 {
            let mut changed = raw.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert!(open(&key(1), EVENT, "/data/reason", &changed).is_err(), "bit {bit}");
        }
        for length in 0..raw.len() {
            let cut = URL_SAFE_NO_PAD.encode(&raw[..length]);
            let refused = open(&key(1), EVENT, "/data/reason", &cut).unwrap_err();
            assert_eq!(refused, SealError::Form, "cut to {length}");
        }
    }

    #[test]
    fn only_one_filling_is_accepted() {
        let mut filled = [0; 64];
        assert_eq!(unpad(&filled), Err(SealError::Padding));
        filled[31] = 0x80;
        assert_eq!(unpad(&filled), Err(SealError::Padding));
        filled[32] = 0x80;
        assert_eq!(unpad(&filled), Ok(&filled[..32]));
        filled[63] = 1;
        assert_eq!(unpad(&filled), Err(SealError::Padding));
    }
}
