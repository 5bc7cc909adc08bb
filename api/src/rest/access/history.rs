//! Who looked at my record: the access history.

mod parts;

use actix_web::web::Path;
use actix_web::{get, web};
use domain::access::policy::PersonalTextPermit;
use projections::access::access_history::AccessHistory;
use projections::personal_text::PermittedReader;

use self::parts::HistoryEntry;
use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::lists::{ListQuery, Listed};
use crate::rest::paths::PatientPath;
use crate::wiring::App;

/// Who looked at my record, who tried, and by which consent: in plain sentences and their parts.
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
    list.answer((&app, caller), found, HistoryEntry::from)
}
