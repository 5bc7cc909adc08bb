//! `HEAD`: what `GET` would say, without its body (RFC 9110, 9.3.2).

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage as _, HttpRequest};
use bytes::Bytes;

/// Where a `GET` shows something that is recorded as shown, to some readers at least, or never ends: these
/// give no headers alone, for nothing would have been shown.
const BY_GET_ONLY: [&str; 9] = [
    "/api/v1/patients/{patient}/viewings/{viewing}/pages/{page}",
    "/api/v1/patients/{patient}/reports",
    "/api/v1/patients/{patient}/reports/{report}",
    "/api/v1/doctors",
    "/api/v1/doctors/{doctor}",
    "/api/v1/me/patients",
    "/api/v1/admin/verifications",
    "/api/v1/admin/verifications/{doctor}",
    "/api/v1/stream",
];

/// Whether this route answers `HEAD`.
pub(super) fn answers_head(route: &str) -> bool {
    !BY_GET_ONLY.contains(&route)
}

/// The mark of a request that came as `HEAD`.
struct HeadersOnly;

/// Passes a `HEAD` on as the `GET` it is about, where there is one. Answers whether it did.
pub(super) fn pass_on_as_get(request: &mut ServiceRequest, route: &str) -> bool {
    let passed_on = request.method() == Method::HEAD && answers_head(route);
    if passed_on {
        request.extensions_mut().insert(HeadersOnly);
        request.head_mut().method = Method::GET;
    }
    passed_on
}

/// Whether nothing but the headers will be sent: what costs an event or much work is not done for them.
pub(super) fn asks_for_headers(request: &HttpRequest) -> bool {
    request.extensions().contains::<HeadersOnly>()
}

/// A body that is as long as another and is not sent.
pub(super) struct Unsent(BodySize);

impl Unsent {
    /// In the place of `body`, which is dropped.
    pub(super) fn instead_of(body: &BoxBody) -> Self {
        Self(body.size())
    }
}

impl MessageBody for Unsent {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
