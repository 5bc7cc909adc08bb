//! Doctors with their names and specialties, opened for whoever looks for one.

use super::{People, RegisteredPerson};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::query::ListPage;

/// A doctor as the directory shows them: what the admin looked at stays shut.
#[derive(Debug, Clone)]
pub struct OpenedDoctor {
    /// The doctor.
    pub person: RegisteredPerson,
    /// Full name.
    pub name: Opened,
    /// The specialty in the doctor's own words.
    pub specialty_text: Option<Opened>,
}

impl People {
    /// Opens a page of the directory: names and specialties.
    pub async fn opened(
        found: ListPage<RegisteredPerson>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedDoctor>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for person in found.items {
            let name = reader.open_text(&person.name).await?;
            let specialty_text = reader.open_text_if(person.specialty_text.as_ref()).await?;
            items.push(OpenedDoctor { person, name, specialty_text });
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }
}
