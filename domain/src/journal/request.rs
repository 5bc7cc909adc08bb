//! What makes a repeated request the same request: its id and its digest.

use uuid::Uuid;

use crate::actor::Actor;
use crate::ids::{EventId, RequestDigest};

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

    /// UUID v8 of `keyed_hash(key, "reaction:" | name | 0x00 | event id)`: the id of the first event that a
    /// reaction appends. No actor begins so: a caller's key never gives the id of a reaction.
    pub fn reaction_id(&self, name: &str, cause: EventId) -> Uuid {
        Uuid::new_v8(first_16(blake3::keyed_hash(&self.0, &reaction(name, cause))))
    }

    /// The digest that goes with [`RequestKey::reaction_id`]: of the same bytes, so that what was done once
    /// for an event is done, whatever a later version would make of it.
    pub fn reaction_digest(&self, name: &str, cause: EventId) -> RequestDigest {
        self.digest(&reaction(name, cause))
    }

    /// First 16 bytes of `keyed_hash(key, canonical request)`: tells a repetition from another request
    /// under the same Idempotency-Key.
    pub fn digest(&self, canonical_request: &[u8]) -> RequestDigest {
        RequestDigest(first_16(blake3::keyed_hash(&self.0, canonical_request)))
    }
}

fn reaction(name: &str, cause: EventId) -> Vec<u8> {
    format!("reaction:{name}\0{cause}").into_bytes()
}

fn first_16(hash: blake3::Hash) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&hash.as_bytes()[..16]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_to_an_event_has_one_id_and_no_caller_can_give_it() {
        let key = RequestKey([1; 32]);
        let event = |n| EventId::new(Uuid::from_u128(n));
        let id = key.reaction_id("expire_viewing", event(1));
        assert_eq!(id, key.reaction_id("expire_viewing", event(1)));
        assert_eq!(id.get_version_num(), 8);
        assert_ne!(id, key.reaction_id("expire_viewing", event(2)));
        assert_ne!(id, key.reaction_id("record_anchor", event(1)));
        assert_ne!(id, RequestKey([2; 32]).reaction_id("expire_viewing", event(1)));
        assert_ne!(id, key.id(&Actor::System, &format!("expire_viewing\0{}", event(1))));
    }
}
