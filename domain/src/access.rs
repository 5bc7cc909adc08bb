//! Access: tokens, viewings, pages, refusals, and the one policy that decides.

pub mod event;
pub mod ground;
pub mod policy;
pub mod review;
pub mod state;
