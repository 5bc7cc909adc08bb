//! Every fact Medlock can record, and the one place where a fact meets the name of its type.
//!
//! Matches stay inside a family: whoever wants the facts of another asks `fact.consent()`, whoever wants one
//! type asks `fact.body::<ConsentGranted>()`, and a family that is added concerns nobody who does neither.

pub(crate) mod family;
pub mod wanted;

use serde_json::Value;

use crate::access::event::AccessFact;
use crate::audit::event::LogFact;
use crate::consent::event::ConsentFact;
use crate::identity::event::{
    AdminFact, AdminsFact, DoctorFact, FactorFact, LoginFact, PatientFact, SessionFact,
};
use crate::records::event::RecordsFact;

pub use family::{EventType, FactBody};

/// A fact of any family holds those of one.
pub trait HoldsFamily<F>: Sized {
    /// The fact, if it is one of these.
    fn as_family(&self) -> Option<&F>;

    /// The same, taken out.
    fn into_family(self) -> Option<F>;
}

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
    ($($(#[$doc:meta])* $accessor:ident: $variant:ident($body:ty) = $stem:literal,)*) => {
        /// A fact of any feature.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each variant is named after the enum it holds")]
        pub enum Fact { $($variant($body),)* }

        /// Facts that belong together: those of one stream, or of one feature on the patient's stream.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each is named after the variant of `Fact` that holds its facts")]
        pub enum Family { $($variant,)* }

        impl Family {
            /// Every family, in the order of the features.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// How the types of its facts begin, those of later versions too, and of no other's.
            const fn stem(self) -> &'static str {
                match self { $(Self::$variant => $stem,)* }
            }

            /// The types of its facts that this version knows.
            pub const fn kinds(self) -> &'static [&'static str] {
                match self { $(Self::$variant => <$body>::KINDS,)* }
            }

            /// Whether a type is one of its facts', known to this version or not.
            pub fn holds(self, kind: &str) -> bool {
                kind.starts_with(self.stem())
            }
        }

        impl Fact {
            /// The type this fact is stored under: `consent.granted.v1`.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(fact) => fact.kind(),)* }
            }

            /// The family it belongs to.
            pub const fn family(&self) -> Family {
                match self { $(Self::$variant(_) => Family::$variant,)* }
            }

            $(
                $(#[$doc])*
                pub const fn $accessor(&self) -> Option<&$body> {
                    if let Self::$variant(fact) = self { Some(fact) } else { None }
                }
            )*

            /// What it says, if it is of one type: `fact.body::<ConsentGranted>()`.
            pub fn body<B: FactBody>(&self) -> Option<&B>
            where
                Self: HoldsFamily<B::Family>,
            {
                self.as_family().and_then(B::of_family)
            }

            /// The same, taken out.
            pub fn into_body<B: FactBody>(self) -> Option<B>
            where
                Self: HoldsFamily<B::Family>,
            {
                self.into_family().and_then(B::from_family)
            }

            /// Every type there is, in the order of the features.
            pub fn kinds() -> impl Iterator<Item = &'static str> {
                [$(<$body>::KINDS),*].into_iter().flatten().copied()
            }

            /// The fact's `data`; personal text is still clear in a fact that has just been decided.
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
        }

        impl HoldsFamily<$body> for Fact {
            fn as_family(&self) -> Option<&$body> {
                self.$accessor()
            }

            fn into_family(self) -> Option<$body> {
                if let Self::$variant(fact) = self { Some(fact) } else { None }
            }
        })*
    };
}

impl<B: FactBody> From<B> for Fact
where
    Self: From<B::Family>,
{
    fn from(body: B) -> Self {
        Self::from(body.into())
    }
}

all_facts! {
    /// The fact, if it is one of a patient's account.
    patient: Patient(PatientFact) = "identity.patient_",
    /// The fact, if it is one of a doctor's stream.
    doctor: Doctor(DoctorFact) = "identity.doctor_",
    /// The fact, if it is one of an admin's own stream.
    admin: Admin(AdminFact) = "identity.admin_",
    /// The fact, if it is one of who is an admin.
    admins: Admins(AdminsFact) = "identity.first_admin_",
    /// The fact, if it is one of an e-mail address.
    login: Login(LoginFact) = "identity.login_",
    /// The fact, if it is one of a session.
    session: Session(SessionFact) = "identity.session_",
    /// The fact, if it is one of an account's second factors.
    factor: Factor(FactorFact) = "identity.factor_",
    /// The fact, if it is one of consents.
    consent: Consent(ConsentFact) = "consent.",
    /// The fact, if it is one of reports.
    records: Records(RecordsFact) = "records.",
    /// The fact, if it is one of access.
    access: Access(AccessFact) = "access.",
    /// The fact, if it is what the log says about itself.
    log: Log(LogFact) = "log.",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::event::ConsentRevoked;
    use crate::identity::event::FirstAdminAdmitted;
    use crate::samples;

    #[test]
    fn a_type_is_held_by_its_family_and_no_other() {
        for kind in Fact::kinds() {
            let holding = Family::ALL.iter().filter(|family| family.holds(kind));
            let holding: Vec<_> = holding.copied().collect();
            let declared = Family::ALL.iter().find(|family| family.kinds().contains(&kind));
            assert_eq!(holding, Vec::from_iter(declared.copied()), "{kind}");
        }
        assert!(Family::Consent.holds("consent.suspended.v1"), "a type of a later version");
    }

    #[test]
    fn a_fact_is_found_by_its_family_and_by_its_type() {
        let revoked = samples::consent_revoked();
        let fact = Fact::from(revoked.clone());
        assert_eq!((fact.family(), fact.kind()), (Family::Consent, ConsentRevoked::TYPE.as_str()));
        assert_eq!(fact.consent(), Some(&ConsentFact::Revoked(revoked.clone())));
        assert!(fact.access().is_none() && fact.patient().is_none());
        assert_eq!(fact.body(), Some(&revoked));
        assert_eq!(fact.body::<FirstAdminAdmitted>(), None);
        assert_eq!(fact.into_body(), Some(revoked));
        let admitted = Fact::from(samples::first_admin_admitted());
        assert_eq!(admitted.into_body::<ConsentRevoked>(), None);
    }
}
