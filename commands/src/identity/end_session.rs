//! A session ends before its time: logout, ended from elsewhere, or its refresh token was used twice.

use domain::actor::Actor;
use domain::identity::event::{SessionEnd, SessionEnded};
use domain::identity::session::Session;
use domain::ids::{Owner, SessionId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, rejections};

/// Ends one session: its secrets are of no use from then on.
#[derive(Debug, Clone)]
pub struct EndSession {
    /// The one that ends, not necessarily the one that asks.
    pub session: SessionId,
    /// Whose it must be.
    pub account: Actor,
    /// Why.
    pub reason: SessionEnd,
}

rejections! {
    /// Why a session cannot be ended.
    EndSessionRejection {
        /// Unknown, or somebody else's.
        NoSuchSession = NotFound, "no_such_session", "There is no such session.", "Choose from your sessions.";
    }
}

impl Command for EndSession {
    type States = (Session,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::session(self.session)]
    }

    fn owner(&self) -> Owner {
        self.account.owner()
    }

    fn decide(&self, (session,): (&Session,), now: Moment) -> Decision<Self::Done> {
        let mine = session.opened.as_ref().is_some_and(|open| open.account == self.account);
        if !mine {
            return Err(EndSessionRejection::NoSuchSession.into());
        }
        if !session.is_open_for(self.account, now) {
            return Ok(Decided::Already(()));
        }
        Ok(Decided::record(SessionEnded { reason: self.reason }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::samples::{self, ANA, BO, SESSION};
    use domain::time::minutes;

    const END: EndSession =
        EndSession { session: SESSION, account: Actor::Doctor(BO), reason: SessionEnd::Logout };

    #[test]
    fn a_session_ends_once_and_ending_it_twice_adds_nothing() {
        let open = given().session(Actor::Doctor(BO));
        open.when(&END).then(&[samples::session_ended().into()]);
        open.twice::<EndSession>(Actor::Doctor(BO), &END);
        given().session(Actor::Doctor(BO)).later(minutes(720)).when(&END).then_nothing();
    }

    #[test]
    fn somebody_elses_session_does_not_exist() {
        let mine = EndSession { account: Actor::Patient(ANA), ..END };
        given().session(Actor::Doctor(BO)).when(&mine).refused("no_such_session");
        given().when(&END).refused("no_such_session");
    }
}
