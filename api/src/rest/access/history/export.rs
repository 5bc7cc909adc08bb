//! The history as a table: everything a filter lets through, in one file that a spreadsheet opens.

use actix_web::{HttpResponse, web};
use commands::shares::{Scarce, Share};
use domain::access::policy::PersonalTextPermit;
use domain::ids::PatientId;
use domain::journal::Position;
use projections::access::access_history::sentence::HistorySentence;
use projections::access::access_history::{AccessHistory, HistoryFilter};
use projections::personal_text::{PermittedReader, PersonalTextError};

use super::parts::HistoryEntry;
use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::csv::{CsvFile, row};
use crate::wiring::App;

/// Entries that are read and opened at once.
const ENTRIES_AT_ONCE: usize = 200;

/// Answers a whole history as `text/csv`. A reader takes one of few places while it is read, as for a bundle.
pub(super) fn export(
    app: web::Data<App>,
    caller: Requester,
    (patient, filter): (PatientId, HistoryFilter),
) -> HandlerResult {
    let share = app.shares.take(Scarce::Bundle, caller.actor())?;
    let name = format!("medlock-history-{}.csv", &app.now().to_string()[..10]);
    let export = Export { app, caller, patient, filter, after: None, _share: share };
    let begun = row(HistoryEntry::COLUMNS.iter().map(|name| (*name).to_owned()));
    let rest = futures::stream::try_unfold(Some(export), |export| async move {
        let Some(export) = export else { return Ok(None) };
        export.next().await.map(Some).map_err(std::io::Error::other)
    });
    let bytes = futures::stream::once(async { Ok(begun) });
    let bytes = futures::StreamExt::chain(bytes, rest);
    Ok(CsvFile::named(&name).answer(HttpResponse::Ok(), bytes))
}

struct Export {
    app: web::Data<App>,
    caller: Requester,
    patient: PatientId,
    filter: HistoryFilter,
    after: Option<Position>,
    _share: Share,
}

impl Export {
    /// The next rows, and what makes those behind them; none behind the last.
    async fn next(mut self) -> Result<(String, Option<Self>), PersonalTextError> {
        let permit = PersonalTextPermit::own(self.caller.actor());
        let reader = PermittedReader::new(&permit, &*self.app.unseal);
        let page = (self.after, ENTRIES_AT_ONCE);
        let store = self.app.models.store();
        let found = AccessHistory::of(store, self.patient, self.filter, page).await?;
        let found = AccessHistory::told(found, reader).await?;
        let line = |told: HistorySentence| row(HistoryEntry::from(told).cells());
        let rows = found.items.into_iter().map(line).collect();
        self.after = found.next;
        Ok((rows, self.after.is_some().then_some(self)))
    }
}
