//! Time, chance and throttling: passed in, so that every run can be repeated.

use std::time::Duration;

use domain::time::Moment;
use uuid::Uuid;

/// The node's clock.
pub trait Clock: Send + Sync {
    /// The time of day as this machine has it; it may jump and go back.
    fn now(&self) -> Moment;
}

/// Randomness from the operating system.
pub trait Entropy: Send + Sync {
    /// Overwrites `bytes` with chance that nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);

    /// A fresh UUID v7 for `now`.
    fn uuid(&self, now: Moment) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.micros() / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// How far the signed log is behind the events.
pub trait SignedLog: Send + Sync {
    /// For how long events have been waiting to be covered by a signed checkpoint.
    fn uncovered_for(&self) -> Duration;
}

/// What is throttled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Throttle {
    /// Anything, per source.
    Request,
    /// Registrations, per source.
    Registration,
    /// Passwords and refresh tokens, per source.
    LogIn,
    /// Answers to challenges that are dead or made up, per source.
    Code,
    /// Letters to one address of this kind.
    Letter(LetterKind),
    /// View tokens, per account.
    ViewToken,
    /// Announced reports, per account.
    Upload,
}

/// What a letter was asked for by. Each kind has a budget of its own: what a stranger can ask for does not
/// use up what only the right password, or a session, can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// Anybody who registers with the address.
    Registration,
    /// Whoever knows the password.
    LogIn,
    /// Whoever is signed in.
    StepUp,
}

/// Limits how often something may happen.
pub trait Limiter: Send + Sync {
    /// Counts one and says how many more may come at once, or how long to wait.
    fn take(&self, what: Throttle, key: &[u8]) -> Result<u32, Duration>;
}
