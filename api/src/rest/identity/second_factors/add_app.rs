//! Set up an authenticator app, second step.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::answers::Forbidden;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::identity::{Credential, step_up};
use crate::rest::secrets::SecretText;
use crate::rest::{Done, HandlerResult, made};
use crate::wiring::App;

/// The first code of the app, and what answers the challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAppForm {
    /// The challenge of the first step.
    challenge: String,
    /// The six digits that the app shows.
    first_code: SecretText,
    /// The code of the letter; of an account that has an authenticator app already, the code of that one, or
    /// a recovery code.
    #[serde(default)]
    code: Option<SecretText>,
    /// What a passkey answered, in the code's place.
    #[serde(default)]
    passkey: Option<Credential>,
}

/// Set up an authenticator app, second step. It takes the place of the one before; from now on its codes
/// answer what codes by letter did, each once, and no letters come any more.
#[utoipa::path(
    tag = "identity",
    params(IdempotencyKey),
    responses((status = 201, body = Done), Forbidden,),
)]
#[post("/api/v1/me/authenticator-app")]
pub(super) async fn add_app(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    body: web::Json<NewAppForm>,
) -> HandlerResult {
    let NewAppForm { challenge, first_code, code, passkey } = body.into_inner();
    let held = key.hold(caller.actor(), &challenge)?;
    let answer = (first_code.0, step_up(&challenge, code, passkey)?);
    let outcome = app.second_factors.add_app(caller.actor(), answer, held.request).await?;
    made(Done::at(outcome.position))
}
