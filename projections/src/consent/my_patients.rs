//! My patients: who ever let a doctor in. It has no table of its own: it is the other side of the consents.
//! Whether one is in force now is not said here: the patient's chart says it, which no row is as new as.

pub mod opened;

use std::collections::HashSet;

use domain::consent::grantee::Grantee;
use domain::ids::{DoctorId, Owner, PatientId};
use domain::journal::Position;
use domain::time::Moment;

use crate::access::who_can_see::{self, consents_and_people};
use crate::answer::{Record, ask};
use crate::consent::kept_shut::KeptShut;
use crate::identity::people;
use crate::personal_text::SealedAt;
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Term};
use crate::table::{Cell, Column};

/// What [`read`] reads.
const ENTRY: [Column; 3] = [who_can_see::PATIENT, who_can_see::POSITION, who_can_see::GRANTED_AT];

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
}

impl MyPatients {
    /// The patients who let `doctor` in, the newest first, without those who shut them out since: these make
    /// no row, and are in no total.
    pub async fn of(
        store: &dyn ReadStore,
        doctor: DoctorId,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<PatientEntry>, PortError> {
        let query = consents_and_people(&ENTRY, Term::Prefixed("patient:", who_can_see::PATIENT))
            .is(who_can_see::GRANTEE, Cell::text(Grantee::Doctor(doctor)))
            .ascending(who_can_see::POSITION);
        let mut entries: Vec<PatientEntry> = Vec::new();
        let mut known: HashSet<PatientId> = HashSet::new();
        let shut_out = KeptShut::shutting_out(store, doctor).await?;
        for row in ask(store, query).await?.records() {
            let entry = read(&row)?;
            if !shut_out.contains(&entry.patient) && known.insert(entry.patient) {
                entries.push(entry);
            }
        }
        entries.reverse();
        Ok(ListPage::of_newest_first(entries, after, limit, |entry| entry.position))
    }
}

fn read(row: &Record<'_>) -> Result<PatientEntry, PortError> {
    let patient: PatientId = row.parse(who_can_see::PATIENT)?;
    Ok(PatientEntry {
        position: row.position(who_can_see::POSITION)?,
        name: people::read_name(row, Owner::Person(patient.uuid()))?,
        since: row.moment(who_can_see::GRANTED_AT)?,
        patient,
    })
}
