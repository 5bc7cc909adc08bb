//! Close a viewing.

use crate::rest::paths::ViewingPath;
use actix_web::web::Path;
use actix_web::{HttpRequest, delete, web};

use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::idempotency::hold;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Close a viewing.
#[utoipa::path(
    tag = "access",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[delete("/api/v1/patients/{patient}/viewings/{viewing}")]
pub(super) async fn close(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: Path<ViewingPath>,
) -> HandlerResult {
    let (patient, viewing) = (path.patient.0, path.viewing.0);
    let doctor = caller.doctor()?;
    let held = hold(&app, caller.actor(), &request, &())?;
    let outcome = app.viewing.end(doctor, patient, viewing, held.request).await?;
    ok(Done::at(outcome.position))
}
