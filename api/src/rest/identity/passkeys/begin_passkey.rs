//! Set up a passkey, first step.

use actix_web::{post, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::ids::ChallengeUuid;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// What the browser needs to make a passkey, and the challenge that confirms it.
#[derive(Serialize, ToSchema)]
struct PasskeyOptions {
    challenge: ChallengeUuid,
    /// `{"publicKey": …}` for `navigator.credentials.create` (Web Authentication, level 3; binary members in
    /// base64url, as `PublicKeyCredential.parseCreationOptionsFromJSON` reads them).
    #[schema(value_type = Object)]
    options: Value,
}

/// Set up a passkey, first step. Answers what the browser needs to make one, and makes the challenge that
/// confirms it. A code is sent if the account has nothing stronger yet.
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = PasskeyOptions),),
)]
#[post("/api/v1/me/passkeys/options")]
pub(super) async fn begin_passkey(app: web::Data<App>, caller: Requester) -> HandlerResult {
    let begun = app.passkeys.begin(caller.actor()).await?;
    ok(PasskeyOptions { challenge: begun.challenge.into(), options: begun.options })
}
