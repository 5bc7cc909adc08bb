//! Doctors with their names and specialties, opened for whoever looks for one.

use domain::identity::specialty::Specialty;
use domain::journal::Position;

use super::{People, RegisteredPerson};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::ports::ReadStore;
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

/// Doctors that a search opens at once.
const READ_AT_ONCE: usize = 500;

impl OpenedDoctor {
    fn is_meant_by(&self, words: &[String]) -> bool {
        let own = self.specialty_text.as_ref().map(Opened::as_str).unwrap_or_default();
        let said = format!("{} {own}", self.name.as_str()).to_lowercase();
        words.iter().all(|word| said.contains(word))
    }
}

impl People {
    /// Opens a page of the directory: names and specialties.
    pub async fn opened(
        found: ListPage<RegisteredPerson>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedDoctor>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for person in found.items {
            items.push(Self::opened_one(person, reader).await?);
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }

    /// Opens one doctor of the directory.
    pub async fn opened_one(
        person: RegisteredPerson,
        reader: PermittedReader<'_>,
    ) -> Result<OpenedDoctor, PersonalTextError> {
        let name = reader.open_text(&person.name).await?;
        let specialty_text = reader.open_text_if(person.specialty_text.as_ref()).await?;
        Ok(OpenedDoctor { person, name, specialty_text })
    }

    /// The doctors of the directory in whose name or own words of their specialty every word of `words`
    /// stands, in upper or lower case. Both are sealed under keys of theirs: no database could look.
    pub async fn searched(
        store: &dyn ReadStore,
        reader: PermittedReader<'_>,
        (words, specialty): (&str, Option<Specialty>),
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<OpenedDoctor>, PersonalTextError> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let page = Self::verified_doctors(store, specialty, (from, READ_AT_ONCE)).await?;
            let opened = Self::opened(page, reader).await?;
            found.extend(opened.items.into_iter().filter(|doctor| doctor.is_meant_by(&words)));
            from = opened.next;
            if from.is_none() {
                break;
            }
        }
        let total = found.len() as u64;
        found.retain(|doctor| after.is_none_or(|after| doctor.person.position > after));
        Ok(ListPage::cut(found, limit, total, |doctor| doctor.person.position))
    }
}
