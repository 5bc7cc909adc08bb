//! Access: who may look, and who did.

pub mod access_history;
pub mod open_viewings;
pub mod who_can_see;
