//! Which types of events somebody asks for, in the one way that every surface understands it.

use std::fmt;
use std::str::FromStr;

use super::Fact;
use crate::ids::BadId;

/// One type, or every type that begins with these words: `consent.granted.v1`, `consent.granted`, `consent`.
/// A word is whole or it is another: `cons` begins nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypesWanted(String);

impl TypesWanted {
    /// Whether an event of type `kind` is wanted.
    pub fn cover(&self, kind: &str) -> bool {
        let rest = kind.strip_prefix(&self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// What a wanted type is not smaller than, and what it is smaller than, byte by byte: a type has
    /// lower-case letters, digits, underscores and dots, and of these only a dot stands before a slash.
    pub fn bounds(&self) -> (String, String) {
        (self.0.clone(), format!("{}/", self.0))
    }

    /// Whether this version knows a type that is wanted. One that it does not know may stand in a log all the
    /// same, written by a later one.
    pub fn are_known(&self) -> bool {
        Fact::kinds().any(|kind| self.cover(kind))
    }

    /// What could have been meant: the known types that share its first words, as many of them as do.
    pub fn nearest(&self) -> Vec<&'static str> {
        let mut words = self.0.as_str();
        while let Some((before, _)) = words.rsplit_once('.') {
            let shorter = Self(before.to_owned());
            let near: Vec<_> = Fact::kinds().filter(|kind| shorter.cover(kind)).collect();
            if !near.is_empty() {
                return near;
            }
            words = before;
        }
        let mut features: Vec<_> =
            Fact::kinds().filter_map(|kind| kind.split('.').next()).collect();
        features.dedup();
        features
    }
}

impl FromStr for TypesWanted {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let words = text.strip_suffix('.').unwrap_or(text);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let whole = |word: &str| !word.is_empty() && word.chars().all(plain);
        let fits = words.len() <= 128 && words.split('.').all(whole);
        if fits { Ok(Self(words.to_owned())) } else { Err(BadId("event type")) }
    }
}

impl fmt::Display for TypesWanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> TypesWanted {
        text.parse().unwrap()
    }

    #[test]
    fn whole_words_are_wanted_and_bounds_say_the_same() {
        let others = ["consent.suspended.v1", "consents.x.v1", "consent_x.v1", "consent"];
        for text in ["consent", "consent.", "consent.granted", "consent.granted.v1", "log.", "cons"]
        {
            let wanted = wanted(text);
            let (first, beyond) = wanted.bounds();
            for kind in Fact::kinds().chain(others) {
                let within = *first <= *kind && *kind < *beyond;
                assert_eq!(wanted.cover(kind), within, "{text} {kind}");
            }
        }
        assert!(wanted("consent").cover("consent.granted.v1"));
        assert!(!wanted("cons").cover("consent.granted.v1"));
    }

    #[test]
    fn what_is_no_type_is_refused_and_what_is_unknown_has_neighbours() {
        for odd in ["", ".", "Consent", "consent..v1", "consent.*", "consent granted", "consent%"] {
            assert!(odd.parse::<TypesWanted>().is_err(), "{odd}");
        }
        assert!(wanted("consent.granted").are_known() && !wanted("consent.given").are_known());
        let consents = crate::consent::event::ConsentFact::KINDS;
        assert_eq!(wanted("consent.given").nearest(), consents);
        assert_eq!(
            wanted("concent").nearest(),
            ["identity", "consent", "records", "access", "log"]
        );
    }
}
