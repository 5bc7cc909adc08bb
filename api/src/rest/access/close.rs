//! Close a viewing.

use actix_web::web::Path;
use actix_web::{delete, web};

use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::paths::ViewingPath;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Close a viewing.
#[utoipa::path(
    tag = "access",
    params(ViewingPath, IdempotencyKey,
    ),
    responses((status = 200, body = Done),),
)]
#[delete("/api/v1/patients/{patient}/viewings/{viewing}")]
pub(super) async fn close(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<ViewingPath>,
) -> HandlerResult {
    let (patient, viewing) = (path.patient.0, path.viewing.0);
    let doctor = caller.doctor()?;
    let held = key.hold(caller.actor(), &())?;
    let outcome = app.viewing.end(doctor, patient, viewing, held.request).await?;
    ok(Done::at(outcome.position))
}
