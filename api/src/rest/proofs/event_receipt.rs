//! My receipt of anything that happened to my record.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use actix_web::{HttpResponse, get, web};
use commands::shares::Scarce;
use domain::ids::StreamName;
use domain::journal::Position;
use evidence::published::EvidenceError;

use super::published;
use crate::actor::Requester;
use crate::problem::{NOT_FOUND, NOT_PUBLISHED_YET};
use crate::rest::HandlerResult;
use crate::rest::answers::Unprocessable;
use crate::rest::log::TEXT;
use crate::rest::paths::EventPath;
use crate::wiring::App;

/// My receipt of one event of my record: its line, and the proof that it stands in the log. It can be checked
/// without this organisation (docs/proofs.md).
#[utoipa::path(
    tag = "proofs",
    params(EventPath),
    responses((status = 200, description = "The line, a newline, a c2sp.org/tlog-proof@v1",
               content_type = "text/plain"),
              Unprocessable,),
)]
#[get("/api/v1/patients/{patient}/events/{position}/receipt")]
pub(super) async fn event_receipt(
    app: web::Data<App>,
    caller: Requester,
    path: Path<EventPath>,
) -> HandlerResult {
    let patient = caller.only(path.patient.0)?;
    let _share = app.shares.take(Scarce::Receipt, caller.actor())?;
    let position = Position(path.position);
    let lines = app.stored_lines().of_log(position, 1).await.map_err(EvidenceError::from)?;
    let stream = StreamName::patient(patient);
    // Who was shown a list of names stands in another's stream: its line is not this patient's to have.
    let line = lines.first().filter(|line| line.position == position && line.stream == stream);
    let line = line.ok_or(NOT_FOUND)?;
    let receipt = published(&app).await?.receipt(line).await?.ok_or(NOT_PUBLISHED_YET)?;
    let file = format!("attachment; filename=\"event-{position}.receipt\"");
    let mut response = HttpResponse::Ok();
    Ok(response
        .insert_header((CONTENT_DISPOSITION, file))
        .content_type(TEXT)
        .body(receipt.to_string()))
}
