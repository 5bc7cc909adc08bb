//! Open sessions: where an account is signed in, so that its owner can end what they do not know.

use domain::actor::Actor;
use domain::fact::Family;
use domain::fold::Recorded;
use domain::identity::event::{Client, SessionFact};
use domain::ids::{SessionId, StreamId};
use domain::journal::Position;
use domain::time::Moment;

use crate::answer::{Record, ask_page};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, before, code, one_more};
use crate::read_model::{Need, ReadModel, Refused};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Edit, Table, columns};

static SESSIONS: Table = Table {
    name: "sessions",
    columns: &[
        ("session", Text),
        ("position", Bigint),
        ("account", Text),
        ("client", Text),
        ("opened_at", Bigint),
        ("until", Bigint),
        ("ended_at", Bigint),
    ],
    key: 1,
    indexes: &[&["account", "position"]],
};

columns! { SESSIONS:
    SESSION = "session", POSITION = "position", ACCOUNT = "account", CLIENT = "client",
    OPENED_AT = "opened_at", UNTIL = "until", ENDED_AT = "ended_at",
}

/// The sessions of an account.
#[derive(Debug)]
pub struct OpenSessions;

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionEntry {
    /// Where its opening stands.
    pub position: Position,
    /// The session.
    pub session: SessionId,
    /// What holds it.
    pub client: Client,
    /// When it opened.
    pub opened_at: Moment,
    /// When it ends by itself.
    pub until: Moment,
}

impl OpenSessions {
    /// The sessions that `account` holds open at `now`, newest first.
    pub async fn of(
        store: &dyn ReadStore,
        account: Actor,
        now: Moment,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<SessionEntry>, PortError> {
        let open = Query::of(&SESSIONS)
            .is(ACCOUNT, Cell::text(account))
            .nothing_in(ENDED_AT)
            .above(UNTIL, now);
        let total = open.clone().count();
        let rows = open
            .below(POSITION, before(after))
            .descending(POSITION)
            .at_most_rows(one_more(limit))
            .columns(&[SESSION, POSITION, CLIENT, OPENED_AT, UNTIL]);
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }
}

fn read(row: &Record<'_>) -> Result<SessionEntry, PortError> {
    Ok(SessionEntry {
        session: row.parse(SESSION)?,
        position: row.position(POSITION)?,
        client: row.code(CLIENT)?,
        opened_at: row.moment(OPENED_AT)?,
        until: row.moment(UNTIL)?,
    })
}

impl ReadModel for OpenSessions {
    fn name(&self) -> &'static str {
        "open_sessions"
    }

    fn table(&self) -> &'static Table {
        &SESSIONS
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Every(Family::Session)]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let Some(fact) = recorded.fact.session() else { return Ok(()) };
        match fact {
            SessionFact::Opened(opened) => changes.put(
                &SESSIONS,
                [
                    ("session", Cell::text(opened.session)),
                    ("position", recorded.position.into()),
                    ("account", Cell::text(opened.account)),
                    ("client", code(&opened.client)),
                    ("opened_at", recorded.time.into()),
                    ("until", opened.until.into()),
                ],
            ),
            SessionFact::Ended(_) => {
                let StreamId::Session(session) = recorded.stream.id() else {
                    return Err(Refused("a session's fact stands on another stream"));
                };
                let ended_at = ("ended_at", Edit::Once(recorded.time.into()));
                changes.patch(&SESSIONS, vec![Cell::text(session)], [ended_at]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::identity::event::{SessionEnd, SessionEnded, SessionOpened};
    use domain::ids::StreamName;
    use domain::samples::{self, BO, SESSION, noon};
    use domain::time::minutes;

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn a_session_ends_once() {
        let bo = Actor::Doctor(BO);
        let stream = StreamName::session(SESSION);
        let until = noon().plus(minutes(30));
        let reason = SessionEnd::EndedElsewhere;
        let ended_again = SessionEnded { reason, ..samples::session_ended() };
        let given = GivenLog::default()
            .and(&stream, bo, SessionOpened { until, ..samples::session_opened() })
            .and(&stream, bo, samples::session_ended())
            .and(&stream, bo, ended_again);
        assert_eq!(
            given.rows(&OpenSessions),
            ["session=#5e position=0 account=doctor:#b client=browser opened_at=+0 until=+30 \
              ended_at=+1"]
        );
    }
}
