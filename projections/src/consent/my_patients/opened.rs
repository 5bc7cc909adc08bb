//! Patients with their names, opened for the doctor they let in.

use super::{MyPatients, PatientEntry};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::query::ListPage;

/// A patient as the doctor reads them.
#[derive(Debug, Clone)]
pub struct OpenedPatient {
    /// The patient.
    pub entry: PatientEntry,
    /// The patient's name.
    pub name: Option<Opened>,
}

impl MyPatients {
    /// Opens a page of patients: their names.
    pub async fn opened(
        found: ListPage<PatientEntry>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedPatient>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for entry in found.items {
            let name = reader.open_text_if(entry.name.as_ref()).await?;
            items.push(OpenedPatient { entry, name });
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }
}
