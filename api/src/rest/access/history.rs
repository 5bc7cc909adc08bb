//! Who looked at my record: the access history.

use actix_web::web::Path;
use actix_web::{get, web};
use domain::access::policy::PersonalTextPermit;
use projections::access::access_history::AccessHistory;
use projections::access::access_history::sentence::HistorySentence;
use projections::personal_text::PermittedReader;
use serde::Serialize;
use utoipa::ToSchema;

use super::GroundBody;
use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::ids::{PositionNumber, ReportUuid};
use crate::rest::lists::{ListQuery, Listed};
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use crate::wiring::App;

/// Something that happened to my record.
#[derive(Serialize, ToSchema)]
struct HistoryEntry {
    position: PositionNumber,
    /// The event that says so.
    event: String,
    at: When,
    /// What happened, in plain words.
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportUuid>,
    /// What allowed it, of an access.
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<GroundBody>,
}

/// Who looked at my record, who tried, and by which consent: in plain sentences, newest first.
#[utoipa::path(
    tag = "access",
    params(PatientPath, ListQuery),
    responses((status = 200, body = Listed<HistoryEntry>),),
)]
#[get("/api/v1/patients/{patient}/access-history")]
pub(super) async fn history(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
    list: ListQuery,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let page = list.page(&app, caller).await?;
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = AccessHistory::of(app.models.store(), patient, page).await?;
    let found = AccessHistory::told(found, reader).await?;
    list.answer((&app, caller), found, |HistorySentence { entry, sentence, .. }| HistoryEntry {
        position: entry.position.into(),
        event: entry.event.to_string(),
        at: entry.at.into(),
        sentence,
        report: entry.report.map(ReportUuid::from),
        ground: entry.what.ground().map(GroundBody::from),
    })
}
