//! What is kept shut, with names and titles, opened for its patient.

use super::{KeptShut, ShutEntry};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::query::ListPage;

/// Something that is kept shut, as its patient reads it.
#[derive(Debug, Clone)]
pub struct OpenedShut {
    /// What it is.
    pub entry: ShutEntry,
    /// The name of whom it is shut to.
    pub whom_name: Option<Opened>,
    /// The report's title.
    pub title: Option<Opened>,
}

impl KeptShut {
    /// Opens a page of what is kept shut.
    pub async fn opened(
        found: ListPage<ShutEntry>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedShut>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for entry in found.items {
            let whom_name = reader.open_text_if(entry.whom_name.as_ref()).await?;
            let title = reader.open_text_if(entry.title.as_ref()).await?;
            items.push(OpenedShut { entry, whom_name, title });
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }
}
