//! Set up a passkey, second step.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::identity::{Credential, step_up};
use crate::rest::ids::PasskeyUuid;
use crate::rest::secrets::SecretText;
use crate::rest::{Done, HandlerResult, made};
use crate::wiring::App;

/// What the browser made, and the code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPasskeyForm {
    /// The challenge of the first step.
    challenge: String,
    /// The code of the letter, or of the authenticator app, or a recovery code.
    #[serde(default)]
    code: Option<SecretText>,
    /// What an older passkey answered, in the code's place.
    #[serde(default)]
    passkey: Option<Credential>,
    /// What the browser made.
    credential: Credential,
}

/// A passkey was set up.
#[derive(Serialize, ToSchema)]
struct PasskeyMade {
    passkey: PasskeyUuid,
    #[serde(flatten)]
    done: Done,
}

/// Set up a passkey, second step: from now on it answers what a code would.
#[utoipa::path(
    tag = "identity",
    params(IdempotencyKey),
    responses((status = 201, body = PasskeyMade),),
)]
#[post("/api/v1/me/passkeys")]
pub(super) async fn add_passkey(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    body: web::Json<NewPasskeyForm>,
) -> HandlerResult {
    let NewPasskeyForm { challenge, code, passkey, credential } = body.into_inner();
    let held = key.hold(caller.actor(), &challenge)?;
    let code = step_up(&challenge, code, passkey)?;
    let answer = (credential.text(), code);
    let outcome = app.passkeys.add(caller.actor(), answer, held.request).await?;
    let done = Done::at(outcome.position);
    made(PasskeyMade { passkey: outcome.done.factor.into(), done })
}
