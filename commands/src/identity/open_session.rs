//! A session opens: password and second factor were right, the secret is durable.

use domain::actor::Actor;
use domain::identity::event::{Client, SessionOpened};
use domain::identity::session::Session;
use domain::ids::{Owner, PracticeId, SessionId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision};

/// Opens a session for an account that has shown who it is.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Freshly drawn; its stream begins with this.
    pub session: SessionId,
    /// Whose.
    pub account: Actor,
    /// What holds it.
    pub client: Client,
    /// The practice it is for.
    pub practice: Option<PracticeId>,
    /// When it ends by itself.
    pub until: Moment,
}

impl Command for OpenSession {
    type States = (Session,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::session(self.session)]
    }

    /// A session's stream belongs to the person: its key dies with theirs.
    fn owner(&self) -> Owner {
        self.account.owner()
    }

    fn decide(&self, (session,): (&Session,), _now: Moment) -> Decision<Self::Done> {
        if session.opened.is_some() {
            return Ok(Decided::Already(()));
        }
        let opened = SessionOpened {
            session: self.session,
            account: self.account,
            client: self.client,
            practice: self.practice,
            until: self.until,
        };
        Ok(Decided::record(opened))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::given;
    use domain::samples::{ANA, SESSION, noon};
    use domain::time::minutes;

    #[test]
    fn doing_it_twice_adds_nothing() {
        let session = SESSION;
        let account = Actor::Patient(ANA);
        let until = noon().plus(minutes(60));
        let client = Client::Browser;
        let open = OpenSession { session, account, client, practice: None, until };
        given().when(&open).then_kinds(&["identity.session_opened.v1"]);
        given().twice::<OpenSession>(account, &open);
    }
}
