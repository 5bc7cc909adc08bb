//! Consent: what a patient lets a doctor or a practice see, for what purpose and until when.

pub mod bars;
pub mod event;
pub mod grantee;
pub mod preview;
pub mod scope;
pub mod state;
pub mod words;
