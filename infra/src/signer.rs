//! The log's own keys: derived by the vault, one for each generation, so that nothing of them is stored.

use std::sync::Arc;

use commands::audit::rotate_log_key::log_key;
use commands::ports::key_vault::KeyVault;
use commands::ports::world::Clock;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{NoteError, NoteKey, SignatureLine, VerifierKey};
use domain::time::Moment;
use transparency::ports::Signer;

/// A key and until when it signs; the newest has no end.
struct Generation {
    key: NoteKey,
    until: Option<Moment>,
}

/// Signs checkpoints with every generation that is in use.
pub struct VaultSigner {
    origin: String,
    /// Newest first.
    generations: Vec<Generation>,
    clock: Arc<dyn Clock>,
}

impl VaultSigner {
    /// The keys of the log `origin` up to generation `newest`; `ends` says until when earlier ones sign.
    ///
    /// # Errors
    /// If the origin cannot name a key.
    pub fn new(
        vault: &dyn KeyVault,
        origin: &str,
        newest: u32,
        ends: impl Fn(u32) -> Option<Moment>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, NoteError> {
        let generation = |number: u32| {
            let key = log_key(vault, origin, number)?;
            let until =
                if number == newest { None } else { Some(ends(number).unwrap_or_default()) };
            Ok(Generation { key, until })
        };
        let generations = (1..=newest).rev().map(generation).collect::<Result<_, NoteError>>()?;
        Ok(Self { origin: origin.to_owned(), generations, clock })
    }

    fn in_use(&self) -> impl Iterator<Item = &NoteKey> {
        let now = self.clock.now();
        let in_use = move |generation: &&Generation| generation.until.is_none_or(|end| now < end);
        self.generations.iter().filter(in_use).map(|generation| &generation.key)
    }
}

impl Signer for VaultSigner {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn sign(&self, checkpoint: &Checkpoint) -> Vec<SignatureLine> {
        let text = checkpoint.text();
        // The time is part of cosignatures only.
        self.in_use().map(|key| key.sign(&text, 0)).collect()
    }

    fn keys(&self) -> Vec<VerifierKey> {
        self.in_use().map(|key| key.public().clone()).collect()
    }

    fn keys_ever(&self) -> Vec<VerifierKey> {
        self.generations.iter().map(|generation| generation.key.public().clone()).collect()
    }
}
