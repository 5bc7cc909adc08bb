//! Give a passkey up.

use actix_web::web::Path;
use actix_web::{delete, web};

use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::identity::StepUpHeader;
use crate::rest::paths::PasskeyPath;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// Give a passkey up. The first time this answers `step_up_required` and sends a code for exactly this; the
/// same request with the code, or with a passkey's answer, does it.
#[utoipa::path(
    tag = "identity",
    params(PasskeyPath, StepUpHeader, IdempotencyKey),
    responses((status = 200, body = Done),),
)]
#[delete("/api/v1/me/passkeys/{passkey}")]
pub(super) async fn remove_passkey(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    step_up: StepUpHeader,
    path: Path<PasskeyPath>,
) -> HandlerResult {
    let passkey = path.passkey.0;
    let held = key.hold(caller.actor(), &passkey)?;
    let outcome = app.passkeys.remove(caller.actor(), passkey, step_up.0?, held.request).await?;
    ok(Done::at(outcome.position))
}
