//! Logging in, sessions, and the keys of machine tokens.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use commands::identity::log_in::LoggedIn;
use commands::identity::sessions::OpenedSession;
use domain::actor::Actor;
use domain::identity::event::{Client, SessionEnd};
use domain::ids::SessionId;
use domain::time::Moment;
use projections::identity::open_sessions::OpenSessions;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Challenged, challenged, step_up};
use crate::actor::{COOKIE, Requester, no_cookie, session_cookie};
use crate::problem::{NOT_FOUND, Problem};
use crate::rest::lists::{ListQuery, Listed, cacheable, fresh};
use crate::rest::peer::source;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(log_in)
        .service(second_factor)
        .service(refresh)
        .service(me)
        .service(my_sessions)
        .service(log_out)
        .service(end_session)
        .service(key_set);
}

/// What holds a session.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Holder {
    /// A browser: an opaque cookie.
    Browser,
    /// A machine: a short token and a refresh token.
    Machine,
}

impl From<Holder> for Client {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Browser => Self::Browser,
            Holder::Machine => Self::Machine,
        }
    }
}

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogInForm {
    /// E-mail address.
    email: String,
    /// Password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Who will hold the session.
    client: Holder,
}

/// An open session. A browser gets its cookie with it, a machine its tokens.
#[derive(Serialize, ToSchema)]
struct SessionOpen {
    /// Who is signed in.
    #[schema(value_type = String)]
    account: Actor,
    /// The session.
    #[schema(value_type = String, format = Uuid)]
    session: SessionId,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// Browsers: send as X-CSRF-Token with every unsafe method.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// Machines: send as `Authorization: Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Machines: when the access token dies.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    access_token_until: Option<Moment>,
    /// Machines: good for one refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

fn opened(app: &App, opened: &OpenedSession) -> HandlerResult {
    let secret = &opened.secret;
    let browser = opened.client == Client::Browser;
    let token = opened.machine_token.as_ref();
    let body = SessionOpen {
        account: opened.signed_in.actor,
        session: opened.signed_in.session,
        until: opened.until,
        csrf_token: browser.then(|| app.csrf_tokens.of(secret)),
        access_token: token.map(|(token, _)| token.expose_secret().to_owned()),
        access_token_until: token.map(|(_, until)| *until),
        refresh_token: (!browser).then(|| secret.expose_secret().to_owned()),
    };
    let mut response = HttpResponse::Created();
    if browser {
        response.cookie(session_cookie(secret));
    }
    Ok(response.json(body))
}

/// Log in. Patients get a session; doctors and admins a code first.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 201, body = SessionOpen),
        (status = 202, body = Challenged),
        (status = 401, body = Problem),
        (status = 429, body = Problem),
    ),
)]
#[post("/api/v1/sessions")]
async fn log_in(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<LogInForm>,
) -> HandlerResult {
    let LogInForm { email, password, client } = body.into_inner();
    let from = source(request.peer_addr());
    match app.log_in.log_in(&email, password, client.into(), &from).await? {
        LoggedIn::Session(session) => opened(&app, &session),
        LoggedIn::SecondFactor(challenge) => challenged(challenge),
    }
}

/// The code that was sent at log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    /// The challenge.
    challenge: String,
    /// The six digits.
    #[schema(value_type = String)]
    code: SecretString,
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
async fn second_factor(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<SecondFactor>,
) -> HandlerResult {
    let SecondFactor { challenge, code, client } = body.into_inner();
    let answer = step_up(&challenge, code)?;
    let from = source(request.peer_addr());
    opened(&app, &app.log_in.answer_second_factor(answer, client.into(), &from).await?)
}

/// A machine's refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// Good for one use; a second use ends the session.
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// Get the next tokens of a machine's session.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 201, body = SessionOpen), (status = 401, body = Problem)),
)]
#[post("/api/v1/sessions/refresh")]
async fn refresh(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Refresh>,
) -> HandlerResult {
    let from = source(request.peer_addr());
    opened(&app, &app.sessions.refresh(body.into_inner().refresh_token, &from).await?)
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct Me {
    #[schema(value_type = String)]
    account: Actor,
    #[schema(value_type = String, format = Uuid)]
    session: SessionId,
    /// Full name.
    name: String,
    /// Browsers: send as X-CSRF-Token with every unsafe method.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// Who am I?
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = Me), (status = 401, body = Problem)),
)]
#[get("/api/v1/me")]
async fn me(app: web::Data<App>, request: HttpRequest, caller: Requester) -> HandlerResult {
    let words = app.accounts.own_words(caller.actor()).await?.ok_or(NOT_FOUND)?;
    let cookie = request.cookie(COOKIE).map(|cookie| SecretString::from(cookie.value().to_owned()));
    let account = caller.actor();
    let session = caller.0.session;
    let name = words.name.expose_secret().to_owned();
    let csrf_token = cookie.map(|secret| app.csrf_tokens.of(&secret));
    ok(Me { account, session, name, csrf_token })
}

/// Log out: the session is over, open viewings in it show nothing more.
#[utoipa::path(
    tag = "identity",
    responses((status = 200, body = Done), (status = 401, body = Problem)),
)]
#[delete("/api/v1/sessions/current")]
async fn log_out(app: web::Data<App>, caller: Requester) -> HandlerResult {
    let session = caller.0.session;
    let outcome = app.sessions.end(caller.0, session, SessionEnd::Logout).await?;
    let done = Done { position: outcome.position };
    Ok(HttpResponse::Ok().cookie(no_cookie()).json(done))
}

/// End another of my sessions.
#[utoipa::path(
    tag = "identity",
    params(("session" = String, Path, description = "The session")),
    responses((status = 200, body = Done), (status = 404, body = Problem)),
)]
#[delete("/api/v1/sessions/{session}")]
async fn end_session(
    app: web::Data<App>,
    caller: Requester,
    path: web::Path<SessionId>,
) -> HandlerResult {
    let session = path.into_inner();
    let outcome = app.sessions.end(caller.0, session, SessionEnd::EndedElsewhere).await?;
    ok(Done { position: outcome.position })
}

/// The public keys of machine tokens (RFC 7517).
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 200, description = "A JSON Web Key Set")),
)]
#[get("/.well-known/jwks.json")]
async fn key_set(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(app.sessions.key_set()))
}

/// One of my sessions.
#[derive(Serialize, ToSchema)]
struct MySession {
    #[schema(value_type = String, format = Uuid)]
    session: SessionId,
    #[schema(value_type = Holder)]
    client: Client,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// Whether it is the one this request was made in.
    current: bool,
}

/// My open sessions.
#[utoipa::path(
    tag = "identity",
    params(ListQuery),
    responses((status = 200, body = Listed<MySession>)),
)]
#[get("/api/v1/me/sessions")]
async fn my_sessions(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    query: web::Query<ListQuery>,
) -> HandlerResult {
    let page = fresh(&app, &query).await?;
    let now = app.now();
    let found = OpenSessions::of(app.models.store(), caller.actor(), now, page).await?;
    let item = |entry: &projections::identity::open_sessions::SessionEntry| MySession {
        session: entry.session,
        client: entry.client,
        opened_at: entry.opened_at,
        until: entry.until,
        current: entry.session == caller.0.session,
    };
    let items = found.items.iter().map(item).collect();
    Listed::answer(&app, &request, items, found.total, found.next)
}
