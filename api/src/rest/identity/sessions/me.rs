//! Who is signed in.

use actix_web::{HttpRequest, get, web};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::{COOKIE, Requester};
use crate::problem::NOT_FOUND;
use crate::rest::ids::{AccountName, SessionUuid};
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct Me {
    account: AccountName,
    session: SessionUuid,
    /// Full name.
    name: String,
    /// Browsers: send as X-CSRF-Token with every unsafe method.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// Who am I?
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = Me),),
)]
#[get("/api/v1/me")]
pub(super) async fn me(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
) -> HandlerResult {
    let words = app.accounts.own_words(caller.actor()).await?.ok_or(NOT_FOUND)?;
    let cookie = request.cookie(COOKIE).map(|cookie| SecretString::from(cookie.value().to_owned()));
    let account = caller.actor().into();
    let session = caller.0.session.into();
    let name = words.name.expose_secret().to_owned();
    let csrf_token = cookie.map(|secret| app.csrf_tokens.of(&secret));
    ok(Me { account, session, name, csrf_token })
}
