//! A failed attempt to log in, remembered by where it came from.

use domain::identity::event::{Factor, LoginFailed};
use domain::identity::login::{Login, NextAttempt};
use domain::ids::{LoginHash, SourceHash, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, Rejection, rejections};

/// Counts a wrong password; many of them slow an address down, then lock it.
#[derive(Debug, Clone)]
pub struct NoteFailedLogin {
    /// Keyed hash of the address.
    pub address: LoginHash,
    /// Keyed hash of where it came from.
    pub source: SourceHash,
    /// What was wrong.
    pub factor: Factor,
}

rejections! {
    /// Why an attempt is not even made.
    LoginRejection {
        /// A few failures in a row.
        SlowDown = TooSoon, "login_slowed", "Too many failed attempts in a row.", "Wait a moment and try again.";
        /// Many, from anywhere.
        Crowded = TooSoon, "login_crowded", "Many attempts to log in with this address have failed, from different places.", "Wait as long as the answer says and try again; from where you have logged in before you need not wait.";
        /// Many from one place.
        Locked = TooSoon, "login_locked", "Too many failed attempts: this address is locked for you for a while.", "Wait until the lock ends; from elsewhere the account is not locked.";
    }
}

/// Judges an attempt before any password or code is looked at.
pub fn attempt_allowed(
    login: &Login,
    (source, factor): (SourceHash, Factor),
    now: Moment,
) -> Result<(), Rejection> {
    match login.attempt(source, factor, now) {
        NextAttempt::Allowed => Ok(()),
        NextAttempt::SlowedUntil(then) => {
            Err(LoginRejection::SlowDown.rejection().after(then.since(now)))
        }
        NextAttempt::LockedUntil(then) => {
            Err(LoginRejection::Locked.rejection().after(then.since(now)))
        }
    }
}

impl Command for NoteFailedLogin {
    type States = (Login,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::login(&self.address)]
    }

    /// An attempt that raced another past the limit adds nothing: the lock is there already.
    fn decide(&self, (login,): (&Login,), now: Moment) -> Decision<Self::Done> {
        match login.attempt(self.source, self.factor, now) {
            NextAttempt::LockedUntil(_) => Ok(Decided::Already(())),
            NextAttempt::Allowed | NextAttempt::SlowedUntil(_) => {
                Ok(Decided::record(LoginFailed { source: self.source, factor: self.factor }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Given, given};
    use domain::actor::Actor;
    use domain::identity::login::FAILURES_MAX;
    use domain::samples::{self, noon};
    use domain::time::minutes;

    const HERE: SourceHash = SourceHash([1; 16]);
    const ELSEWHERE: SourceHash = SourceHash([2; 16]);
    const FAILED: NoteFailedLogin =
        NoteFailedLogin { address: LoginHash([3; 32]), source: HERE, factor: Factor::Password };

    fn failures(count: usize) -> Given {
        (0..count).fold(given(), |given, _| given.done(Actor::System, &FAILED))
    }

    fn login(count: usize) -> Login {
        use domain::fold::Fold as _;
        let mut login = Login::default();
        for _ in 0..count {
            let stream = StreamName::login(&FAILED.address);
            let failed = samples::login_failed();
            login.evolve(&samples::recorded(stream, Actor::System, failed));
        }
        login
    }

    #[test]
    fn a_failure_is_an_event_and_the_lock_ends_the_counting() {
        failures(1).when(&FAILED).then_kinds(&["identity.login_failed.v1"]);
        failures(FAILURES_MAX).when(&FAILED).then_nothing();
        failures(FAILURES_MAX)
            .later(minutes(15))
            .when(&FAILED)
            .then_kinds(&["identity.login_failed.v1"]);
    }

    fn code_of(login: &Login, who: (SourceHash, Factor), now: Moment) -> Result<(), &'static str> {
        attempt_allowed(login, who, now).map_err(|rejection| rejection.code)
    }

    #[test]
    fn wrong_passwords_do_not_lock_the_code_that_the_right_one_earned() {
        assert_eq!(code_of(&login(10), (HERE, Factor::Password), noon()), Err("login_locked"));
        assert_eq!(code_of(&login(10), (HERE, Factor::Otp), noon()), Ok(()));
    }

    #[test]
    fn strangers_wait_once_many_failed_anywhere_and_never_for_ever() {
        let seconds = |count, unjudged, source| {
            let wait = login(count).stranger_waits((source, Factor::Password), unjudged, noon());
            wait.map(|wait| wait.as_secs())
        };
        assert_eq!(seconds(29, 0, ELSEWHERE), None);
        assert_eq!(seconds(30, 0, ELSEWHERE), Some(30));
        assert_eq!(seconds(10, 20, ELSEWHERE), Some(30), "what is not judged yet counts");
        assert_eq!(seconds(31, 0, HERE), Some(15 * 60), "at most as long as a lock");
        assert_eq!(seconds(10_000, 0, ELSEWHERE), Some(30), "whatever others do");
    }

    #[test]
    fn failures_slow_down_then_lock_and_only_where_they_come_from() {
        let code = |count, source, now| code_of(&login(count), (source, Factor::Password), now);
        assert_eq!(code(3, HERE, noon()), Ok(()));
        assert_eq!(code(4, HERE, noon()), Err("login_slowed"));
        assert_eq!(code(4, HERE, noon().plus(std::time::Duration::from_secs(2))), Ok(()));
        assert_eq!(code(10, HERE, noon().plus(minutes(14))), Err("login_locked"));
        assert_eq!(code(10, HERE, noon().plus(minutes(15))), Ok(()));
        assert_eq!(
            code(10, ELSEWHERE, noon()),
            Ok(()),
            "nobody can lock a doctor out from elsewhere"
        );
    }
}
