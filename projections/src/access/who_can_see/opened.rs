//! Consents with the names of those they let in, opened for their patient.

use domain::ids::{ConsentId, PatientId};
use domain::time::Moment;

use super::{ConsentEntry, ConsentFilter, WhoCanSee};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::ports::ReadStore;
use crate::query::ListPage;

/// A consent as its patient reads it.
#[derive(Debug, Clone)]
pub struct OpenedConsent {
    /// The consent.
    pub entry: ConsentEntry,
    /// The name of the doctor it lets in.
    pub grantee_name: Option<Opened>,
}

impl WhoCanSee {
    /// Opens a page of consents: whom each lets in.
    pub async fn opened(
        found: ListPage<ConsentEntry>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedConsent>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for entry in found.items {
            let grantee_name = reader.open_text_if(entry.grantee_name.as_ref()).await?;
            items.push(OpenedConsent { entry, grantee_name });
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }

    /// The name of the doctor that one consent of `patient` lets in, if it names a doctor.
    pub async fn grantee_name(
        store: &dyn ReadStore,
        (patient, consent): (PatientId, ConsentId),
        now: Moment,
        reader: PermittedReader<'_>,
    ) -> Result<Option<Opened>, PersonalTextError> {
        let whole = (None, usize::MAX);
        let found = Self::of(store, patient, ConsentFilter::Every, now, whole).await?;
        let entry = found.items.iter().find(|entry| entry.consent.granted.consent == consent);
        reader.open_text_if(entry.and_then(|entry| entry.grantee_name.as_ref())).await
    }
}
