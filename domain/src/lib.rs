//! What is true: facts, their fold, policies and the journal's bytes. No I/O, no async, no clock.

pub mod access;
pub mod actor;
pub mod audit;
pub mod chart;
pub mod consent;
pub mod fact;
pub mod fold;
pub mod identity;
pub mod ids;
pub mod journal;
pub mod personal_text;
pub mod records;
pub mod samples;
pub mod time;
