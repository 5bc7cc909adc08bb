//! Consent: given with a step-up, taken back without one.

pub mod bar_flow;
pub mod close_record;
pub mod grant_consent;
pub mod grant_flow;
pub mod hide_report;
pub mod lift_bar;
pub mod open_record;
pub mod revoke_consent;
pub mod set_bar;
mod shut_viewings;
pub mod unhide_report;
