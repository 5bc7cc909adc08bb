//! Ask for a passkey in a code's place.

use actix_web::web::Path;
use actix_web::{post, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::rest::answers::{Conflict, Forbidden};
use crate::rest::paths::ChallengePath;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// What the browser needs to ask for a passkey.
#[derive(Serialize, ToSchema)]
struct PasskeyRequest {
    /// `{"publicKey": …}` for `navigator.credentials.get` (Web Authentication, level 3; binary members in
    /// base64url, as `PublicKeyCredential.parseRequestOptionsFromJSON` reads them).
    #[schema(value_type = Object)]
    options: Value,
}

/// Ask for a passkey in the code's place: answers what the browser needs. What the passkey answers is good
/// for this challenge, once, and only until it is asked for anew.
#[utoipa::path(
    tag = "identity",
    security(()),
    params(ChallengePath),
    responses((status = 200, body = PasskeyRequest), Forbidden, Conflict,),
)]
#[post("/api/v1/challenges/{challenge}/passkey")]
pub(super) async fn ask_for_passkey(
    app: web::Data<App>,
    path: Path<ChallengePath>,
) -> HandlerResult {
    let options = app.step_up.ask_for_passkey(path.challenge.0).await?;
    ok(PasskeyRequest { options })
}
