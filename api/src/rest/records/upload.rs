//! Upload the body of an announced report.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, put, web};
use bytes::Bytes;
use commands::ports::blob_store::{BlobError, ClearBytes};
use futures::StreamExt as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::drawing::DrawingBody;
use crate::actor::Requester;
use crate::problem::{BAD_HEADER, NOT_A_FILE, OTHER_TYPE, Problem, TOO_LARGE};
use crate::rest::answers::Conflict;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::ids::ReportUuid;
use crate::rest::{Done, HandlerResult, made};
use crate::wiring::App;

/// A report was stored.
#[derive(Serialize, ToSchema)]
struct ReportMade {
    report: ReportUuid,
    /// Length, bytes.
    size: u64,
    /// What was found when its pages were drawn once; absent of a type whose pages cannot be shown at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    drawing: Option<DrawingBody>,
    #[serde(flatten)]
    done: Done,
}

/// Upload the body of an announced report. Streamed; encrypted before it touches a disk. The file itself,
/// not a form: with the media type it was announced as, with application/octet-stream, or with none. The
/// same ticket with the same bytes again gives the same answer, so no `Idempotency-Key` is needed.
#[utoipa::path(
    tag = "records",
    request_body(content_type = "application/octet-stream"),
    params(
        ("Upload-Ticket" = String, Header, description = "The ticket: once, for one body"),
    ),
    responses(
        (status = 201, body = ReportMade),
        (status = 507, body = Problem),
        Conflict,
    ),
)]
#[put("/api/v1/uploads")]
pub(super) async fn upload(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    key: IdempotencyKey,
    body: Payload,
) -> HandlerResult {
    let sent_as = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !sent_as.is_none_or(is_a_file) {
        return Err(NOT_A_FILE.into());
    }
    let ticket = request.headers().get("Upload-Ticket").and_then(|value| value.to_str().ok());
    let ticket = ticket.ok_or(BAD_HEADER)?;
    let announced_as = app.uploads.announced_as(caller.0, ticket).await?;
    if !sent_as.is_none_or(|sent_as| is_of_type(sent_as, &announced_as)) {
        return Err(OTHER_TYPE.into());
    }
    let announced = request.headers().get("Content-Length").and_then(|v| v.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > app.uploads.bytes_max()) {
        return Err(TOO_LARGE.into());
    }
    let held = key.hold_under(Some(ticket), caller.actor(), &ticket)?;
    let body = send_across(body);
    let outcome = app.uploads.take(caller.0, ticket, body, held.request).await?;
    let (report, size) = (outcome.done.report, outcome.done.size);
    let drawing = outcome.done.drawing.map(DrawingBody::from);
    made(ReportMade { report: report.into(), size, drawing, done: Done::at(outcome.position) })
}

/// Whether a body is the file itself, and not one wrapped in a form or said to be in some other form.
fn is_a_file(sent_as: &[u8]) -> bool {
    const WRAPPED: [&str; 3] = ["multipart/", "message/", "application/x-www-form-urlencoded"];
    let sent_as = sent_as.to_ascii_lowercase();
    !WRAPPED.iter().any(|wrapped| sent_as.trim_ascii_start().starts_with(wrapped.as_bytes()))
}

/// Whether a body is sent as what was announced, or as bytes of which nothing is said. Parameters are no
/// part of it.
fn is_of_type(sent_as: &[u8], announced_as: &str) -> bool {
    let essence = |text: &[u8]| {
        let end = text.iter().position(|byte| *byte == b';').unwrap_or(text.len());
        text[..end].trim_ascii().to_ascii_lowercase()
    };
    let sent_as = essence(sent_as);
    sent_as == b"application/octet-stream" || sent_as == essence(announced_as.as_bytes())
}

/// A payload belongs to one thread of the server; encrypting does not. A short bounded channel joins them:
/// when it is full, the client waits.
fn send_across(mut body: Payload) -> ClearBytes {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, BlobError>>(8);
    actix_web::rt::spawn(async move {
        while let Some(chunk) = body.next().await {
            let broken = chunk.is_err();
            let chunk = chunk.map_err(|_| BlobError::BrokenOff);
            if sender.send(chunk).await.is_err() || broken {
                break;
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receiver).boxed()
}
