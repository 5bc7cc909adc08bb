//! Every fact Medlock can record, and the one place where a fact meets the name of its type.

use serde_json::Value;

use crate::access::event::AccessFact;
use crate::audit::event::LogFact;
use crate::consent::event::ConsentFact;
use crate::identity::event::{
    AdminFact, AdminsFact, DoctorFact, LoginFact, PatientFact, SessionFact,
};
use crate::records::event::RecordsFact;

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

            /// The fact's `data`, words still clear if they were.
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

        $(impl From<$body> for $crate::fact::Fact {
            fn from(body: $body) -> Self {
                $name::$variant(body).into()
            }
        })*
    };
}
pub(crate) use facts;

/// Why a line's fact could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// No fact of this type is known to this version.
    #[error("unknown event type")]
    UnknownKind,
    /// The type is known, its data is not as that type writes it.
    #[error("event data does not fit its type: {0}")]
    BadData(#[from] serde_json::Error),
}

macro_rules! all_facts {
    ($($variant:ident($body:ty),)*) => {
        /// A fact of any feature.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each variant is named after the enum it holds")]
        pub enum Fact { $($variant($body),)* }

        impl Fact {
            /// The type this fact is stored under: `consent.granted.v1`.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(fact) => fact.kind(),)* }
            }

            /// Every type there is, in the order of the features.
            pub fn kinds() -> impl Iterator<Item = &'static str> {
                [$(<$body>::KINDS),*].into_iter().flatten().copied()
            }

            /// The fact's `data`; words are still clear in a fact that has just been decided.
            pub fn data(&self) -> Result<Value, serde_json::Error> {
                match self { $(Self::$variant(fact) => fact.data(),)* }
            }

            /// Reads `data` (JSON text) of type `kind`.
            pub fn decode(kind: &str, data: &str) -> Result<Self, FactError> {
                $(if let Some(fact) = <$body>::decode(kind, data) {
                    return Ok(Self::$variant(fact?));
                })*
                Err(FactError::UnknownKind)
            }
        }

        $(impl From<$body> for Fact {
            fn from(fact: $body) -> Self {
                Self::$variant(fact)
            }
        })*
    };
}

all_facts! {
    Patient(PatientFact),
    Doctor(DoctorFact),
    Admin(AdminFact),
    Admins(AdminsFact),
    Login(LoginFact),
    Session(SessionFact),
    Consent(ConsentFact),
    Records(RecordsFact),
    Access(AccessFact),
    Log(LogFact),
}
