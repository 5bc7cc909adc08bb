//! Consent: what a patient lets one doctor see, for what purpose and until when.

pub mod event;
pub mod scope;
pub mod state;
