//! Numbers that look random and are the same at every run: what the benches name their events by.

use uuid::Uuid;

/// The number that `name` has for a use.
pub(super) fn digest(name: &str, use_for: &str) -> [u8; 32] {
    *blake3::Hasher::new_derive_key(use_for).update(name.as_bytes()).finalize().as_bytes()
}

/// Its first half: a salt.
pub(super) fn half(name: &str, use_for: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(name, use_for)[..16]);
    bytes
}

/// The same as a UUID.
pub(super) fn uuid(name: &str, use_for: &str) -> Uuid {
    Uuid::new_v8(half(name, use_for))
}
