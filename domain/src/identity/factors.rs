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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::ids::StreamName;
    use crate::samples::{self, BO, PASSKEY};
    use uuid::Uuid;

    #[test]
    fn a_factor_is_in_force_until_it_is_given_up() {
        let mut factors = Factors::default();
        let take = |factors: &mut Factors, fact: FactorFact| {
            let stream = StreamName::factors(BO.uuid());
            factors.evolve(&samples::recorded(stream, Actor::Doctor(BO), fact));
        };
        let other = FactorId::new(Uuid::from_u128(1));
        let second = FactorAdded { factor: other, ..samples::factor_added() };
        assert!(factors.get(PASSKEY).is_none() && !factors.holds(PASSKEY));
        take(&mut factors, samples::factor_added().into());
        take(&mut factors, second.clone().into());
        assert_eq!(factors.get(PASSKEY).unwrap().added, samples::factor_added());
        assert!(factors.holds(PASSKEY) && factors.holds(other));
        assert_eq!(factors.in_force().len(), 2);
        take(&mut factors, samples::factor_removed().into());
        assert!(factors.get(PASSKEY).unwrap().removed && !factors.holds(PASSKEY));
        let left: Vec<_> = factors.in_force().into_iter().map(|known| &known.added).collect();
        assert_eq!(left, [&second]);
    }
}
