//! How a feature declares its facts: a family, the types its facts are stored under, and what each says.
//! Knows no family: `fact.rs` gathers them.

use std::fmt;

/// Declares the facts of a stream or feature with the type each is stored under.
macro_rules! facts {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident($body:ty) = $kind:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant($body),)* }

        impl $name {
            /// The types these facts are stored under.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The type this fact is stored under.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind,)* }
            }

            /// The fact's `data`, personal text still clear if they were.
            pub(crate) fn data(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $(Self::$variant(body) => serde_json::to_value(body),)* }
            }

            /// Reads `data` of type `kind`; `None` if the type is not one of these.
            pub(crate) fn decode(
                kind: &str,
                data: &str,
            ) -> Option<Result<Self, serde_json::Error>> {
                match kind {
                    $($kind => Some(serde_json::from_str(data).map(Self::$variant)),)*
                    _ => None,
                }
            }
        }

        $(impl From<$body> for $name {
            fn from(body: $body) -> Self {
                Self::$variant(body)
            }
        }

        #[allow(irrefutable_let_patterns, reason = "a family may have one fact only")]
        impl $crate::fact::family::FactBody for $body {
            type Family = $name;
            const TYPE: $crate::fact::family::EventType =
                $crate::fact::family::EventType::new($kind);

            fn of_family(family: &$name) -> Option<&Self> {
                if let $name::$variant(body) = family { Some(body) } else { None }
            }

            fn from_family(family: $name) -> Option<Self> {
                if let $name::$variant(body) = family { Some(body) } else { None }
            }
        })*
    };
}
pub(crate) use facts;

/// The name of an event type. Only a fact's declaration makes one: a type that does not exist cannot be
/// asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType {
    kind: &'static str,
    /// How many bytes of it stand before the version.
    name_bytes: usize,
}

impl EventType {
    pub(crate) const fn new(kind: &'static str) -> Self {
        let mut name_bytes = kind.len() - 1;
        while kind.as_bytes()[name_bytes] != b'.' {
            name_bytes -= 1;
        }
        Self { kind, name_bytes }
    }

    /// As it is stored: `consent.granted.v1`.
    pub const fn as_str(self) -> &'static str {
        self.kind
    }

    /// Whether `kind` is this type, in whatever version: a version that is not known yet says the same thing
    /// in another form.
    pub fn is_any_version_of(self, kind: &str) -> bool {
        // Every read model asks it of every event: where the name ends was found by the compiler.
        let name = self.kind.get(..self.name_bytes);
        name.and_then(|name| kind.strip_prefix(name)).is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

/// What one event type says.
pub trait FactBody: Sized + Into<Self::Family> {
    /// The facts it is one of.
    type Family;

    /// The type it is stored under.
    const TYPE: EventType;

    /// What `family` says, if it is of this type.
    fn of_family(family: &Self::Family) -> Option<&Self>;

    /// The same, taken out.
    fn from_family(family: Self::Family) -> Option<Self>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::event::ConsentRevoked;

    #[test]
    fn a_type_is_the_same_in_every_version() {
        let revoked = ConsentRevoked::TYPE;
        assert_eq!(revoked.to_string(), "consent.revoked.v1");
        assert!(revoked.is_any_version_of("consent.revoked.v1"));
        assert!(revoked.is_any_version_of("consent.revoked.v12"));
        for other in ["consent.granted.v1", "consent.revoked_all.v1", "consent.revoked", "consent"]
        {
            assert!(!revoked.is_any_version_of(other), "{other}");
        }
    }
}
