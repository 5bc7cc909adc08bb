//! Log in with address and password.

use actix_web::{post, web};
use commands::identity::log_in::LoggedIn;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Holder, SessionOpen, opened};
use crate::rest::HandlerResult;
use crate::rest::answers::NotSignedIn;
use crate::rest::identity::{Challenged, challenged};
use crate::rest::peer::Peer;
use crate::rest::secrets::Password;
use crate::wiring::App;

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogInForm {
    /// E-mail address.
    #[schema(example = "ana@example.org")]
    email: String,
    /// Password.
    password: Password,
    /// Who will hold the session.
    client: Holder,
}

/// Log in. Patients get a session; doctors, admins, and patients who have set up a second factor, are asked
/// for it first.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 201, body = SessionOpen),
        (status = 202, body = Challenged),
        NotSignedIn,
    ),
)]
#[post("/api/v1/sessions")]
pub(super) async fn log_in(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<LogInForm>,
) -> HandlerResult {
    let LogInForm { email, password, client } = body.into_inner();
    let from = peer.source();
    match app.log_in.log_in(&email, password.0, client.into(), &from).await? {
        LoggedIn::Session(session) => opened(&app, &session),
        LoggedIn::SecondFactor { challenge, may_answer } => challenged(challenge, may_answer),
    }
}
