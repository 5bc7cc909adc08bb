//! People: who is who, every word of it sealed.

use domain::actor::Actor;
use domain::fold::Recorded;
use domain::identity::doctor::Standing;
use domain::identity::registration::Registration;
use domain::identity::specialty::Specialty;
use domain::journal::Position;
use domain::personal_text::PersonalText;
use domain::time::Moment;

use super::verification_queue::read_standing;
use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Row, ask, ask_page, beyond, code, one_more};
use crate::read_model::{Need, ReadModel, Refused, sealed};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Table};

static PEOPLE: Table = Table {
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

const COLUMNS: &str = "SELECT p.account, p.position, p.event, p.registered_at, p.name, p.email, \
     p.birth_date, p.licence, p.issuer, p.specialty_text, p.specialty, q.standing FROM people p \
     LEFT JOIN verification_queue q ON 'doctor:' || q.doctor = p.account ";

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
        let query = Query::new(COLUMNS, [Cell::text(account)]).and("WHERE p.account = $1");
        ask(store, query).await?.first().map(read).transpose()
    }

    /// The doctors who may act, in the order of their registration.
    pub async fn verified_doctors(
        store: &dyn ReadStore,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<RegisteredPerson>, PortError> {
        let rows = Query::new(DIRECTORY, [beyond(after), one_more(limit)]);
        let total =
            Query::new("SELECT COUNT(*) FROM verification_queue WHERE standing = 'verified'", []);
        ask_page(store, (rows, total), limit, read, |person| person.position).await
    }
}

/// Starts from the queue, whose index knows the standing.
const DIRECTORY: &str = "SELECT p.account, p.position, p.event, p.registered_at, p.name, p.email, \
     p.birth_date, p.licence, p.issuer, p.specialty_text, p.specialty, q.standing FROM verification_queue q \
     JOIN people p ON p.account = 'doctor:' || q.doctor \
     WHERE q.standing = 'verified' AND q.position > $1 ORDER BY q.position LIMIT $2";

/// Reads the columns of a person, of which the first is `from`.
pub(crate) fn read_person(
    row: &Row,
    standing: Option<Standing>,
) -> Result<RegisteredPerson, PortError> {
    let account: Actor = row.parse(0)?;
    let at = |column, kind, pointer| row.sealed_if(column, 2, account.owner(), kind, pointer);
    let must = |column, kind, pointer| {
        Ok::<_, PortError>(SealedAt {
            owner: account.owner(),
            event: row.parse(2)?,
            pointer,
            kind,
            value: row.parse(column)?,
        })
    };
    Ok(RegisteredPerson {
        account,
        position: row.position(1)?,
        registered_at: row.moment(3)?,
        standing,
        name: must(4, WordKind::Name, "/data/name")?,
        email: must(5, WordKind::Private, "/data/email")?,
        birth_date: at(6, WordKind::Private, "/data/birth_date")?,
        licence: at(7, WordKind::Name, "/data/licence")?,
        issuer: at(8, WordKind::Name, "/data/issuer")?,
        specialty_text: at(9, WordKind::Name, "/data/specialty_text")?,
        specialty: row.code_if(10)?,
    })
}

fn read(row: &Row) -> Result<RegisteredPerson, PortError> {
    read_person(row, read_standing(row, 11)?)
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
