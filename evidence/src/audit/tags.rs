//! Leaf tags, held against the stream keys in the vault.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ids::StreamName;
use domain::journal::chain::Broken;
use domain::journal::{Leaf, Position, StreamKey, StreamVersion};

use super::batch::Good;
use super::finding::Finding;
use crate::ports::{KeysError, StreamKeys};

/// What can be said about tags.
pub(super) struct Tags {
    /// Who is asked for keys; nobody, where they came in a file.
    vault: Option<Arc<dyn StreamKeys>>,
    /// Each tag that belongs somewhere, and where, while completeness is to be shown.
    expected: Option<HashMap<[u8; 32], Position>>,
    /// Asked once each; none: never made, or destroyed with its subject.
    keys: HashMap<StreamName, Result<Option<StreamKey>, String>>,
    pub(super) checked: u64,
    pub(super) without_key: u64,
}

impl Tags {
    pub(super) fn new(vault: Arc<dyn StreamKeys>) -> Self {
        let vault = Some(vault);
        let expected = None;
        let keys = HashMap::new();
        Self { vault, expected, keys, checked: 0, without_key: 0 }
    }

    /// With the keys of a file; `complete`: what is checked claims to hold all lines of these streams, and no
    /// others.
    pub(super) fn of_keys(keys: Vec<(StreamName, StreamKey)>, complete: bool) -> Self {
        let keys = keys.into_iter().map(|(stream, key)| (stream, Ok(Some(key)))).collect();
        let expected = complete.then(HashMap::new);
        Self { vault: None, expected, keys, checked: 0, without_key: 0 }
    }

    /// What to look for in all leaves, when the newest version of each stream is known.
    pub(super) fn scan(
        self,
        newest: impl Fn(&StreamName) -> Option<StreamVersion>,
    ) -> Option<TagScan> {
        let expected = self.expected?;
        let mut withheld = HashMap::new();
        for (stream, key) in &self.keys {
            let Ok(Some(key)) = key else { continue };
            let next = newest(stream).map_or(0, |version| version.0.saturating_add(1));
            withheld.insert(key.tag(StreamVersion(next)), stream.clone());
        }
        Some(TagScan { expected, withheld })
    }

    /// How many streams have no key.
    pub(super) fn streams_without_key(&self) -> usize {
        self.keys.values().filter(|key| matches!(key, Ok(None))).count()
    }

    /// Gets the keys that `lines` need.
    pub(super) async fn prepare(&mut self, lines: &[Good]) -> Result<(), KeysError> {
        let mut wanted: Vec<&StreamName> = lines.iter().map(|good| good.link.stream()).collect();
        wanted.retain(|stream| !self.keys.contains_key(*stream));
        wanted.sort_unstable();
        wanted.dedup();
        let wanted: Vec<StreamName> = wanted.into_iter().cloned().collect();
        let known = match &self.vault {
            Some(vault) => vault.held(&wanted).await?,
            None => Vec::new(),
        };
        for (stream, key) in known {
            self.keys.insert(stream, key.map(Some).map_err(|error| error.to_string()));
        }
        for stream in wanted {
            self.keys.entry(stream).or_insert(Ok(None));
        }
        Ok(())
    }

    /// Checks the tag of a line whose key was asked for.
    pub(super) fn check(&mut self, good: &Good) -> Result<(), Finding> {
        let stream = good.link.stream();
        let version = good.link.version();
        if let (Some(expected), Some(Ok(Some(key)))) = (&mut self.expected, self.keys.get(stream)) {
            expected.insert(key.tag(version), good.position);
        }
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

/// What all leaves are looked through for: that nothing of a stream was withheld.
pub(super) struct TagScan {
    expected: HashMap<[u8; 32], Position>,
    withheld: HashMap<[u8; 32], StreamName>,
}

impl TagScan {
    /// How many streams it is about.
    pub(super) fn streams(&self) -> usize {
        self.withheld.len()
    }

    /// Looks at the leaf of a position.
    pub(super) fn look(&self, position: Position, leaf: &Leaf) -> Result<(), Finding> {
        let Some(tag) = leaf.0.get(4..36).and_then(|tag| tag.first_chunk::<32>()) else {
            return Ok(());
        };
        if let Some(stream) = self.withheld.get(tag) {
            let what = format!("the log has one more line of {stream}, which is withheld");
            return Err(Finding::at(position, what));
        }
        match self.expected.get(tag) {
            Some(place) if *place != position => {
                let what = format!("the tag of the line at position {place} stands here as well");
                Err(Finding::at(position, what))
            }
            Some(_) | None => Ok(()),
        }
    }
}
