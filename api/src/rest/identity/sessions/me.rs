//! Who is signed in.

use actix_web::{HttpRequest, get, web};
use domain::actor::Actor;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::{COOKIE, Requester};
use crate::problem::NOT_FOUND;
use crate::rest::identity::standing::StandingCode;
use crate::rest::ids::{AccountUuid, RoleName, SessionUuid};
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct Me {
    account: AccountUuid,
    session: SessionUuid,
    role: RoleName,
    /// Full name.
    name: String,
    /// The address that letters go to.
    email: String,
    /// Of a doctor: where they stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<StandingCode>,
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
    let (role, account) = (caller.actor().into(), caller.actor().into());
    let standing = match caller.actor() {
        Actor::Doctor(doctor) => StandingCode::of(app.accounts.standing(doctor).await?),
        Actor::Patient(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => None,
    };
    let session = caller.0.session.into();
    let name = words.name.expose_secret().to_owned();
    let email = words.email.expose_secret().to_owned();
    let csrf_token = cookie.map(|secret| app.csrf_tokens.of(&secret));
    ok(Me { account, session, role, name, email, standing, csrf_token })
}
