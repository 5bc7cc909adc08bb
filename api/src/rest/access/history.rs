//! Who looked at my record: the access history.

use crate::rest::ids::PositionNumber;
use crate::rest::ids::ReportUuid;
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use actix_web::web::Path;
use actix_web::{HttpRequest, get, web};
use domain::access::policy::PersonalTextPermit;
use projections::access::access_history::AccessHistory;
use projections::access::access_history::sentence::tell;
use projections::personal_text::PermittedReader;
use serde::Serialize;
use utoipa::ToSchema;

use super::GroundBody;
use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::HandlerResult;
use crate::rest::lists::{ListQuery, Listed, fresh};
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
    params( ListQuery),
    responses((status = 200, body = Listed<HistoryEntry>), (status = 404, body = Problem)),
)]
#[get("/api/v1/patients/{patient}/access-history")]
pub(super) async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: Path<PatientPath>,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let range = fresh(&app, &query).await?;
    let permit = PersonalTextPermit::own(caller.actor());
    let found = AccessHistory::of(app.models.store(), patient, range).await?;
    let sentences = tell(found.items, PermittedReader::new(&permit, &*app.unseal)).await?;
    let items = sentences.into_iter().map(|sentences| HistoryEntry {
        position: sentences.entry.position.into(),
        event: sentences.entry.event.to_string(),
        at: sentences.entry.at.into(),
        sentence: sentences.sentence,
        report: sentences.entry.report.map(ReportUuid::from),
        ground: sentences.entry.what.ground().map(GroundBody::from),
    });
    Listed::answer(&app, &request, items.collect(), found.total, found.next)
}
