//! Set up an authenticator app, first step.

use actix_web::{post, web};
use evidence::code;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::ids::ChallengeUuid;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// What an authenticator app needs to know. It is shown this once.
#[derive(Serialize, ToSchema)]
struct AppKey {
    challenge: ChallengeUuid,
    /// The key as it is typed into an app: base32.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    key: String,
    /// The same as a link that apps open: `otpauth://totp/…` (SHA-1, six digits, thirty seconds).
    uri: String,
    /// The link as a QR code: a picture, SVG.
    picture: String,
}

/// Set up an authenticator app, first step. Answers the key that the app takes (TOTP, RFC 6238), and makes
/// the challenge that confirms it. A code is sent if the account has nothing stronger yet.
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = AppKey),),
)]
#[post("/api/v1/me/authenticator-app/key")]
pub(super) async fn begin_app(app: web::Data<App>, caller: Requester) -> HandlerResult {
    let begun = app.second_factors.begin_app(caller.actor()).await?;
    let uri = begun.uri.expose_secret().to_owned();
    let picture = code::picture(&uri).unwrap_or_default();
    let (challenge, key) = (begun.challenge.into(), begun.key.expose_secret().to_owned());
    ok(AppKey { challenge, key, uri, picture })
}
