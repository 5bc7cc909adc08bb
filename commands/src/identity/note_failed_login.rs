//! A failed attempt to log in, remembered by where it came from.

use domain::identity::event::{Factor, LoginFailed};
use domain::identity::login::{Login, NextAttempt};
use domain::ids::{LoginHash, SourceHash, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, rejections};

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
        /// Many.
        Locked = TooSoon, "login_locked", "Too many failed attempts: this address is locked for you for a while.", "Wait until the lock ends; from elsewhere the account is not locked.";
    }
}

/// Judges an attempt before any password or code is looked at.
pub fn attempt_allowed(
    login: &Login,
    source: SourceHash,
    now: Moment,
) -> Result<(), crate::decide::Rejection> {
    match login.attempt(source, now) {
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
        match login.attempt(self.source, now) {
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

    #[test]
    fn failures_slow_down_then_lock_and_only_where_they_come_from() {
        let code =
            |count, source, now| attempt_allowed(&login(count), source, now).map_err(|r| r.code);
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
