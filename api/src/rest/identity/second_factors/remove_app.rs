//! Give my authenticator app up.

use actix_web::{delete, web};

use crate::actor::Requester;
use crate::rest::answers::NotFound;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::identity::StepUpHeader;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Give my authenticator app up. The first time this answers `step_up_required`; the same request with an
/// answer to that challenge does it. Without a passkey codes come by letter again.
#[utoipa::path(
    tag = "identity",
    params(StepUpHeader, IdempotencyKey),
    responses((status = 200, body = Done), NotFound,),
)]
#[delete("/api/v1/me/authenticator-app")]
pub(super) async fn remove_app(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    step_up: StepUpHeader,
) -> HandlerResult {
    let held = key.hold(caller.actor(), &())?;
    let outcome = app.second_factors.remove_app(caller.actor(), step_up.0?, held.request).await?;
    ok(Done::at(outcome.position))
}
