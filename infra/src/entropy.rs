//! Randomness: the operating system's, and a repeatable one for demonstrations and tests.

use std::sync::atomic::{AtomicU64, Ordering};

use commands::ports::world::Entropy;
use zeroize::Zeroizing;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::expect_used,
        reason = "a kernel without randomness must stop us: anything else would make keys that can be guessed"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

/// Bytes that follow from a seed: for demonstrations and tests, **never for real data**, because whoever
/// knows the seed knows every key that was made from it.
pub struct SeededEntropy {
    seed: Zeroizing<[u8; 32]>,
    /// Each fill is a stream of its own, so that the length of one does not shift the next.
    fills: AtomicU64,
}

impl SeededEntropy {
    /// Starts over: the same seed and the same order of calls give the same bytes.
    pub fn new(seed: &[u8]) -> Self {
        let seed = Zeroizing::new(blake3::derive_key("medlock 2026-11 seeded entropy", seed));
        Self { seed, fills: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let fill = self.fills.fetch_add(1, Ordering::SeqCst);
        let mut hasher = blake3::Hasher::new_keyed(&self.seed);
        hasher.update(&fill.to_be_bytes()).finalize_xof().fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(entropy: &dyn Entropy) -> [u8; 32] {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        bytes
    }

    #[test]
    fn the_systems_bytes_do_not_repeat() {
        assert_ne!(bytes(&OsEntropy), bytes(&OsEntropy));
    }

    #[test]
    fn a_seed_repeats_itself_and_only_itself() {
        let (one, same, other) =
            (SeededEntropy::new(b"demo"), SeededEntropy::new(b"demo"), SeededEntropy::new(b"Demo"));
        let first = bytes(&one);
        assert_eq!(first, bytes(&same));
        assert_ne!(first, bytes(&other));
        let second = bytes(&one);
        assert_ne!(first, second);
        assert_eq!(second, bytes(&same));
    }
}
