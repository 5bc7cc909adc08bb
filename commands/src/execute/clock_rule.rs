//! When the node's clock may be believed: nothing is written while it lies behind the log, or while a
//! witness says another time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::audit::state::ClockCorrection;
use domain::time::Moment;

use super::error::ExecuteError;
use crate::ports::world::Clock;

/// How far the node's clock may lie behind the newest event.
pub const CLOCK_BEHIND_MAX: Duration = Duration::from_secs(2);
/// How far the node's clock may be off a witness's.
pub const CLOCK_OFF_WITNESS_MAX: Duration = Duration::from_secs(60);

/// The node's clock, and what speaks against it.
pub(super) struct ClockRule {
    clock: Arc<dyn Clock>,
    /// The latest time the clock is known to have passed, in microseconds.
    newest: AtomicI64,
    /// How far a witness says it is off, in microseconds; 0 is not at all.
    off: AtomicU64,
}

impl ClockRule {
    pub(super) fn new(clock: Arc<dyn Clock>, newest: Moment) -> Self {
        let newest = AtomicI64::new(newest.micros());
        Self { clock, newest, off: AtomicU64::new(0) }
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    fn newest(&self) -> Moment {
        Moment::from_micros(self.newest.load(Ordering::Acquire))
    }

    /// What the clock says, where it may be believed. One that lies behind is believed by the order that
    /// sets this right.
    pub(super) fn believed(&self, also_behind: bool) -> Result<Moment, ExecuteError> {
        let off = Duration::from_micros(self.off.load(Ordering::Acquire));
        if off > CLOCK_OFF_WITNESS_MAX {
            return Err(ExecuteError::ClockOffWitness(off));
        }
        let clock = self.now();
        let behind = self.newest().since(clock);
        if behind > CLOCK_BEHIND_MAX && !also_behind {
            return Err(ExecuteError::ClockBehind(behind));
        }
        Ok(clock)
    }

    /// Something was written by this clock. Not the event's own time: that is its stream's, which may lie
    /// ahead since before a correction, and would speak against the clock once more.
    pub(super) fn passed(&self, clock: Moment) {
        self.newest.fetch_max(clock.micros(), Ordering::AcqRel);
    }

    /// Times up to where the clock ran ahead count no longer.
    pub(super) fn correct(&self, correction: &ClockCorrection) {
        let before = |newest| {
            let corrected = correction.evidence(Moment::from_micros(newest));
            Some(corrected.micros())
        };
        // The closure never declines, so this cannot fail.
        let _ = self.newest.fetch_update(Ordering::AcqRel, Ordering::Acquire, before);
    }

    /// How far the clock lies behind the log, where that is too far to write.
    pub(super) fn behind(&self) -> Option<Duration> {
        let behind = self.newest().since(self.now());
        (behind > CLOCK_BEHIND_MAX).then_some(behind)
    }

    /// How far a witness says the clock is off, either way.
    pub(super) fn set_doubt(&self, off: Option<Duration>) {
        let off = off.map_or(0, |off| u64::try_from(off.as_micros()).unwrap_or(u64::MAX));
        self.off.store(off, Ordering::Release);
    }

    /// How far a witness says the clock is off, where that is too far to write.
    pub(super) fn doubt(&self) -> Option<Duration> {
        let off = Duration::from_micros(self.off.load(Ordering::Acquire));
        (off > CLOCK_OFF_WITNESS_MAX).then_some(off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::samples::noon;

    struct Still(Moment);

    impl Clock for Still {
        fn now(&self) -> Moment {
            self.0
        }
    }

    fn rule(newest: Moment) -> ClockRule {
        ClockRule::new(Arc::new(Still(noon())), newest)
    }

    fn ahead(seconds: u64) -> Moment {
        noon().plus(Duration::from_secs(seconds))
    }

    #[test]
    fn two_seconds_behind_are_taken_in_and_more_are_not() {
        assert_eq!(rule(ahead(2)).believed(false).unwrap(), noon());
        let behind = rule(ahead(3));
        assert!(matches!(behind.believed(false), Err(ExecuteError::ClockBehind(_))));
        assert_eq!(behind.believed(true).unwrap(), noon());
    }

    #[test]
    fn after_a_correction_only_later_times_and_the_right_clock_count() {
        let rule = rule(ahead(3_600));
        rule.correct(&ClockCorrection { ahead: ahead(3_000), clock: noon() });
        assert!(rule.believed(false).is_err(), "an hour ahead is not what was corrected");
        rule.correct(&ClockCorrection { ahead: ahead(3_600), clock: noon() });
        assert_eq!(rule.believed(false).unwrap(), noon());
        rule.passed(ahead(3));
        assert!(rule.believed(false).is_err(), "what is written afterwards counts again");
    }

    #[test]
    fn a_minute_off_a_witness_is_taken_in_and_more_is_not() {
        let rule = rule(noon());
        let off = |seconds: u64| rule.off.store(seconds * 1_000_000, Ordering::Release);
        off(60);
        assert_eq!(rule.believed(false).unwrap(), noon());
        off(61);
        for also_behind in [false, true] {
            let refused = rule.believed(also_behind);
            assert!(matches!(refused, Err(ExecuteError::ClockOffWitness(_))));
        }
        off(0);
        assert_eq!(rule.believed(false).unwrap(), noon());
    }
}
