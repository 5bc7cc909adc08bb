//! The one table from rejections and errors to what callers see: RFC 9457 problem documents.

mod flows;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use commands::decide::{Rejection, RejectionKind};
use commands::execute::ExecuteError;
use commands::ports::blob_store::BlobError;
use commands::ports::credentials::WorkError;
use commands::ports::rasteriser::RasteriseError;
use serde::Serialize;
use utoipa::ToSchema;

/// A problem document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is documented.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What refused, and what to do next.
    pub detail: String,
    /// Stable code, snake case.
    pub code: String,
    /// This occurrence, as a URN: the trace id once more.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// Finds the log lines of this request.
    pub trace_id: String,
    /// Fields that are not of their form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// The challenge to answer, where a code was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// Seconds to wait.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after: Option<Duration>,
}

/// A field that is not of its form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemField {
    /// RFC 6901 pointer into the request body.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Codes of this layer: what goes wrong before or after a decision.
macro_rules! own_problems {
    ($(
        $(#[$doc:meta])*
        $name:ident = $status:ident, $code:literal, $detail:literal, $next:literal;
    )*) => {
        $($(#[$doc])* pub(crate) const $name: Plain = Plain {
            status: StatusCode::$status, code: $code, detail: $detail, next: $next,
        };)*
        /// Every code of this layer.
        pub(crate) const OWN: &[Plain] = &[$($name),*];
    };
}

/// A problem with nothing variable in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: &'static str,
    pub(crate) next: &'static str,
}

own_problems! {
    NOT_FOUND = NOT_FOUND, "not_found", "There is no such record.", "Check the address.";
    NOT_PUBLISHED_YET = NOT_FOUND, "not_published_yet", "No published checkpoint covers this yet.", "Wait a second and ask again; if it stays so, tell the operator to look at /readyz.";
    NOT_REVOKED = NOT_FOUND, "not_revoked", "This consent was not taken back, so there is no receipt of that.", "Ask without event=revoked.";
    NO_CODE = UNPROCESSABLE_ENTITY, "does_not_fit_a_code", "This receipt is too long for a QR code.", "Take the file: ask without form=qr.";
    METHOD = METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take this method.", "See /api/docs.";
    BAD_BODY = BAD_REQUEST, "bad_body", "The body is not the JSON that is expected here.", "See /api/docs for its members; unknown members are refused.";
    BAD_QUERY = BAD_REQUEST, "bad_query", "The query is not of its form.", "See /api/docs.";
    BAD_HEADER = BAD_REQUEST, "bad_header", "A header is not of its form.", "See /api/docs.";
    BAD_FORM = UNPROCESSABLE_ENTITY, "bad_form", "Some fields are not of their form.", "Correct the fields named in errors.";
    TOO_LARGE = PAYLOAD_TOO_LARGE, "too_large", "The body is larger than is taken here.", "Send less.";
    BROKEN_OFF = BAD_REQUEST, "upload_broken_off", "The upload broke off; nothing was stored.", "Send the whole file again with the same ticket.";
    WRONG_ROLE = FORBIDDEN, "wrong_role", "This is not for accounts of your role.", "Log in with the right account.";
    CSRF = FORBIDDEN, "csrf", "The request carries a cookie but not the session's CSRF token.", "Send the csrf_token of your log-in as X-CSRF-Token.";
    STEP_UP_REQUIRED = FORBIDDEN, "step_up_required", "This must be confirmed: a code was sent to you.", "Send the same request again with the header Medlock-Step-Up: challenge=<id>; code=<code>.";
    KEY_REUSED = UNPROCESSABLE_ENTITY, "idempotency_key_reused", "This Idempotency-Key was used for another request.", "Use a new key.";
    IN_FLIGHT = CONFLICT, "in_flight", "A request with this Idempotency-Key is being worked on.", "Wait for its answer.";
    ALREADY_ISSUED = CONFLICT, "already_issued", "The answer to this request carried a secret and is not given again.", "Ask again with a new Idempotency-Key.";
    CONTENDED = SERVICE_UNAVAILABLE, "contended", "Too many requests write the same record at once.", "Try again.";
    CLOCK_BEHIND = SERVICE_UNAVAILABLE, "clock_behind", "The clock of this node is behind its log; nothing is written until it is right.", "Tell the operator to correct the clock, or, if it ran ahead before and is right now, to run `medlock log correct-clock`.";
    CLOCK_OFF_WITNESS = SERVICE_UNAVAILABLE, "clock_off_witness", "The clock of this node is not the time its witnesses say; nothing is written until they agree.", "Tell the operator to compare the clock with another source of time, and to correct it.";
    LOG_UNSIGNED = SERVICE_UNAVAILABLE, "log_unsigned", "The log that would prove this has not been signed for too long; nothing is shown until it is.", "Tell the operator to look at /readyz; try again when it is green.";
    DISK_FULL = INSUFFICIENT_STORAGE, "disk_full", "The disk is full: nothing was written, nothing is lost.", "Tell the operator; try again when there is space.";
    BUSY = SERVICE_UNAVAILABLE, "busy", "Too much work of this kind is waiting.", "Try again in a moment.";
    BEHIND = SERVICE_UNAVAILABLE, "read_model_behind", "The read models have not seen your change yet.", "Try again.";
    EVENT_TOO_LONG = UNPROCESSABLE_ENTITY, "event_too_long", "What you sent does not fit an event.", "Send less.";
    CANNOT_DRAW = UNPROCESSABLE_ENTITY, "cannot_draw", "The pages of this report cannot be drawn.", "Ask the patient to download it.";
    TOO_HEAVY = UNPROCESSABLE_ENTITY, "too_heavy", "Drawing this page takes more time or memory than is allowed.", "Ask the patient to download the report.";
    DAMAGED = INTERNAL_SERVER_ERROR, "stored_file_damaged", "The stored file does not open; nothing of it was shown.", "Tell the operator.";
    FAILED = INTERNAL_SERVER_ERROR, "failed", "Something broke; it is in the log of this server.", "Tell the operator the trace id.";
}

impl From<Plain> for Problem {
    fn from(plain: Plain) -> Self {
        let Plain { status, code, detail, next } = plain;
        let trace_id = crate::trace::current();
        let instance = uuid::Uuid::try_parse(&trace_id).map(|uuid| uuid.urn().to_string());
        Self {
            instance: instance.unwrap_or_default(),
            kind: format!("/api/problems/{code}"),
            title: status.canonical_reason().unwrap_or("").to_owned(),
            status: status.as_u16(),
            detail: format!("{detail} {next}"),
            code: code.to_owned(),
            trace_id,
            errors: vec![],
            challenge: None,
            retry_after: None,
        }
    }
}

pub(crate) const fn status_of(kind: RejectionKind) -> StatusCode {
    match kind {
        RejectionKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RejectionKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        RejectionKind::Forbidden => StatusCode::FORBIDDEN,
        RejectionKind::NotFound => StatusCode::NOT_FOUND,
        RejectionKind::Conflict | RejectionKind::AlreadyThere => StatusCode::CONFLICT,
        RejectionKind::TooSoon => StatusCode::TOO_MANY_REQUESTS,
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let Rejection { kind, code, detail, next, retry: _, retry_after } = rejection;
        // What a caller may not know of answers like what does not exist: one body for all.
        if code == NOT_FOUND.code {
            return NOT_FOUND.into();
        }
        let plain = Plain { status: status_of(kind), code, detail, next };
        Self { retry_after, ..plain.into() }
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Self {
        let plain = match &error {
            ExecuteError::Rejected(rejection) => return (*rejection).into(),
            ExecuteError::RequestReused => KEY_REUSED,
            ExecuteError::Contended => CONTENDED,
            ExecuteError::ClockBehind(_) => CLOCK_BEHIND,
            ExecuteError::ClockOffWitness(_) => CLOCK_OFF_WITNESS,
            ExecuteError::DiskFull => DISK_FULL,
            ExecuteError::Line(_) => EVENT_TOO_LONG,
            ExecuteError::Fold(_)
            | ExecuteError::Vault(_)
            | ExecuteError::Store(_)
            | ExecuteError::NoAnswer
            | ExecuteError::Defect(_) => FAILED,
        };
        if plain.status.is_server_error() {
            tracing::error!(code = plain.code, %error, "a request failed");
        }
        plain.into()
    }
}

impl From<WorkError> for Problem {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::DiskFull => DISK_FULL.into(),
            WorkError::Busy => Self { retry_after: Some(Duration::from_secs(1)), ..BUSY.into() },
            WorkError::Store(_) => failed(&error),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::DiskFull => DISK_FULL.into(),
            BlobError::TooLarge(_) => TOO_LARGE.into(),
            BlobError::BrokenOff => BROKEN_OFF.into(),
            BlobError::Missing | BlobError::Damaged => {
                tracing::error!(%error, "a stored report does not open");
                DAMAGED.into()
            }
            BlobError::Store(_) => failed(&error),
        }
    }
}

impl From<RasteriseError> for Problem {
    fn from(error: RasteriseError) -> Self {
        match error {
            RasteriseError::NotDrawable | RasteriseError::Encrypted | RasteriseError::Damaged => {
                CANNOT_DRAW.into()
            }
            RasteriseError::NoSuchPage { .. } => NOT_FOUND.into(),
            RasteriseError::TooLarge { .. }
            | RasteriseError::TooMuchTime
            | RasteriseError::TooMuchMemory => TOO_HEAVY.into(),
            RasteriseError::Busy => BUSY.into(),
            RasteriseError::Source(error) => error.into(),
            RasteriseError::Child { .. } => failed(&error),
        }
    }
}

/// A broken world: logged here, once, and told without its insides.
pub(crate) fn failed(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a request failed");
    FAILED.into()
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let mut response = response.json(self);
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

/// Every code there is, with its status, what refused and what to do next.
pub fn catalogue() -> Vec<(&'static str, u16, &'static str, &'static str)> {
    let own = OWN.iter().map(|own| (own.code, own.status.as_u16(), own.detail, own.next));
    let no = commands::rejections().into_iter();
    let no = no.map(|no| (no.code, status_of(no.kind).as_u16(), no.detail, no.next));
    let mut all: Vec<_> = own.chain(no.filter(|no| no.0 != NOT_FOUND.code)).collect();
    all.sort_unstable();
    all.dedup_by_key(|entry| entry.0);
    all
}
