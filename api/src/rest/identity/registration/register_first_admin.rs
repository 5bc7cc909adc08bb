//! Register as the first admin.

use actix_web::{post, web};
use commands::identity::account_factors::MayAnswer;
use commands::identity::registration::AdminForm;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::rest::HandlerResult;
use crate::rest::answers::{Conflict, Forbidden};
use crate::rest::identity::{Challenged, challenged};
use crate::rest::peer::Peer;
use crate::rest::secrets::{Password, SecretText};
use crate::rest::state::HttpState;
use crate::wiring::App;

/// The first admin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAdmin {
    /// The one-time link's token: what stands behind the `#`.
    token: SecretText,
    /// Full name.
    name: String,
    /// E-mail address.
    email: String,
    /// 10 to 256 characters.
    password: Password,
}

/// Register as the first admin, with the one-time link printed at the first start.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 202, body = Challenged),
        Forbidden,
        Conflict,
    ),
)]
#[post("/api/v1/admins/first")]
pub(super) async fn register_first_admin(
    app: web::Data<App>,
    http: web::Data<HttpState>,
    peer: Peer,
    body: web::Json<NewAdmin>,
) -> HandlerResult {
    http.refuse_first_admin_from(peer)?;
    let NewAdmin { token, name, email, password } = body.into_inner();
    let form = AdminForm { token: token.0, name, email, password: password.0 };
    challenged(app.registration.first_admin(form, &peer.source()).await?, MayAnswer::LETTER)
}
