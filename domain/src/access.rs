//! Access: tokens, viewings, pages, refusals, and the one policy that decides.

pub mod event;
pub mod ground;
pub mod page_loss;
pub mod policy;
pub mod review;
pub mod state;
