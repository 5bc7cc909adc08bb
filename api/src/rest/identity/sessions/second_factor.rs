//! Log in, second step: a code, or a passkey.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Holder, SessionOpen, opened};
use crate::rest::HandlerResult;
use crate::rest::answers::Forbidden;
use crate::rest::identity::{Credential, step_up};
use crate::rest::peer::Peer;
use crate::rest::secrets::SecretText;
use crate::wiring::App;

/// A code, or a passkey's answer in its place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    /// The challenge.
    challenge: String,
    /// The code of the letter, or of the authenticator app, or a recovery code.
    #[serde(default)]
    code: Option<SecretText>,
    /// What the passkey answered; ask for it by `POST /challenges/{challenge}/passkey`.
    #[serde(default)]
    passkey: Option<Credential>,
    /// The same as at the first step.
    client: Holder,
}

/// Log in, second step.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 201, body = SessionOpen), Forbidden,),
)]
#[post("/api/v1/sessions/second-factor")]
pub(super) async fn second_factor(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<SecondFactor>,
) -> HandlerResult {
    let SecondFactor { challenge, code, passkey, client } = body.into_inner();
    let answer = step_up(&challenge, code, passkey)?;
    let from = peer.source();
    opened(&app, &app.log_in.answer_second_factor(answer, client.into(), &from).await?)
}
