//! People: who is who, every word of it sealed.

pub mod opened;

use domain::actor::Actor;
use domain::fold::Recorded;
use domain::identity::doctor::Standing;
use domain::identity::registration::Registration;
use domain::identity::specialty::Specialty;
use domain::ids::Owner;
use domain::journal::Position;
use domain::personal_text::PersonalText;
use domain::time::Moment;

pub(crate) use super::verification_queue::read_standing;
use super::verification_queue::{self as queue, QUEUE};
use crate::answer::{Record, ask, ask_page};
use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Term, beyond, code, one_more};
use crate::read_model::{Need, ReadModel, Refused, sealed};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Column, Table, columns};

pub(crate) static PEOPLE: Table = Table {
    name: "people",
    columns: &[
        ("account", Text),
        ("position", Bigint),
        ("event", Text),
        ("registered_at", Bigint),
        ("name", Text),
        ("email", Text),
        ("birth_date", Text),
        ("licence", Text),
        ("issuer", Text),
        ("specialty", Text),
        ("specialty_text", Text),
    ],
    key: 1,
    indexes: &[],
};

columns! { PEOPLE:
    ACCOUNT = "account", POSITION = "position", EVENT = "event", REGISTERED_AT = "registered_at",
    NAME = "name", EMAIL = "email", BIRTH_DATE = "birth_date", LICENCE = "licence",
    ISSUER = "issuer", SPECIALTY = "specialty", SPECIALTY_TEXT = "specialty_text",
}

/// What [`read_person`] reads, and a doctor's standing beside it.
pub(crate) const PERSON: [Column; 12] = [
    ACCOUNT,
    POSITION,
    EVENT,
    REGISTERED_AT,
    NAME,
    EMAIL,
    BIRTH_DATE,
    LICENCE,
    ISSUER,
    SPECIALTY_TEXT,
    SPECIALTY,
    queue::STANDING,
];

/// A doctor in the queue is the account of this name.
pub(crate) const OF_THE_QUEUE: (Term, Term) =
    (Term::Column(ACCOUNT), Term::Prefixed("doctor:", queue::DOCTOR));

/// The people of the organisation.
#[derive(Debug)]
pub struct People;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredPerson {
    /// Where the registration stands.
    pub position: Position,
    /// The account: role and id.
    pub account: Actor,
    /// When they registered.
    pub registered_at: Moment,
    /// A doctor's standing.
    pub standing: Option<Standing>,
    /// Full name.
    pub name: SealedAt,
    /// E-mail address.
    pub email: SealedAt,
    /// A patient's birth date.
    pub birth_date: Option<SealedAt>,
    /// A doctor's licence number.
    pub licence: Option<SealedAt>,
    /// Who issued the licence.
    pub issuer: Option<SealedAt>,
    /// A doctor's group of specialties.
    pub specialty: Option<Specialty>,
    /// A doctor's specialty in their own words.
    pub specialty_text: Option<SealedAt>,
}

impl People {
    /// The person behind an account.
    pub async fn find(
        store: &dyn ReadStore,
        account: Actor,
    ) -> Result<Option<RegisteredPerson>, PortError> {
        let query = Query::of(&PEOPLE)
            .left_join(&QUEUE, [OF_THE_QUEUE])
            .is(ACCOUNT, Cell::text(account))
            .columns(&PERSON);
        ask(store, query).await?.records().next().map(|row| read(&row)).transpose()
    }

    /// The doctors who may act, in the order of their registration.
    pub async fn verified_doctors(
        store: &dyn ReadStore,
        specialty: Option<Specialty>,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<RegisteredPerson>, PortError> {
        // Starts from the queue, whose index knows the standing.
        let verified = queue::those_of(Standing::Verified).join(&PEOPLE, [OF_THE_QUEUE]);
        let verified = match specialty {
            Some(specialty) => verified.is(SPECIALTY, code(&specialty)),
            None => verified,
        };
        let total = verified.clone().count();
        let rows = verified
            .above(queue::POSITION, beyond(after))
            .ascending(queue::POSITION)
            .at_most_rows(one_more(limit))
            .columns(&PERSON);
        ask_page(store, (rows, total), limit, read, |person| person.position).await
    }
}

/// Reads the name in a row that joined it, of whoever's key seals it; none of somebody unknown.
pub(crate) fn read_name(row: &Record<'_>, owner: Owner) -> Result<Option<SealedAt>, PortError> {
    row.sealed_if(NAME, EVENT, owner, WordKind::Name, "/data/name")
}

/// Joins the standing of whoever a row joined as a person.
pub(crate) fn with_standing(query: Query) -> Query {
    query.left_join(&QUEUE, [OF_THE_QUEUE])
}

/// The column that [`with_standing`] joins.
pub(crate) const STANDING: Column = queue::STANDING;

/// Whether the person in a row that joined the standing is a doctor whom nobody ever verified: what
/// a stranger calls themselves is shown to no patient.
pub(crate) fn is_unverified(row: &Record<'_>) -> Result<bool, PortError> {
    Ok(match read_standing(row)? {
        Some(Standing::Unknown | Standing::Pending | Standing::Rejected) => true,
        Some(Standing::Verified | Standing::Suspended) | None => false,
    })
}

/// Reads a person of the columns [`PERSON`].
pub(crate) fn read_person(
    row: &Record<'_>,
    standing: Option<Standing>,
) -> Result<RegisteredPerson, PortError> {
    let account: Actor = row.parse(ACCOUNT)?;
    let at = |column, kind, pointer| row.sealed_if(column, EVENT, account.owner(), kind, pointer);
    let must = |column, kind, pointer| {
        Ok::<_, PortError>(SealedAt {
            owner: account.owner(),
            event: row.parse(EVENT)?,
            pointer,
            kind,
            value: row.parse(column)?,
        })
    };
    Ok(RegisteredPerson {
        account,
        position: row.position(POSITION)?,
        registered_at: row.moment(REGISTERED_AT)?,
        standing,
        name: must(NAME, WordKind::Name, "/data/name")?,
        email: must(EMAIL, WordKind::Private, "/data/email")?,
        birth_date: at(BIRTH_DATE, WordKind::Private, "/data/birth_date")?,
        licence: at(LICENCE, WordKind::Name, "/data/licence")?,
        issuer: at(ISSUER, WordKind::Name, "/data/issuer")?,
        specialty_text: at(SPECIALTY_TEXT, WordKind::Name, "/data/specialty_text")?,
        specialty: row.code_if(SPECIALTY)?,
    })
}

fn read(row: &Record<'_>) -> Result<RegisteredPerson, PortError> {
    read_person(row, read_standing(row)?)
}

impl ReadModel for People {
    fn name(&self) -> &'static str {
        "people"
    }

    fn table(&self) -> &'static Table {
        &PEOPLE
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Only(&Registration::TYPES)]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let Some(registration) = Registration::of(&recorded.fact) else { return Ok(()) };
        let if_any = |words: Option<&PersonalText>| words.map_or(Ok(Cell::Null), sealed);
        let specialty = registration.specialty;
        changes.put(
            &PEOPLE,
            [
                ("account", Cell::text(registration.account)),
                ("position", recorded.position.into()),
                ("event", Cell::text(recorded.id)),
                ("registered_at", recorded.time.into()),
                ("name", sealed(registration.name)?),
                ("email", sealed(registration.email)?),
                ("birth_date", if_any(registration.birth_date)?),
                ("licence", if_any(registration.licence)?),
                ("issuer", if_any(registration.issuer)?),
                ("specialty", specialty.map_or(Cell::Null, |specialty| code(&specialty))),
                ("specialty_text", if_any(registration.specialty_text)?),
            ],
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::StreamName;
    use domain::samples::{self, ANA, BO};

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn every_word_about_a_person_stays_sealed() {
        let ana = StreamName::patient(ANA);
        let bo = StreamName::doctor(BO);
        let given = GivenLog::default()
            .and(&ana, Actor::System, samples::patient_registered())
            .and(&bo, Actor::System, samples::doctor_registered());
        assert_eq!(
            given.rows(&People),
            [
                "account=doctor:#b position=1 event=#e01 registered_at=+1 name=bo email=bo-at \
                 licence=licence issuer=issuer specialty=radiology specialty_text=specialty",
                "account=patient:#a position=0 event=#e00 registered_at=+0 name=ana email=ana-at \
                 birth_date=born",
            ]
        );
    }
}
