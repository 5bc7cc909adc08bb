//! The keys of a person and what they protect: sealed personal text, wrapped report keys, report containers.
//!
//! Everything here is a pure function of its arguments. Keys and nonces are handed in, because a nonce
//! that comes from the wrong place is a fault nobody sees.

pub mod container;
pub mod sealed;
pub mod wrap;

use zeroize::Zeroizing;

/// A 256-bit key that is wiped when it is dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// The subkey that seals a subject's personal text.
pub fn derive_sealing(subject_key: &[u8; 32]) -> Key {
    Zeroizing::new(blake3::derive_key("medlock 2026-11 sealing", subject_key))
}

/// The subkey that wraps the keys of a subject's reports.
pub fn derive_wrapping(subject_key: &[u8; 32]) -> Key {
    Zeroizing::new(blake3::derive_key("medlock 2026-11 wrapping", subject_key))
}

/// What the event that makes a subject key publishes about it, as 64 hexadecimal digits.
///
/// AES-GCM-SIV does not commit to its key: two keys can open one ciphertext to two texts. The published
/// digest says which of them was meant.
pub fn commitment(subject_key: &[u8; 32]) -> String {
    hex::encode(blake3::derive_key("medlock 2026-11 key commitment", subject_key))
}

#[cfg(test)]
mod tests {
    use super::{commitment, derive_sealing, derive_wrapping};

    #[test]
    fn the_three_values_of_a_subject_key_differ() {
        let subject_key = [7; 32];
        let sealing = hex::encode(derive_sealing(&subject_key));
        let wrapping = hex::encode(derive_wrapping(&subject_key));
        let published = commitment(&subject_key);
        assert!(sealing != wrapping && wrapping != published && published != sealing);
        assert_ne!(published, commitment(&[8; 32]));
    }
}
