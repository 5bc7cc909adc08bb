//! Close a viewing.

use actix_web::{HttpRequest, delete, web};
use domain::ids::{PatientId, ViewingId};

use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::idempotency::hold;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Close a viewing.
#[utoipa::path(
    tag = "access",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("viewing" = String, Path, description = "The viewing"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[delete("/api/v1/patients/{patient}/viewings/{viewing}")]
pub(super) async fn close(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<(PatientId, ViewingId)>,
) -> HandlerResult {
    let (patient, viewing) = path.into_inner();
    let doctor = caller.doctor()?;
    let held = hold(&app, caller.actor(), &request, &())?;
    let outcome = app.viewing.end(doctor, patient, viewing, held.request).await?;
    ok(Done { position: outcome.position })
}
