//! The queue with what an admin checks of a doctor, opened for the admin.

use super::{QueueEntry, VerificationQueue};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::query::ListPage;

/// A doctor in the queue as the admin reads them.
#[derive(Debug, Clone)]
pub struct OpenedQueueEntry {
    /// The doctor and where they stand.
    pub entry: QueueEntry,
    /// Full name.
    pub name: Opened,
    /// Licence number.
    pub licence: Option<Opened>,
    /// Who issued the licence.
    pub issuer: Option<Opened>,
    /// The specialty in the doctor's own words.
    pub specialty_text: Option<Opened>,
    /// What was noted with the last decision.
    pub note: Option<Opened>,
}

impl VerificationQueue {
    /// Opens a page of the queue: who the doctors are, and what was noted of them.
    pub async fn opened(
        found: ListPage<QueueEntry>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedQueueEntry>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for entry in found.items {
            items.push(Self::opened_one(entry, reader).await?);
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }

    /// Opens one doctor of the queue.
    pub async fn opened_one(
        entry: QueueEntry,
        reader: PermittedReader<'_>,
    ) -> Result<OpenedQueueEntry, PersonalTextError> {
        let person = &entry.person;
        Ok(OpenedQueueEntry {
            name: reader.open_text(&person.name).await?,
            licence: reader.open_text_if(person.licence.as_ref()).await?,
            issuer: reader.open_text_if(person.issuer.as_ref()).await?,
            specialty_text: reader.open_text_if(person.specialty_text.as_ref()).await?,
            note: reader.open_text_if(entry.note.as_ref()).await?,
            entry,
        })
    }
}
