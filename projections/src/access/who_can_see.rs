//! Who can see my record: a patient's consents, and where each stands now.

use domain::access::event::RecordViewed;
use domain::consent::event::{ConsentFact, ConsentGranted};
use domain::consent::grantee::Grantee;
use domain::consent::state::{Consent, Force};
use domain::fact::{FactBody as _, Family};
use domain::fold::Recorded;
use domain::ids::{DoctorId, PatientId};
use domain::journal::Position;
use domain::time::{Moment, Period};

use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Row, ask, code, json};
use crate::read_model::{Need, ReadModel, Refused, patient_of};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Edit, Table};

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

/// The columns [`read_consent`] reads, in its order. A query that begins so may add its own.
pub(crate) const CONSENT_COLUMNS: &str = "SELECT c.consent, c.position, c.granted_at, c.grantee, \
     c.scope, c.exceptions, c.purpose, c.valid_from, c.valid_until, c.views_max, c.step_up, c.views, \
     c.revoked_at";

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
    /// Where it stands at the time of the question.
    pub force: Force,
    /// The name of the doctor it lets in.
    pub grantee_name: Option<SealedAt>,
}

/// Which consents a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentFilter {
    /// Those in force now.
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
        let query = Query::new(CONSENT_COLUMNS, [Cell::text(patient)]).and(
            ", p.name, p.event FROM consents c \
             LEFT JOIN people p ON p.account = c.grantee \
             WHERE c.patient = $1 ORDER BY c.position DESC",
        );
        let mut entries = Vec::new();
        // A person's own consents are few: the domain judges each, not a second wording of its rule in SQL.
        for row in ask(store, query).await? {
            let (position, granted_at, consent) = read_consent(&row)?;
            let force = consent.force(now);
            if which == ConsentFilter::Every || force == Force::InForce {
                let owner = consent.granted.grantee.owner();
                let grantee_name = row.sealed_if(13, 14, owner, WordKind::Name, "/data/name")?;
                entries.push(ConsentEntry { position, granted_at, consent, force, grantee_name });
            }
        }
        Ok(ListPage::of_newest_first(entries, after, limit, |entry| entry.position))
    }
}

/// Every consent between a patient and a doctor, oldest first: what the domain judges by.
pub(crate) fn between(patient: PatientId, doctor: DoctorId) -> Query {
    Query::new(CONSENT_COLUMNS, [Cell::text(patient), Cell::text(Grantee::Doctor(doctor))])
        .and(" FROM consents c WHERE c.patient = $1 AND c.grantee = $2 ORDER BY c.position")
}

/// Reads the columns of [`CONSENT_COLUMNS`].
pub(crate) fn read_consent(row: &Row) -> Result<(Position, Moment, Consent), PortError> {
    let granted = ConsentGranted {
        consent: row.parse(0)?,
        grantee: row.parse(3)?,
        scope: row.json(4)?,
        exceptions: row.json(5)?,
        purpose: row.code(6)?,
        period: Period { from: row.moment(7)?, until: row.moment(8)? },
        views_max: row.number_if(9)?,
        step_up: row.parse(10)?,
    };
    let consent = Consent { granted, views: row.number(11)?, revoked_at: row.moment_if(12)? };
    Ok((row.position(1)?, row.moment(2)?, consent))
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
        match recorded.fact.consent() {
            Some(ConsentFact::Granted(granted)) => put(granted, patient, recorded, changes),
            Some(ConsentFact::Revoked(revoked)) => {
                let revoked_at = ("revoked_at", Edit::Once(recorded.time.into()));
                changes.patch(&CONSENTS, vec![patient, Cell::text(revoked.consent)], [revoked_at]);
            }
            None => {
                let viewed = recorded.fact.body::<RecordViewed>();
                if let Some(consent) = viewed.and_then(|viewed| viewed.ground.consent()) {
                    let views = ("views", Edit::Add(1));
                    changes.patch(&CONSENTS, vec![patient, Cell::text(consent)], [views]);
                }
            }
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
