//! `Idempotency-Key`: the same request again gives the first answer again, and runs once at a time.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use commands::ports::event_store::Request;
use domain::actor::Actor;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::headers;
use super::state::{HeldKey, HttpState};
use crate::problem::{BAD_HEADER, FAILED, IN_FLIGHT, Problem};
use crate::wiring::App;

/// The header.
pub(super) const NAME: &str = "Idempotency-Key";
/// Longest key.
const KEY_CHARS_MAX: usize = 128;

/// A request's identity, held while it is worked on.
pub(crate) struct HeldRequest {
    pub(crate) request: Request,
    _key: Option<HeldKey>,
}

/// The key of a request, where it has one, and what it is bound to.
pub(crate) struct IdempotencyKey {
    app: web::Data<App>,
    state: web::Data<HttpState>,
    request: HttpRequest,
}

impl IdempotencyKey {
    /// Binds the key to the whole request: who asks, method, path and body.
    pub(crate) fn hold(&self, actor: Actor, body: &impl Serialize) -> Result<HeldRequest, Problem> {
        let key = headers::read(&self.request, NAME)?;
        if key.is_some_and(|key| !(1..=KEY_CHARS_MAX).contains(&key.len())) {
            return Err(BAD_HEADER.into());
        }
        self.hold_under(key, actor, body)
    }

    /// The same under what else makes the request this one: an upload's ticket.
    pub(crate) fn hold_under(
        &self,
        key: Option<&str>,
        actor: Actor,
        body: &impl Serialize,
    ) -> Result<HeldRequest, Problem> {
        let body = serde_json::to_vec(body).unwrap_or_default();
        let target = format!("{} {}\0", self.request.method(), self.request.path());
        let canonical = [target.as_bytes(), &body].concat();
        let request = self.app.requests.of(actor, key, &canonical);
        let key = match request {
            Request::Keyed { id, .. } => Some(self.state.in_flight.take(id).ok_or(IN_FLIGHT)?),
            Request::Once(_) => None,
        };
        Ok(HeldRequest { request, _key: key })
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let state = request.app_data::<web::Data<HttpState>>().cloned();
        // Every server has both: `server.rs`.
        ready(match (app, state) {
            (Some(app), Some(state)) => Ok(Self { app, state, request: request.clone() }),
            (None, _) | (_, None) => Err(FAILED.into()),
        })
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        headers::described::<String>(NAME, Required::False, "Makes a repetition safe")
    }
}
