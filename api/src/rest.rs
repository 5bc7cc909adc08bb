//! REST: translation only. Each file holds the routes of one feature.

pub(crate) mod access;
mod allowed;
mod answers;
pub(crate) mod audit;
mod bad_query;
pub(crate) mod consent;
mod csv;
mod description;
mod done;
mod head;
mod headers;
pub(crate) mod health;
pub(crate) mod idempotency;
pub(crate) mod identity;
pub(crate) mod ids;
pub(crate) mod lists;
pub(crate) mod live;
pub(crate) mod log;
mod origin;
pub(crate) mod paths;
pub(crate) mod peer;
pub(crate) mod proofs;
pub(crate) mod quota;
pub(crate) mod records;
pub(crate) mod secrets;
pub(crate) mod state;
pub(crate) mod surround;
mod tags;
mod web_app;
pub(crate) mod when;

use actix_web::error::{InternalError, JsonPayloadError, PathError};
use actix_web::web;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::allowed::no_route;
use self::allowed::not_of_its_form;
use self::bad_query::bad_query;
pub(crate) use self::done::{Done, HandlerResult, made, ok};
use crate::problem::{BAD_BODY, NOT_JSON, Problem, TOO_LARGE};

/// Largest JSON body, bytes.
const JSON_BYTES_MAX: usize = 64 * 1_024;

/// The document itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Medlock",
        description = "A consent-driven medical record service. Every action is an event in an \
                       append-only log; every refusal says the rule and the next step."
    ),
    components(schemas(lists::WhichConsents, Problem)),
    modifiers(&Security),
    security(("session" = []), ("machine" = []))
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let cookie = ApiKeyValue::with_description(
            crate::actor::COOKIE,
            "Browsers: the session cookie; unsafe methods also send X-CSRF-Token.",
        );
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
        components.add_security_scheme("session", cookie);
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("machine", bearer);
    }
}

/// The description of every route.
pub fn openapi() -> serde_json::Value {
    use utoipa_actix_web::AppExt as _;
    let app = actix_web::App::new().into_utoipa_app().openapi(Document::openapi());
    let made = app.configure(routes).split_for_parts().1;
    description::finish(serde_json::to_value(made).unwrap_or_default())
}

/// Every route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    health::routes(config);
    identity::routes(config);
    consent::routes(config);
    records::routes(config);
    access::routes(config);
    audit::routes(config);
    live::routes(config);
    log::routes(config);
    proofs::routes(config);
    web_app::routes(config);
}

/// How bodies, queries and paths are read, and what is said when they cannot be.
pub(crate) fn extractors(config: &mut web::ServiceConfig) {
    config
        .app_data(
            web::JsonConfig::default()
                .limit(JSON_BYTES_MAX)
                .error_handler(|error, _| bad_body(&error).into()),
        )
        .app_data(web::QueryConfig::default().error_handler(|error, _| bad_query(&error).into()))
        .app_data(web::PathConfig::default().error_handler(|error: PathError, request| {
            InternalError::from_response(error, not_of_its_form(request)).into()
        }));
}

fn bad_body(error: &JsonPayloadError) -> Problem {
    let overflow = matches!(
        error,
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. }
    );
    if overflow {
        return TOO_LARGE.into();
    }
    if matches!(error, JsonPayloadError::ContentType) {
        return NOT_JSON.into();
    }
    let mut problem = Problem::from(BAD_BODY);
    if let JsonPayloadError::Deserialize(error) = error
        && error.is_data()
    {
        problem.detail = format!("{} {}", problem.detail, without_values(error));
    }
    problem
}

/// What serde says of a body that does not fit, without any value the caller sent: names of members and
/// the place stay, quoted strings go.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once('`') {
        Some(_) if text.starts_with("unknown field") || text.starts_with("missing field") => text,
        Some(_) | None => format!("See line {}, column {}.", error.line(), error.column()),
    }
}
