//! Log in, second step: the code that was sent.

use crate::rest::secrets::SecretText;
use actix_web::{HttpRequest, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Holder, SessionOpen, opened};
use crate::problem::Problem;
use crate::rest::HandlerResult;
use crate::rest::identity::step_up;
use crate::rest::peer::source;
use crate::wiring::App;

/// The code that was sent at log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    /// The challenge.
    challenge: String,
    /// The six digits.
    code: SecretText,
    /// The same as at the first step.
    client: Holder,
}

/// Log in, second step.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 201, body = SessionOpen), (status = 403, body = Problem)),
)]
#[post("/api/v1/sessions/second-factor")]
pub(super) async fn second_factor(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<SecondFactor>,
) -> HandlerResult {
    let SecondFactor { challenge, code, client } = body.into_inner();
    let answer = step_up(&challenge, code.0)?;
    let from = source(request.peer_addr());
    opened(&app, &app.log_in.answer_second_factor(answer, client.into(), &from).await?)
}
