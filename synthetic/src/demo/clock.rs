//! The demo's clock: moved by hand through weeks that are past, then let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use commands::ports::world::Clock;
use domain::time::{Moment, minutes};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Stands still where it was put, until it is let go; from then on it shows the real time.
pub struct DemoClock {
    real: Arc<dyn Clock>,
    /// When the demo began, by the real clock.
    began: Moment,
    /// Where it was put; negative once it is let go.
    put: AtomicI64,
}

impl DemoClock {
    /// Begins at midnight, `days` days ago.
    pub fn days_ago(real: Arc<dyn Clock>, days: u32) -> Self {
        let began = real.now();
        let clock = Self { real, began, put: AtomicI64::new(0) };
        clock.put(days, 0, 0);
        clock
    }

    /// Shows this time of the day `days_ago`, which is at least yesterday: so the story ends before the
    /// real time goes on, and the log's clock never runs backwards.
    pub(super) fn put(&self, days_ago: u32, hour: u64, minute: u64) {
        let time = self.midnight(-i64::from(days_ago.max(1))).plus(minutes(hour * 60 + minute));
        self.put.fetch_max(time.micros(), Ordering::SeqCst);
    }

    /// Some minutes pass.
    pub(super) fn wait(&self, span: u64) {
        let later = self.now().plus(minutes(span));
        self.put.fetch_max(later.micros(), Ordering::SeqCst);
    }

    /// Midnight (UTC), so many days from the day the demo began.
    pub(super) fn midnight(&self, days: i64) -> Moment {
        Moment::from_micros(self.began.micros() / DAY * DAY + days * DAY)
    }

    /// Shows the real time from here on.
    pub fn let_go(&self) {
        self.put.store(-1, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Moment {
        match self.put.load(Ordering::SeqCst) {
            put @ 0.. => Moment::from_micros(put),
            _let_go => self.real.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Moment {
            "2026-11-23T12:00:00.000000Z".parse().unwrap()
        }
    }

    #[test]
    fn it_only_moves_forward_and_never_past_the_real_time() {
        let clock = DemoClock::days_ago(Arc::new(Noon), 35);
        assert_eq!(clock.now().to_string(), "2026-10-19T00:00:00.000000Z");
        clock.put(2, 8, 30);
        clock.put(3, 0, 0);
        assert_eq!(clock.now().to_string(), "2026-11-21T08:30:00.000000Z");
        clock.wait(45);
        assert_eq!(clock.now().to_string(), "2026-11-21T09:15:00.000000Z");
        clock.put(0, 23, 59);
        assert!(clock.now() < Noon.now());
        clock.let_go();
        assert_eq!(clock.now(), Noon.now());
    }
}
