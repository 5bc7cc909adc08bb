//! A code once more.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::challenges::challenge_id;
use super::{Challenged, challenged};
use crate::rest::HandlerResult;
use crate::rest::answers::{Conflict, Forbidden};
use crate::rest::peer::Peer;
use crate::wiring::App;

/// Whose letter did not come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeWanted {
    /// The challenge whose code is wanted again.
    challenge: String,
}

/// Send a code again, for a registration, a second factor or a step-up whose letter did not come. The code of
/// the letter before counts no more; this costs one of the five tries, and the new one is good for five
/// minutes. Refused to an account that has something stronger than letters.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 202, body = Challenged), Forbidden, Conflict,),
)]
#[post("/api/v1/codes")]
pub(super) async fn resend(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<CodeWanted>,
) -> HandlerResult {
    let challenge = challenge_id(&body.challenge)?;
    let may_answer = app.resend.again(challenge, &peer.source()).await?;
    challenged(challenge, may_answer)
}
