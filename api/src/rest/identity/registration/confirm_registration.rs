//! Confirm an address: from now on it names the account.

use actix_web::{HttpRequest, post, web};
use domain::actor::Actor;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::rest::identity::step_up;
use crate::rest::peer::source;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// The answer to a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// The challenge.
    challenge: String,
    /// The six digits.
    #[schema(value_type = String)]
    code: SecretString,
    /// The first admin: the link's token again.
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
}

/// An account.
#[derive(Serialize, ToSchema)]
struct Account {
    /// `patient:<uuid>`, `doctor:<uuid>` or `admin:<uuid>`.
    #[schema(value_type = String)]
    account: Actor,
    #[serde(flatten)]
    done: Done,
}

/// Confirm an e-mail address: from now on it names the account.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 200, body = Account),
        (status = 403, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/registrations/confirm")]
pub(super) async fn confirm_registration(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Confirmation>,
) -> HandlerResult {
    let Confirmation { challenge, code, token } = body.into_inner();
    let answer = step_up(&challenge, code)?;
    let from = source(request.peer_addr());
    let (account, outcome) = app.registration.confirm(answer, token, &from).await?;
    ok(Account { account, done: Done { position: outcome.position } })
}
