//! Consent: given with a step-up, taken back without one.

pub mod giving;
pub mod grant_consent;
pub mod revoke_consent;
