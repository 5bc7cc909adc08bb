//! Make recovery codes.

use actix_web::{post, web};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::answers::Conflict;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::identity::StepUpHeader;
use crate::rest::{Done, HandlerResult, made};
use crate::wiring::App;

/// New recovery codes. They are shown this once.
#[derive(Serialize, ToSchema)]
struct RecoveryCodesMade {
    /// Each good once, in a code's place.
    codes: Vec<String>,
    #[serde(flatten)]
    done: Done,
}

/// Make ten recovery codes. They are for an account with an authenticator app or a passkey; those made
/// before are worth nothing any more. The first time this answers `step_up_required`; the same request with
/// an answer to that challenge makes them.
#[utoipa::path(
    tag = "identity",
    params(StepUpHeader, IdempotencyKey),
    responses((status = 201, body = RecoveryCodesMade), Conflict,),
)]
#[post("/api/v1/me/recovery-codes")]
pub(super) async fn make_recovery_codes(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    step_up: StepUpHeader,
) -> HandlerResult {
    let held = key.hold(caller.actor(), &())?;
    let made_now =
        app.second_factors.make_recovery_codes(caller.actor(), step_up.0?, held.request).await?;
    let (codes, outcome) = made_now;
    let codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
    made(RecoveryCodesMade { codes, done: Done::at(outcome.position) })
}
