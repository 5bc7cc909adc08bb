//! Download my own report.

use actix_web::web::Path;
use actix_web::{HttpResponse, get, web};

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::paths::ReportPath;
use crate::wiring::App;

/// Download my own report.
#[utoipa::path(
    tag = "records",
    params(ReportPath),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
    ),
)]
#[get("/api/v1/patients/{patient}/reports/{report}/content")]
pub(super) async fn download(
    app: web::Data<App>,
    caller: Requester,
    path: Path<ReportPath>,
) -> HandlerResult {
    let (patient, report) = (path.patient.0, path.report.0);
    let patient = caller.owner_of(patient)?;
    let revealed = app.downloads.download(patient, report).await?;
    // Always an attachment of its own type, never rendered inside our origin.
    Ok(HttpResponse::Ok()
        .insert_header(("Content-Type", revealed.media_type))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{report}\"")))
        .insert_header(("Cache-Control", "no-store"))
        .no_chunking(revealed.size)
        .streaming(revealed.bytes))
}
