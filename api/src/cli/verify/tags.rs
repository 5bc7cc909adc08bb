//! Leaf tags, held against the stream keys in the vault.

use std::collections::HashMap;
use std::sync::Arc;

use commands::ports::key_vault::{KeyVault, VaultError};
use domain::ids::StreamName;
use domain::journal::StreamKey;
use domain::journal::chain::Broken;

use super::batch::Good;
use super::report::Finding;

/// What can be said about tags.
pub(super) struct Tags {
    vault: Arc<dyn KeyVault>,
    /// Asked once each; none: never made, or destroyed with its subject.
    keys: HashMap<StreamName, Result<Option<StreamKey>, String>>,
    pub(super) checked: u64,
    pub(super) without_key: u64,
}

impl Tags {
    pub(super) fn new(vault: Arc<dyn KeyVault>) -> Self {
        Self { vault, keys: HashMap::new(), checked: 0, without_key: 0 }
    }

    /// How many streams have no key.
    pub(super) fn streams_without_key(&self) -> usize {
        self.keys.values().filter(|key| matches!(key, Ok(None))).count()
    }

    /// Gets the keys that `lines` need.
    pub(super) async fn prepare(&mut self, lines: &[Good]) -> Result<(), VaultError> {
        let mut wanted: Vec<&StreamName> = lines.iter().map(|good| good.link.stream()).collect();
        wanted.retain(|stream| !self.keys.contains_key(*stream));
        wanted.sort_unstable();
        wanted.dedup();
        let wanted: Vec<StreamName> = wanted.into_iter().cloned().collect();
        for (stream, key) in self.vault.known_stream_keys(&wanted).await? {
            self.keys.insert(stream, key.map(Some).map_err(|error| error.to_string()));
        }
        for stream in wanted {
            self.keys.entry(stream).or_insert(Ok(None));
        }
        Ok(())
    }

    /// Checks the tag of a line whose key was asked for.
    pub(super) fn check(&mut self, good: &Good) -> Result<(), Finding> {
        let (stream, version) = (good.link.stream(), good.link.version());
        let Some((leaf, _)) = &good.leaf else { return Ok(()) };
        match self.keys.get(stream) {
            Some(Ok(Some(key))) if leaf.tagged(key, version) => self.checked += 1,
            Some(Ok(Some(_))) => {
                return Err(Finding::at(good.position, Broken::Tag).of(stream, version));
            }
            Some(Err(error)) => {
                let what = format!("the stream's key in the vault cannot be used: {error}");
                return Err(Finding::at(good.position, what).of(stream, version));
            }
            Some(Ok(None)) | None => self.without_key += 1,
        }
        Ok(())
    }
}
