//! Consent: given with a step-up, taken back without one.

pub mod grant_consent;
pub mod grant_flow;
pub mod revoke_consent;
