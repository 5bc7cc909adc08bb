//! What makes a repeated request the same request: its id and its digest.

use uuid::Uuid;

use crate::actor::Actor;
use crate::ids::RequestDigest;

/// The secret that keeps anyone from guessing, by its id, what a caller asked for.
#[derive(Clone)]
pub struct RequestKey(pub [u8; 32]);

impl RequestKey {
    /// UUID v8 of `keyed_hash(key, actor | 0x00 | Idempotency-Key)`: the id of the first event that the
    /// request appends.
    pub fn id(&self, actor: &Actor, idempotency_key: &str) -> Uuid {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(actor.to_string().as_bytes()).update(&[0]).update(idempotency_key.as_bytes());
        Uuid::new_v8(first_16(hasher.finalize()))
    }

    /// First 16 bytes of `keyed_hash(key, canonical request)`: tells a repetition from another request
    /// under the same Idempotency-Key.
    pub fn digest(&self, canonical_request: &[u8]) -> RequestDigest {
        RequestDigest(first_16(blake3::keyed_hash(&self.0, canonical_request)))
    }
}

fn first_16(hash: blake3::Hash) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&hash.as_bytes()[..16]);
    first
}
