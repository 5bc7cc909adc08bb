//! Take a consent back.

use actix_web::web::Path;
use actix_web::{HttpRequest, post, web};

use super::who_can_see::my_consent;
use crate::actor::Requester;
use crate::rest::answers::Changed;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::lists::as_of_now;
use crate::rest::paths::ConsentPath;
use crate::rest::tags::{is_bound, refuse_if_changed};
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Take a consent back. Acts at once: no page is shown after this is answered. With `If-Match` only if the
/// consent is still as it was read.
#[utoipa::path(
    tag = "consent",
    params(
        ConsentPath,
        IdempotencyKey,
        ("If-Match" = Option<String>, Header, description = "The ETag of the consent as it was read"),
    ),
    responses(
        (status = 200, body = Done),
        Changed,
    ),
)]
#[post("/api/v1/patients/{patient}/consents/{consent}/revoke")]
pub(super) async fn revoke(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<ConsentPath>,
) -> HandlerResult {
    let (patient, consent) = (path.patient.0, path.consent.0);
    let patient = caller.owner_of(patient)?;
    let held = key.hold(caller.actor(), &())?;
    if is_bound(&request) {
        as_of_now(&app).await?;
        refuse_if_changed(&request, &app, &my_consent(&app, caller, (patient, consent)).await?)?;
    }
    let outcome = app.consents.revoke(patient, consent, held.request).await?;
    ok(Done::at(outcome.position))
}
