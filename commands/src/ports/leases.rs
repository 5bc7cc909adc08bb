//! Who does what one node at a time may do: sign, anchor, react, feed the public.
//!
//! Nothing asks for a lease while the log is kept in SQLite: one process has its file open, and a lock on
//! it says so more surely than a clock can. With an engine that several nodes share, each of them takes the
//! lease of a job before a pass of it (`Job::pass` in the supervisor), renews it while the pass lasts, and
//! hands its fence to whatever the pass writes.

use async_trait::async_trait;
use domain::time::Moment;

use super::credentials::WorkError;

/// Grows with every taking of a lease. Whoever keeps the highest one that was shown to them can tell a holder
/// that is no more and does not know it: by then its number is the smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub u64);

/// A lease that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What for: the name of a job.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// Which taking of it this is.
    pub fence: Fence,
}

/// What became of a wish to take a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taking {
    /// It is the asker's.
    Taken(Lease),
    /// It is somebody else's until then, unless they renew or release it.
    HeldUntil(Moment),
}

/// Leases by name, each with at most one holder.
///
/// Moments are those of the askers' clocks. A clock that runs ahead takes a lease too early: that is why
/// there is a fence.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes the lease `name` until `until`, if nobody holds it at `now` or `holder` does: a process that was
    /// killed and comes back as the same holder need not wait for its own lease, and has a higher fence than
    /// the one that was killed.
    async fn take(
        &self,
        name: &str,
        holder: &str,
        now: Moment,
        until: Moment,
    ) -> Result<Taking, WorkError>;

    /// Holds a lease until `until`. `false` if it was released or taken again since, by whomever: what it was
    /// taken for must end. One that has run out and that nobody has taken is held again.
    async fn renew(&self, lease: &Lease, until: Moment) -> Result<bool, WorkError>;

    /// Gives a lease back before its time. One that was taken again since stays with its holder.
    async fn release(&self, lease: &Lease) -> Result<(), WorkError>;
}
