//! Take a consent back.

use actix_web::{HttpRequest, post, web};
use domain::ids::{ConsentId, PatientId};

use crate::actor::Requester;
use crate::problem::Problem;
use crate::rest::idempotency::hold;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Take a consent back. Acts at once: no page is shown after this is answered.
#[utoipa::path(
    tag = "consent",
    params(
        ("patient" = String, Path, description = "The patient"),
        ("consent" = String, Path, description = "The consent"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe"),
    ),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[post("/api/v1/patients/{patient}/consents/{consent}/revoke")]
pub(super) async fn revoke(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: web::Path<(PatientId, ConsentId)>,
) -> HandlerResult {
    let (patient, consent) = path.into_inner();
    let patient = caller.owner_of(patient)?;
    let held = hold(&app, caller.actor(), &request, &())?;
    let outcome = app.consents.revoke(patient, consent, held.request).await?;
    ok(Done { position: outcome.position })
}
