//! `Idempotency-Key`: the same request again gives the first answer again, and runs once at a time.

use actix_web::{HttpRequest, web};
use commands::ports::event_store::Request;
use domain::actor::Actor;
use serde::Serialize;

use super::state::{HeldKey, HttpState};
use crate::problem::{BAD_HEADER, FAILED, IN_FLIGHT, Problem};
use crate::wiring::App;

/// Longest key.
const KEY_CHARS_MAX: usize = 128;

/// A request's identity, held while it is worked on.
pub(crate) struct HeldRequest {
    pub(crate) request: Request,
    _key: Option<HeldKey>,
}

/// Reads the key and binds it to the whole request: method, path and body.
pub(crate) fn hold(
    app: &App,
    actor: Actor,
    request: &HttpRequest,
    body: &impl Serialize,
) -> Result<HeldRequest, Problem> {
    // Every server has one: `server.rs`.
    let state = request.app_data::<web::Data<HttpState>>().ok_or(FAILED)?;
    let key = match request.headers().get("Idempotency-Key") {
        None => None,
        Some(value) => {
            let key = value.to_str().ok().filter(|key| (1..=KEY_CHARS_MAX).contains(&key.len()));
            Some(key.ok_or(BAD_HEADER)?)
        }
    };
    let body = serde_json::to_vec(body).unwrap_or_default();
    let target = format!("{} {}\0", request.method(), request.path());
    let canonical = [target.as_bytes(), &body].concat();
    let request = app.requests.of(actor, key, &canonical);
    let key = match request {
        Request::Keyed { id, .. } => Some(state.in_flight.take(id).ok_or(IN_FLIGHT)?),
        Request::Once(_) => None,
    };
    Ok(HeldRequest { request, _key: key })
}
