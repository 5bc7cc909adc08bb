//! The node's clock, and one that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use commands::ports::world::Clock;
use domain::time::Moment;

/// The operating system's clock. It may be set, also backwards: whoever needs order takes versions.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter everybody else is sent to")]
    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::default().plus(since)
    }
}

/// A clock that moves only when told, in either direction. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Starts at `now`.
    pub fn at(now: Moment) -> Self {
        Self(Arc::new(AtomicI64::new(now.micros())))
    }

    /// Shows `now` from here on, whether that is later or earlier.
    pub fn set(&self, now: Moment) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }

    /// Moves on by `span`.
    pub fn forward(&self, span: Duration) {
        self.shift(|now| now.plus(span));
    }

    /// Moves back by `span`, never before 1970.
    pub fn back(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        self.shift(|now| Moment::from_micros(now.micros().saturating_sub(micros)));
    }

    fn shift(&self, to: impl Fn(Moment) -> Moment) {
        let next = |now| Some(to(Moment::from_micros(now)).micros());
        // The closure never declines, so this cannot fail.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_clock_is_past_the_day_this_was_written_and_does_not_stand_still() {
        let first = SystemClock.now();
        assert!(first > "2026-11-01T00:00:00.000000Z".parse().unwrap());
        assert!((0..1_000_000).any(|_| SystemClock.now() > first));
    }

    #[test]
    fn a_manual_clock_moves_both_ways_for_all_its_clones() {
        let start: Moment = "2026-11-23T08:00:00.000000Z".parse().unwrap();
        let clock = ManualClock::at(start);
        let other = clock.clone();
        clock.forward(Duration::from_secs(90));
        assert_eq!(other.now().since(start), Duration::from_secs(90));
        other.back(Duration::from_secs(60));
        assert_eq!(clock.now().since(start), Duration::from_secs(30));
        clock.back(Duration::MAX);
        assert_eq!(clock.now(), Moment::default());
        clock.set(start);
        assert_eq!(other.now(), start);
    }
}
