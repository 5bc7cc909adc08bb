//! Reports with what is sealed of them, opened for one reader.

use super::{MyReports, ReportEntry};
use crate::personal_text::{Opened, PermittedReader, PersonalTextError};
use crate::query::ListPage;

/// A report as its reader sees it.
#[derive(Debug, Clone)]
pub struct OpenedReport {
    /// The report.
    pub entry: ReportEntry,
    /// Its title.
    pub title: Opened,
    /// The name of who brought it.
    pub uploaded_by_name: Option<Opened>,
}

impl MyReports {
    /// Opens a page of reports: titles, and who brought them.
    pub async fn opened(
        found: ListPage<ReportEntry>,
        reader: PermittedReader<'_>,
    ) -> Result<ListPage<OpenedReport>, PersonalTextError> {
        let mut items = Vec::with_capacity(found.items.len());
        for entry in found.items {
            items.push(Self::opened_one(entry, reader).await?);
        }
        Ok(ListPage { items, total: found.total, next: found.next })
    }

    /// Opens one report.
    pub async fn opened_one(
        entry: ReportEntry,
        reader: PermittedReader<'_>,
    ) -> Result<OpenedReport, PersonalTextError> {
        let title = reader.open_text(&entry.title).await?;
        let uploaded_by_name = reader.open_text_if(entry.uploaded_by_name.as_ref()).await?;
        Ok(OpenedReport { entry, title, uploaded_by_name })
    }
}
