//! What the stream of an account's second factors folds to.

use std::collections::BTreeMap;

use super::event::{FactorAdded, FactorFact, FactorMeans};
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

    /// The passkeys in force, in the order in which they were set up.
    pub fn passkeys(&self) -> Vec<&KnownFactor> {
        let mut found = self.in_force();
        found.retain(|known| known.added.means.is_passkey());
        found
    }

    /// The authenticator app in force.
    pub fn app(&self) -> Option<&KnownFactor> {
        let is_app = |known: &&KnownFactor| known.added.means == FactorMeans::AuthenticatorApp {};
        self.in_force().into_iter().find(is_app)
    }

    /// The recovery codes in force.
    pub fn recovery_codes(&self) -> Option<&KnownFactor> {
        let are_codes =
            |known: &&KnownFactor| matches!(known.added.means, FactorMeans::RecoveryCodes { .. });
        self.in_force().into_iter().find(are_codes)
    }

    /// Whether one is in force that is more than a mailbox: then no code goes out by letter.
    pub fn any_strong(&self) -> bool {
        self.app().is_some() || !self.passkeys().is_empty()
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
                for known in self.known.values_mut() {
                    known.removed |= takes_the_place_of(&added.means, &known.added.means);
                }
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

/// There is one app and one set of recovery codes; passkeys stand beside each other.
const fn takes_the_place_of(new: &FactorMeans, known: &FactorMeans) -> bool {
    match (new, known) {
        (FactorMeans::AuthenticatorApp {}, FactorMeans::AuthenticatorApp {})
        | (FactorMeans::RecoveryCodes { .. }, FactorMeans::RecoveryCodes { .. }) => true,
        (
            FactorMeans::Passkey { .. }
            | FactorMeans::AuthenticatorApp {}
            | FactorMeans::RecoveryCodes { .. },
            FactorMeans::Passkey { .. }
            | FactorMeans::AuthenticatorApp {}
            | FactorMeans::RecoveryCodes { .. },
        ) => false,
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

    #[test]
    fn a_new_app_and_new_recovery_codes_take_the_place_of_those_before() {
        let mut factors = Factors::default();
        let mut take = |n: u128, means: FactorMeans| {
            let added = FactorAdded {
                factor: FactorId::new(Uuid::from_u128(n)),
                means,
                ..samples::factor_added()
            };
            let stream = StreamName::factors(BO.uuid());
            let fact = FactorFact::from(added);
            factors.evolve(&samples::recorded(stream, Actor::Doctor(BO), fact));
        };
        let codes = FactorMeans::RecoveryCodes { count: 10 };
        take(1, FactorMeans::AuthenticatorApp {});
        take(2, codes.clone());
        take(3, samples::factor_added().means);
        take(4, FactorMeans::AuthenticatorApp {});
        take(5, codes);
        take(6, samples::factor_added().means);
        let number = |known: &KnownFactor| known.added.factor.uuid().as_u128();
        assert_eq!(factors.app().map(number), Some(4));
        assert_eq!(factors.recovery_codes().map(number), Some(5));
        assert_eq!(Vec::from_iter(factors.passkeys().into_iter().map(number)), [3, 6]);
        assert!(factors.any_strong());
    }

    #[test]
    fn recovery_codes_alone_are_no_second_factor() {
        let mut factors = Factors::default();
        let means = FactorMeans::RecoveryCodes { count: 10 };
        let added = FactorAdded { means, ..samples::factor_added() };
        let stream = StreamName::factors(BO.uuid());
        let fact = FactorFact::from(added);
        factors.evolve(&samples::recorded(stream, Actor::Doctor(BO), fact));
        assert!(factors.recovery_codes().is_some() && !factors.any_strong());
    }
}
