//! Consents with the names of those they let in, opened for their patient.

use domain::ids::{ConsentId, PatientId};
use domain::time::Moment;

use super::{ConsentEntry, WhoCanSee};
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
            items.push(Self::opened_one(entry, reader).await?);
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }

    /// Opens one consent.
    pub async fn opened_one(
        entry: ConsentEntry,
        reader: PermittedReader<'_>,
    ) -> Result<OpenedConsent, PersonalTextError> {
        let grantee_name = reader.open_text_if(entry.grantee_name.as_ref()).await?;
        Ok(OpenedConsent { entry, grantee_name })
    }

    /// The name of the doctor that one consent of `patient` lets in, if it names a doctor.
    pub async fn grantee_name(
        store: &dyn ReadStore,
        (patient, consent): (PatientId, ConsentId),
        now: Moment,
        reader: PermittedReader<'_>,
    ) -> Result<Option<Opened>, PersonalTextError> {
        let entry = Self::one(store, (patient, consent), now).await?;
        reader.open_text_if(entry.as_ref().and_then(|entry| entry.grantee_name.as_ref())).await
    }
}
