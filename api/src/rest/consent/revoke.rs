//! Take a consent back.

use actix_web::web::Path;
use actix_web::{post, web};

use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::paths::ConsentPath;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Take a consent back. Acts at once: no page is shown after this is answered.
#[utoipa::path(
    tag = "consent",
    params(ConsentPath, IdempotencyKey,
    ),
    responses((status = 200, body = Done),),
)]
#[post("/api/v1/patients/{patient}/consents/{consent}/revoke")]
pub(super) async fn revoke(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<ConsentPath>,
) -> HandlerResult {
    let (patient, consent) = (path.patient.0, path.consent.0);
    let patient = caller.owner_of(patient)?;
    let held = key.hold(caller.actor(), &())?;
    let outcome = app.consents.revoke(patient, consent, held.request).await?;
    ok(Done::at(outcome.position))
}
