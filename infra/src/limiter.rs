//! Throttling in memory: how often a source or an address may ask.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commands::ports::world::{Clock, LetterKind, Limiter, Throttle};
use domain::time::Moment;
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::Deserialize;

/// A steady rate and how much may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many a minute in the long run.
    pub per_minute: NonZeroU32,
    /// How many at once after a quiet time.
    pub burst: NonZeroU32,
}

/// The rate of each kind of throttle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Any request, per source. A whole practice may stand behind one address.
    pub request: Rate,
    /// Registrations, log-ins and answers to challenges, each by itself, per source.
    pub identity: Rate,
    /// Letters, per address, each kind by itself.
    pub letter: Rate,
    /// View tokens, per account.
    pub view_token: Rate,
    /// Announced reports, per account.
    pub upload: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |per_minute: u32, burst: u32| Rate {
            per_minute: NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN),
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
        };
        Self {
            request: rate(6_000, 1_000),
            identity: rate(60, 60),
            letter: rate(1, 10),
            view_token: rate(60, 60),
            upload: rate(60, 60),
        }
    }
}

/// A token bucket for every key. State lives in memory: after a restart everybody has a full bucket.
pub struct GovernorLimiter {
    request: Buckets,
    registration: Buckets,
    log_in: Buckets,
    code: Buckets,
    letter_to_register: Buckets,
    letter_to_log_in: Buckets,
    letter_to_step_up: Buckets,
    view_token: Buckets,
    upload: Buckets,
    clock: Elapsed,
}

impl GovernorLimiter {
    /// Limits by `rates`, by what `clock` says has passed.
    pub fn new(rates: &Rates, clock: Arc<dyn Clock>) -> Self {
        let clock = Elapsed::new(clock);
        let buckets = |rate| Buckets::new(rate, clock.clone());
        Self {
            request: buckets(rates.request),
            registration: buckets(rates.identity),
            log_in: buckets(rates.identity),
            code: buckets(rates.identity),
            letter_to_register: buckets(rates.letter),
            letter_to_log_in: buckets(rates.letter),
            letter_to_step_up: buckets(rates.letter),
            view_token: buckets(rates.view_token),
            upload: buckets(rates.upload),
            clock,
        }
    }
}

impl Limiter for GovernorLimiter {
    fn take(&self, what: Throttle, key: &[u8]) -> Result<u32, Duration> {
        let buckets = match what {
            Throttle::Request => &self.request,
            Throttle::Registration => &self.registration,
            Throttle::LogIn => &self.log_in,
            Throttle::Code => &self.code,
            Throttle::Letter(LetterKind::Registration) => &self.letter_to_register,
            Throttle::Letter(LetterKind::LogIn) => &self.letter_to_log_in,
            Throttle::Letter(LetterKind::StepUp) => &self.letter_to_step_up,
            Throttle::ViewToken => &self.view_token,
            Throttle::Upload => &self.upload,
        };
        buckets.take(key, &self.clock)
    }
}

type BucketKey = [u8; 16];

/// Above so many buckets of a kind, everybody shares [`SHARED_BUCKETS`]: memory stays bounded whatever comes.
const BUCKETS_MAX: usize = 1_000_000;
const SHARED_BUCKETS: u16 = 4_096;
const SWEEP_EVERY_MIN: usize = 16_384;

struct Buckets {
    limiter:
        RateLimiter<BucketKey, DashMapStateStore<BucketKey>, Elapsed, StateInformationMiddleware>,
    sweep: Mutex<Sweep>,
}

/// When full buckets are thrown out next. Sweeping walks the whole map, so it runs once per as many takes as
/// the map can have grown by.
struct Sweep {
    takes_left: usize,
    shared: bool,
}

impl Buckets {
    fn new(rate: Rate, clock: Elapsed) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), clock);
        let sweep = Mutex::new(Sweep { takes_left: SWEEP_EVERY_MIN, shared: false });
        Self { limiter, sweep }
    }

    fn take(&self, key: &[u8], clock: &Elapsed) -> Result<u32, Duration> {
        let mut short = BucketKey::default();
        short.copy_from_slice(&blake3::hash(key).as_bytes()[..16]);
        if self.must_share() {
            let bucket = u16::from_be_bytes([short[0], short[1]]) % SHARED_BUCKETS;
            short = BucketKey::default();
            short[..2].copy_from_slice(&bucket.to_be_bytes());
        }
        let taken = self.limiter.check_key(&short);
        taken
            .map(|left| left.remaining_burst_capacity())
            .map_err(|early| early.wait_time_from(clock.now()))
    }

    fn must_share(&self) -> bool {
        let mut sweep = self.sweep.lock().unwrap_or_else(PoisonError::into_inner);
        sweep.takes_left -= 1;
        if sweep.takes_left == 0 {
            self.limiter.retain_recent();
            let kept = self.limiter.len();
            let room = BUCKETS_MAX.saturating_sub(kept);
            sweep.shared = room < SWEEP_EVERY_MIN;
            sweep.takes_left =
                if sweep.shared { BUCKETS_MAX / 8 } else { room.min(kept.max(SWEEP_EVERY_MIN)) };
        }
        sweep.shared
    }
}

/// Time that has passed, never backwards: when the wall clock is set back, nothing passes, and nobody waits
/// the difference out.
#[derive(Clone)]
struct Elapsed {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<(Moment, Duration)>>,
}

impl Elapsed {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let state = Arc::new(Mutex::new((clock.now(), Duration::ZERO)));
        Self { clock, state }
    }
}

impl GovernorClock for Elapsed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, passed) = *state;
        let now = self.clock.now();
        *state = (now, passed + now.since(last));
        state.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const LETTER: Throttle = Throttle::Letter(LetterKind::LogIn);

    fn limiter() -> (GovernorLimiter, ManualClock) {
        let clock = ManualClock::at("2026-11-23T08:00:00.000000Z".parse().unwrap());
        (GovernorLimiter::new(&Rates::default(), Arc::new(clock.clone())), clock)
    }

    fn taken(limiter: &GovernorLimiter, what: Throttle, key: &[u8]) -> usize {
        (0..10_000).take_while(|_| limiter.take(what, key).is_ok()).count()
    }

    #[test]
    fn each_kind_and_key_has_its_own_burst() {
        let (limiter, _) = limiter();
        assert_eq!(taken(&limiter, LETTER, b"ana"), 10);
        assert_eq!(taken(&limiter, LETTER, b"bo"), 10);
        assert_eq!(taken(&limiter, Throttle::LogIn, b"ana"), 60);
        assert_eq!(taken(&limiter, Throttle::Request, b"ana"), 1_000);
    }

    #[test]
    fn it_says_how_many_are_left() {
        let (limiter, clock) = limiter();
        for left in (0..10).rev() {
            assert_eq!(limiter.take(LETTER, b"ana"), Ok(left));
        }
        clock.forward(Duration::from_secs(180));
        assert_eq!(limiter.take(LETTER, b"ana"), Ok(2));
    }

    #[test]
    fn each_purpose_has_a_budget_of_its_own() {
        let (limiter, _) = limiter();
        let letters = [LetterKind::Registration, LetterKind::LogIn, LetterKind::StepUp];
        for kind in letters.map(Throttle::Letter) {
            assert_eq!(taken(&limiter, kind, b"ana"), 10, "{kind:?}");
        }
        for kind in [Throttle::Registration, Throttle::LogIn, Throttle::Code] {
            assert_eq!(taken(&limiter, kind, b"here"), 60, "{kind:?}");
        }
    }

    #[test]
    fn it_says_how_long_to_wait_and_keeps_its_word() {
        let (limiter, clock) = limiter();
        taken(&limiter, LETTER, b"ana");
        let wait = limiter.take(LETTER, b"ana").unwrap_err();
        assert_eq!(wait, Duration::from_secs(60));
        clock.forward(wait - Duration::from_secs(1));
        assert_eq!(limiter.take(LETTER, b"ana"), Err(Duration::from_secs(1)));
        clock.forward(Duration::from_secs(1));
        assert_eq!(limiter.take(LETTER, b"ana"), Ok(0));
        assert!(limiter.take(LETTER, b"ana").is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (limiter, clock) = limiter();
        taken(&limiter, LETTER, b"ana");
        clock.back(Duration::from_secs(86_400));
        assert_eq!(limiter.take(LETTER, b"ana"), Err(Duration::from_secs(60)));
        clock.forward(Duration::from_secs(60));
        assert_eq!(limiter.take(LETTER, b"ana"), Ok(0));
    }

    #[test]
    fn buckets_that_are_full_again_are_thrown_out() {
        let (limiter, clock) = limiter();
        for source in 0..300_000_u32 {
            clock.forward(Duration::from_millis(10));
            assert_eq!(limiter.take(Throttle::Request, &source.to_be_bytes()), Ok(999));
        }
        let kept = limiter.request.limiter.len();
        assert!(kept <= 2 * SWEEP_EVERY_MIN, "{kept}");
    }

    #[test]
    fn a_flood_of_strangers_shares_buckets_and_memory_stays_bounded() {
        let (limiter, _) = limiter();
        for source in 0..1_200_000_u32 {
            let _ = limiter.take(LETTER, &source.to_be_bytes());
        }
        let kept = limiter.letter_to_log_in.limiter.len();
        assert!(kept <= BUCKETS_MAX + usize::from(SHARED_BUCKETS), "{kept}");
    }
}
