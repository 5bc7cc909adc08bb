//! `Idempotency-Key`: the same request again gives the first answer again, and runs once at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpRequest;
use commands::ports::event_store::Request;
use domain::actor::Actor;
use serde::Serialize;
use uuid::Uuid;

use crate::problem::{BAD_HEADER, IN_FLIGHT, Problem};
use crate::wiring::App;

/// Longest key.
const KEY_CHARS_MAX: usize = 128;

/// Requests with a key that are being worked on.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<Uuid>>>);

/// A request's identity, held while it is worked on.
pub(crate) struct HeldRequest {
    pub(crate) request: Request,
    in_flight: InFlight,
}

impl Drop for HeldRequest {
    fn drop(&mut self) {
        if let Request::Keyed { id, .. } = self.request {
            self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        }
    }
}

/// Reads the key and binds it to the whole request: method, path and body.
pub(crate) fn hold(
    app: &App,
    actor: Actor,
    request: &HttpRequest,
    body: &impl Serialize,
) -> Result<HeldRequest, Problem> {
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
    if let Request::Keyed { id, .. } = request {
        let mut working = app.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !working.insert(id) {
            return Err(IN_FLIGHT.into());
        }
    }
    Ok(HeldRequest { request, in_flight: app.in_flight.clone() })
}
