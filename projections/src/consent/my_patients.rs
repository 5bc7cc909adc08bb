//! My patients: who ever let a doctor in, and who does so now. It has no table of its own: it is the
//! other side of the consents.

pub mod opened;

use std::collections::HashMap;

use domain::consent::grantee::Grantee;
use domain::consent::state::{Consent, Force};
use domain::ids::{DoctorId, Owner, PatientId};
use domain::journal::Position;
use domain::time::Moment;

use crate::access::who_can_see::{self, ConsentFilter, consents_and_names, read_consent};
use crate::answer::ask;
use crate::identity::people;
use crate::personal_text::SealedAt;
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Term};
use crate::table::Cell;

/// A doctor's patients.
#[derive(Debug)]
pub struct MyPatients;

/// A patient as the doctor sees them.
#[derive(Debug, Clone)]
pub struct PatientEntry {
    /// Where the patient first let the doctor in.
    pub position: Position,
    /// The patient.
    pub patient: PatientId,
    /// The patient's name.
    pub name: Option<SealedAt>,
    /// When the patient first let the doctor in.
    pub since: Moment,
    /// Whether a consent is in force at the time of the question.
    pub in_force: bool,
    /// The consents, oldest first, with where each stands.
    pub consents: Vec<(Consent, Force)>,
}

impl MyPatients {
    /// The patients who let `doctor` in, the newest first, judged at `now`.
    pub async fn of(
        store: &dyn ReadStore,
        doctor: DoctorId,
        which: ConsentFilter,
        now: Moment,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<PatientEntry>, PortError> {
        let query = consents_and_names(Term::Prefixed("patient:", who_can_see::PATIENT))
            .is(who_can_see::GRANTEE, Cell::text(Grantee::Doctor(doctor)))
            .ascending(who_can_see::POSITION);
        let mut entries: Vec<PatientEntry> = Vec::new();
        let mut places: HashMap<PatientId, usize> = HashMap::new();
        for row in ask(store, query).await?.records() {
            let (position, since, consent) = read_consent(&row)?;
            let patient: PatientId = row.parse(who_can_see::PATIENT)?;
            let force = consent.force(now);
            let place = *places.entry(patient).or_insert(entries.len());
            if place == entries.len() {
                let owner = Owner::Person(patient.uuid());
                let name = people::read_name(&row, owner)?;
                let in_force = false;
                let consents = Vec::new();
                entries.push(PatientEntry { position, patient, name, since, in_force, consents });
            }
            if let Some(entry) = entries.get_mut(place) {
                entry.in_force |= force == Force::InForce;
                entry.consents.push((consent, force));
            }
        }
        entries.retain(|entry| which == ConsentFilter::Every || entry.in_force);
        entries.reverse();
        Ok(ListPage::of_newest_first(entries, after, limit, |entry| entry.position))
    }
}
