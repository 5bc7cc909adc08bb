//! An open session, as answers tell it to its holder.

use actix_web::HttpResponse;
use commands::identity::sessions::OpenedSession;
use domain::identity::event::Client;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::session_cookie;
use crate::rest::HandlerResult;
use crate::rest::ids::{AccountUuid, RoleName, SessionUuid};
use crate::rest::when::When;
use crate::wiring::App;

/// What holds a session.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holder {
    /// A browser: an opaque cookie.
    Browser,
    /// A machine: a short token and a refresh token.
    Machine,
}

impl From<Client> for Holder {
    fn from(client: Client) -> Self {
        match client {
            Client::Browser => Self::Browser,
            Client::Machine => Self::Machine,
        }
    }
}

impl From<Holder> for Client {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Browser => Self::Browser,
            Holder::Machine => Self::Machine,
        }
    }
}

/// An open session. A browser gets its cookie with it, a machine its tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionOpen {
    /// Who is signed in.
    account: AccountUuid,
    role: RoleName,
    /// The session.
    session: SessionUuid,
    /// When it ends by itself.
    until: When,
    /// Browsers: send as X-CSRF-Token with every unsafe method.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// Machines: send as `Authorization: Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Machines: when the access token dies.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_until: Option<When>,
    /// Machines: good for one refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

pub(super) fn opened(app: &App, opened: &OpenedSession) -> HandlerResult {
    let secret = &opened.secret;
    let browser = opened.client == Client::Browser;
    let token = opened.machine_token.as_ref();
    let body = SessionOpen {
        account: opened.signed_in.actor.into(),
        role: opened.signed_in.actor.into(),
        session: opened.signed_in.session.into(),
        until: opened.until.into(),
        csrf_token: browser.then(|| app.csrf_tokens.of(secret)),
        access_token: token.map(|(token, _)| token.expose_secret().to_owned()),
        access_token_until: token.map(|(_, until)| When(*until)),
        refresh_token: (!browser).then(|| secret.expose_secret().to_owned()),
    };
    let mut response = HttpResponse::Created();
    if browser {
        response.cookie(session_cookie(secret));
    }
    Ok(response.json(body))
}
