//! The verification queue: doctors by their standing, those who wait longest first. A doctor whose
//! address does not name them yet is in no list: anybody can register, and nobody could log in.

pub mod opened;

use domain::actor::Actor;
use domain::fact::{FactBody as _, Family};
use domain::fold::Recorded;
use domain::identity::doctor::Standing;
use domain::identity::event::LoginClaimed;
use domain::ids::{DoctorId, EventId, StreamId};
use domain::journal::Position;
use domain::personal_text::PersonalText;
use domain::time::Moment;

use super::people::{OF_THE_QUEUE, PEOPLE, PERSON, RegisteredPerson, read_person};
use crate::answer::{Record, ask, ask_page};
use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, beyond, one_more};
use crate::read_model::{Need, ReadModel, Refused, sealed};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Edit, Table, columns};

pub(super) static QUEUE: Table = Table {
    name: "verification_queue",
    columns: &[
        ("doctor", Text),
        ("position", Bigint),
        ("standing", Text),
        // Whether their address names them.
        ("confirmed", Bigint),
        ("since", Bigint),
        ("note", Text),
        ("note_event", Text),
        ("note_member", Text),
    ],
    key: 1,
    indexes: &[&["standing", "confirmed", "position"]],
};

columns! { QUEUE:
    DOCTOR = "doctor", POSITION = "position", STANDING = "standing", CONFIRMED = "confirmed",
    SINCE = "since",
    NOTE = "note", NOTE_EVENT = "note_event", NOTE_MEMBER = "note_member",
}

/// Doctors by standing.
#[derive(Debug)]
pub struct VerificationQueue;

/// A doctor in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    /// Where the registration stands.
    pub position: Position,
    /// The doctor.
    pub doctor: DoctorId,
    /// Where the doctor stands now.
    pub standing: Standing,
    /// Since when.
    pub since: Moment,
    /// What the admin noted with the decision that gave it.
    pub note: Option<SealedAt>,
    /// Who they are: name, licence, issuer, specialty.
    pub person: RegisteredPerson,
}

impl VerificationQueue {
    /// The doctors of a standing, oldest registration first.
    pub async fn of(
        store: &dyn ReadStore,
        standing: Standing,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<QueueEntry>, PortError> {
        let of_standing = those_of(standing);
        let total = of_standing.clone().count();
        let rows = whole(of_standing)
            .above(POSITION, beyond(after))
            .ascending(POSITION)
            .at_most_rows(one_more(limit));
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }

    /// One doctor, wherever they stand; none whose address does not name them.
    pub async fn one(
        store: &dyn ReadStore,
        doctor: DoctorId,
    ) -> Result<Option<QueueEntry>, PortError> {
        let query = whole(Query::of(&QUEUE).is(DOCTOR, Cell::text(doctor)).is(CONFIRMED, 1_u32));
        ask(store, query).await?.records().next().map(|row| read(&row)).transpose()
    }
}

/// The confirmed doctors of a standing.
pub(super) fn those_of(standing: Standing) -> Query {
    Query::of(&QUEUE).is(STANDING, standing.code()).is(CONFIRMED, 1_u32)
}

/// What an entry is read of: where the doctor stands, and who they are.
fn whole(query: Query) -> Query {
    let own = [DOCTOR, POSITION, SINCE, NOTE, NOTE_EVENT, NOTE_MEMBER];
    query.join(&PEOPLE, [OF_THE_QUEUE]).columns(&[&PERSON[..], &own].concat())
}

fn read(row: &Record<'_>) -> Result<QueueEntry, PortError> {
    let standing = read_standing(row)?.unwrap_or_default();
    let person = read_person(row, Some(standing))?;
    let pointer = match row.text_if(NOTE_MEMBER)? {
        Some("evidence") => "/data/evidence",
        Some(_) | None => "/data/reason",
    };
    let owner = person.account.owner();
    Ok(QueueEntry {
        position: row.position(POSITION)?,
        doctor: row.parse(DOCTOR)?,
        standing,
        since: row.moment(SINCE)?,
        note: row.sealed_if(NOTE, NOTE_EVENT, owner, WordKind::Name, pointer)?,
        person,
    })
}

/// Reads a standing; none where the person is no doctor.
pub(crate) fn read_standing(row: &Record<'_>) -> Result<Option<Standing>, PortError> {
    let text = row.text_if(STANDING)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

impl ReadModel for VerificationQueue {
    fn name(&self) -> &'static str {
        "verification_queue"
    }

    fn table(&self) -> &'static Table {
        &QUEUE
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Every(Family::Doctor), Need::Only(&[LoginClaimed::TYPE])]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        if let Some(claimed) = recorded.fact.body::<LoginClaimed>() {
            confirmed(claimed, changes);
            return Ok(());
        }
        let Some(fact) = recorded.fact.doctor() else { return Ok(()) };
        let StreamId::Doctor(doctor) = recorded.stream.id() else {
            return Err(Refused("a doctor's fact stands on another stream"));
        };
        let Some(standing) = fact.standing() else { return Ok(()) };
        match fact.note() {
            Some(note) => decided(doctor, standing, recorded, note, changes),
            // A registration is nobody's decision.
            None => {
                changes.put(
                    &QUEUE,
                    [
                        ("doctor", Cell::text(doctor)),
                        ("position", recorded.position.into()),
                        ("standing", standing.code().into()),
                        ("confirmed", 0_u32.into()),
                        ("since", recorded.time.into()),
                    ],
                );
                Ok(())
            }
        }
    }
}

fn confirmed(claimed: &LoginClaimed, changes: &mut Changes) {
    match claimed.account {
        Actor::Doctor(doctor) => {
            let key = vec![Cell::text(doctor)];
            changes.patch(&QUEUE, key, [("confirmed", Edit::Set(1_u32.into()))]);
        }
        Actor::Patient(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => {}
    }
}

fn decided(
    doctor: DoctorId,
    standing: Standing,
    recorded: &Recorded,
    (member, note): (&'static str, &PersonalText),
    changes: &mut Changes,
) -> Result<(), Refused> {
    let event: EventId = recorded.id;
    let note = sealed(note)?;
    changes.patch(
        &QUEUE,
        vec![Cell::text(doctor)],
        [
            ("standing", Edit::Set(standing.code().into())),
            ("since", Edit::Set(recorded.time.into())),
            ("note", Edit::Set(note)),
            ("note_event", Edit::Set(Cell::text(event))),
            ("note_member", Edit::Set(member.into())),
        ],
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::ids::{LoginHash, StreamName};
    use domain::samples::{self, BO, CY};

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn a_standing_says_since_when_and_by_which_note() {
        let bo = StreamName::doctor(BO);
        let cy = Actor::Admin(CY);
        let given = GivenLog::default().and(&bo, Actor::System, samples::doctor_registered());
        let registered = ["doctor=#b position=0 standing=pending confirmed=0 since=+0"];
        assert_eq!(given.rows(&VerificationQueue), registered);
        let address = StreamName::login(&LoginHash([3; 32]));
        let claimed = LoginClaimed { account: Actor::Doctor(BO) };
        let given = given.and(&address, Actor::Doctor(BO), claimed);
        let confirmed = ["doctor=#b position=0 standing=pending confirmed=1 since=+0"];
        assert_eq!(given.rows(&VerificationQueue), confirmed);
        let given = given.and(&bo, cy, samples::doctor_verified());
        let verified = "doctor=#b position=0 standing=verified confirmed=1 since=+2 note=evidence \
                        note_event=#e02 note_member=evidence";
        assert_eq!(given.rows(&VerificationQueue), [verified]);
        let given = given.and(&bo, cy, samples::doctor_suspended());
        let suspended = "doctor=#b position=0 standing=suspended confirmed=1 since=+3 note=reason \
                         note_event=#e03 note_member=reason";
        assert_eq!(given.rows(&VerificationQueue), [suspended]);
    }
}
