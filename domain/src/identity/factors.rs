//! What the stream of an account's second factors folds to.

use std::collections::BTreeMap;

use super::event::{FactorAdded, FactorFact};
use crate::fold::{Fold, Recorded};
use crate::ids::FactorId;
use crate::time::Moment;

/// A second factor as it was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFactor {
    /// The fact.
    pub added: FactorAdded,
    /// When.
    pub added_at: Moment,
    /// Whether it was given up since.
    pub removed: bool,
}

/// The second factors of one account, those that were given up too.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    known: BTreeMap<FactorId, KnownFactor>,
}

impl Factors {
    /// A factor, in force or given up.
    pub fn get(&self, factor: FactorId) -> Option<&KnownFactor> {
        self.known.get(&factor)
    }

    /// Those in force, in the order in which they were set up.
    pub fn in_force(&self) -> Vec<&KnownFactor> {
        let mut found: Vec<_> = self.known.values().filter(|known| !known.removed).collect();
        found.sort_by_key(|known| known.added_at);
        found
    }

    /// Whether this one is in force.
    pub fn holds(&self, factor: FactorId) -> bool {
        self.get(factor).is_some_and(|known| !known.removed)
    }
}

impl Fold for Factors {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.factor() else { return };
        match fact {
            FactorFact::Added(added) => {
                let (added, added_at) = (added.clone(), recorded.time);
                let known = KnownFactor { added, added_at, removed: false };
                self.known.insert(known.added.factor, known);
            }
            FactorFact::Removed(removed) => {
                if let Some(known) = self.known.get_mut(&removed.factor) {
                    known.removed = true;
                }
            }
        }
    }
}
