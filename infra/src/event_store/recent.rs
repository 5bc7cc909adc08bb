//! A bounded map of what was used lately.

use std::collections::HashMap;
use std::hash::Hash;

/// Two generations: what the younger cannot hold becomes the older, and what the older held and nobody
/// asked for since is forgotten. Holds between `capacity` and twice that.
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    capacity: usize,
}

impl<K: Hash + Eq + Clone, V: Copy> Recent<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), capacity }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(*value);
        }
        let value = self.old.remove(key)?;
        self.insert(key.clone(), value);
        Some(value)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.capacity && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut recent = Recent::new(10);
        for key in 0..1_000 {
            recent.insert(key, key * 2);
            assert_eq!(recent.get(&0), Some(0), "asked for at every step");
        }
        assert_eq!(recent.get(&999), Some(1_998));
        assert_eq!(recent.get(&500), None);
        assert!(recent.young.len() + recent.old.len() <= 20);
    }

    #[test]
    fn a_newer_value_hides_an_older_one() {
        let mut recent = Recent::new(2);
        for (key, value) in [(1, 1), (2, 1), (3, 1), (1, 2), (4, 1), (5, 1)] {
            recent.insert(key, value);
        }
        assert_eq!(recent.get(&1), Some(2));
    }
}
