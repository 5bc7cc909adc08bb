//! Carries letters to people.

mod outbox;

pub use outbox::OutboxCourier;
