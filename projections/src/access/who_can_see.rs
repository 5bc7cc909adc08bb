//! Who can see my record: a patient's consents, and where each stands now.

pub mod opened;

use domain::access::event::RecordViewed;
use domain::consent::event::{ConsentGranted, ConsentRevoked};
use domain::consent::grantee::Grantee;
use domain::consent::state::{Consent, Effect};
use domain::fact::{FactBody as _, Family};
use domain::fold::Recorded;
use domain::ids::{ConsentId, PatientId};
use domain::journal::Position;
use domain::time::{Moment, Period};

use crate::answer::{Record, ask};
use crate::consent::kept_shut::{KeptShut, ShutOut};
use crate::identity::people::{self, PEOPLE};
use crate::personal_text::SealedAt;
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Term, code, json};
use crate::read_model::{Need, ReadModel, Refused, patient_of};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Column, Edit, Table, columns};

/// Every consent and what became of it.
pub(crate) static CONSENTS: Table = Table {
    name: "consents",
    columns: &[
        ("patient", Text),
        ("consent", Text),
        ("position", Bigint),
        ("granted_at", Bigint),
        ("grantee", Text),
        ("scope", Text),
        ("exceptions", Text),
        ("purpose", Text),
        ("valid_from", Bigint),
        ("valid_until", Bigint),
        ("views_max", Bigint),
        ("step_up", Text),
        ("views", Bigint),
        ("revoked_at", Bigint),
    ],
    key: 2,
    indexes: &[&["grantee", "patient"]],
};

columns! { CONSENTS:
    PATIENT = "patient", CONSENT = "consent", POSITION = "position", GRANTED_AT = "granted_at",
    GRANTEE = "grantee", SCOPE = "scope", EXCEPTIONS = "exceptions", PURPOSE = "purpose",
    VALID_FROM = "valid_from", VALID_UNTIL = "valid_until", VIEWS_MAX = "views_max",
    STEP_UP = "step_up", VIEWS = "views", REVOKED_AT = "revoked_at",
}

/// What [`read_consent`] reads.
const COLUMNS: [Column; 14] = [
    PATIENT,
    CONSENT,
    POSITION,
    GRANTED_AT,
    GRANTEE,
    SCOPE,
    EXCEPTIONS,
    PURPOSE,
    VALID_FROM,
    VALID_UNTIL,
    VIEWS_MAX,
    STEP_UP,
    VIEWS,
    REVOKED_AT,
];

/// Consents with these of their columns, and the name and standing of the person that `joined` says.
pub(crate) fn consents_and_people(columns: &[Column], joined: Term) -> Query {
    let joined = Query::of(&CONSENTS).left_join(&PEOPLE, [(people::ACCOUNT.into(), joined)]);
    let of_people = [people::NAME, people::EVENT, people::STANDING];
    people::with_standing(joined).columns(&[columns, &of_people].concat())
}

/// Who can see a patient's record.
#[derive(Debug)]
pub struct WhoCanSee;

/// A consent as the patient sees it.
#[derive(Debug, Clone)]
pub struct ConsentEntry {
    /// Where it was granted.
    pub position: Position,
    /// When it was granted.
    pub granted_at: Moment,
    /// The consent as its facts add up: scope, exceptions, purpose, period, views, revocation.
    pub consent: Consent,
    /// What it does at the time of the question.
    pub effect: Effect,
    /// The name of the doctor it lets in.
    pub grantee_name: Option<SealedAt>,
}

/// Which consents a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentFilter {
    /// Those under which a viewing may be opened now.
    InForce,
    /// Every one ever given.
    Every,
}

impl WhoCanSee {
    /// The consents of `patient`, newest first, judged at `now`.
    pub async fn of(
        store: &dyn ReadStore,
        patient: PatientId,
        which: ConsentFilter,
        now: Moment,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<ConsentEntry>, PortError> {
        let mut entries = Vec::new();
        // A person's own consents are few: the domain judges each, not a second wording of its rule in SQL.
        let shut = KeptShut::shut_out(store, patient).await?;
        for row in ask(store, of_patient(patient)).await?.records() {
            let entry = read(&row, &shut, now)?;
            if which == ConsentFilter::Every || entry.effect == Effect::InForce {
                entries.push(entry);
            }
        }
        Ok(ListPage::of_newest_first(entries, after, limit, |entry| entry.position))
    }

    /// One consent of `patient`, judged at `now`.
    pub async fn one(
        store: &dyn ReadStore,
        (patient, consent): (PatientId, ConsentId),
        now: Moment,
    ) -> Result<Option<ConsentEntry>, PortError> {
        let rows = ask(store, of_patient(patient).is(CONSENT, Cell::text(consent))).await?;
        let shut = KeptShut::shut_out(store, patient).await?;
        rows.records().next().map(|row| read(&row, &shut, now)).transpose()
    }
}

/// Every consent of a patient, newest first.
fn of_patient(patient: PatientId) -> Query {
    consents_and_people(&COLUMNS, GRANTEE.into())
        .is(PATIENT, Cell::text(patient))
        .descending(POSITION)
}

fn read(row: &Record<'_>, shut: &ShutOut, now: Moment) -> Result<ConsentEntry, PortError> {
    let (position, granted_at, consent) = read_consent(row)?;
    let standing = match consent.granted.grantee {
        Grantee::Doctor(_) => Some(people::read_standing(row)?.unwrap_or_default()),
        Grantee::Practice(_) => None,
    };
    let effect = consent.effect(standing, now).under(shut.against(consent.granted.grantee));
    let grantee_name = people::read_name(row, consent.granted.grantee.owner())?;
    Ok(ConsentEntry { position, granted_at, consent, effect, grantee_name })
}

/// Reads a consent, where it was granted and when.
fn read_consent(row: &Record<'_>) -> Result<(Position, Moment, Consent), PortError> {
    let granted = ConsentGranted {
        consent: row.parse(CONSENT)?,
        grantee: row.parse(GRANTEE)?,
        scope: row.json(SCOPE)?,
        exceptions: row.json(EXCEPTIONS)?,
        purpose: row.code(PURPOSE)?,
        period: Period { from: row.moment(VALID_FROM)?, until: row.moment(VALID_UNTIL)? },
        views_max: row.number_if(VIEWS_MAX)?,
        step_up: row.parse(STEP_UP)?,
    };
    let (views, revoked_at) = (row.number(VIEWS)?, row.moment_if(REVOKED_AT)?);
    let granted_at = row.moment(GRANTED_AT)?;
    let consent = Consent { granted, granted_at, views, revoked_at };
    Ok((row.position(POSITION)?, granted_at, consent))
}

impl ReadModel for WhoCanSee {
    fn name(&self) -> &'static str {
        "who_can_see"
    }

    fn table(&self) -> &'static Table {
        &CONSENTS
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Every(Family::Consent), Need::Only(&[RecordViewed::TYPE])]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let patient = Cell::text(patient_of(recorded)?);
        // What is kept shut whatever consents say: `consent/kept_shut.rs`.
        if let Some(granted) = recorded.fact.body::<ConsentGranted>() {
            put(granted, patient, recorded, changes);
        } else if let Some(revoked) = recorded.fact.body::<ConsentRevoked>() {
            let revoked_at = ("revoked_at", Edit::Once(recorded.time.into()));
            changes.patch(&CONSENTS, vec![patient, Cell::text(revoked.consent)], [revoked_at]);
        } else if let Some(viewed) = recorded.fact.body::<RecordViewed>()
            && let Some(consent) = viewed.ground.consent()
        {
            let views = ("views", Edit::Add(1));
            changes.patch(&CONSENTS, vec![patient, Cell::text(consent)], [views]);
        }
        Ok(())
    }
}

fn put(granted: &ConsentGranted, patient: Cell, recorded: &Recorded, changes: &mut Changes) {
    changes.put(
        &CONSENTS,
        [
            ("patient", patient),
            ("consent", Cell::text(granted.consent)),
            ("position", recorded.position.into()),
            ("granted_at", recorded.time.into()),
            ("grantee", Cell::text(granted.grantee)),
            ("scope", json(&granted.scope)),
            ("exceptions", json(&granted.exceptions)),
            ("purpose", code(&granted.purpose)),
            ("valid_from", granted.period.from.into()),
            ("valid_until", granted.period.until.into()),
            ("views_max", granted.views_max.into()),
            ("step_up", Cell::text(granted.step_up)),
            ("views", 0_u32.into()),
        ],
    );
}

#[cfg(test)]
mod tests {
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO};

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn views_are_counted_and_the_first_revocation_stands() {
        let granted = ConsentGranted { views_max: Some(3), ..samples::consent_granted() };
        let given = GivenLog::default()
            .ana(granted)
            .bo(samples::record_viewed())
            .bo(samples::record_viewed())
            .ana(samples::consent_revoked())
            .ana(samples::consent_revoked());
        assert_eq!(
            given.rows(&WhoCanSee),
            ["patient=#a consent=#c0 position=0 granted_at=+0 grantee=doctor:#b \
              scope={\"kind\":\"everything\"} exceptions={} purpose=TREAT valid_from=+0 \
              valid_until=+10080 views_max=3 step_up=#c views=2 revoked_at=+3"]
        );
    }

    #[test]
    fn what_happens_to_a_consent_nobody_gave_makes_no_row() {
        let given = GivenLog::default().bo(samples::record_viewed());
        assert!(given.rows(&WhoCanSee).is_empty());
    }

    #[test]
    fn a_consent_on_another_stream_stops_the_model() {
        let stream = domain::ids::StreamName::doctor(BO);
        let granted = samples::consent_granted();
        let given = GivenLog::default().and(&stream, Actor::Patient(ANA), granted);
        let refused = Refused("a patient's fact stands on another stream");
        assert_eq!(given.refusal(&WhoCanSee), Some(refused));
    }
}
