//! Confirm an address: from now on it names the account.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::answers::{Conflict, Forbidden};
use crate::rest::identity::step_up;
use crate::rest::ids::{AccountUuid, RoleName};
use crate::rest::peer::Peer;
use crate::rest::secrets::SecretText;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// The answer to a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// The challenge.
    challenge: String,
    /// The six digits.
    code: SecretText,
    /// The first admin: the link's token again.
    token: Option<SecretText>,
}

/// An account.
#[derive(Serialize, ToSchema)]
struct Account {
    account: AccountUuid,
    role: RoleName,
    #[serde(flatten)]
    done: Done,
}

/// Confirm an e-mail address: from now on it names the account.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 200, body = Account),
        Forbidden,
        Conflict,
    ),
)]
#[post("/api/v1/registrations/confirm")]
pub(super) async fn confirm_registration(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<Confirmation>,
) -> HandlerResult {
    let Confirmation { challenge, code, token } = body.into_inner();
    let answer = step_up(&challenge, Some(code), None)?;
    let token = token.map(|token| token.0);
    let from = peer.source();
    let (account, outcome) = app.registration.confirm(answer, token, &from).await?;
    ok(Account { account: account.into(), role: account.into(), done: Done::at(outcome.position) })
}
