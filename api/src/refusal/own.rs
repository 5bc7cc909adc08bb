//! The rows of this layer: what goes wrong before or after a decision.

use actix_web::http::StatusCode;
use commands::access::refusal::RecordRejection;
use commands::decide::RejectionKind::{Conflict, Forbidden, Invalid, NotFound};
use commands::decide::RetryAdvice::{AfterAChange, AfterTheOperator, AfterWaiting, Never};

use super::grpc::GrpcCode;
use super::kind::RefusalKind::{Broken, Decided, Malformed, Unavailable};
use super::metadata::Metadata;
use super::row::RefusalRow;

/// Declares rows: name, kind, code, what refused, what to do next, and where a row differs from its kind.
macro_rules! own_rows {
    ($(
        $name:ident = $kind:expr, $code:literal, $rule:literal, $next:literal
            $(, $column:ident: $value:expr)*;
    )*) => {
        $(#[doc = $rule] pub(crate) const $name: RefusalRow = RefusalRow {
            $($column: $value,)*
            ..RefusalRow::of($kind, $code, $rule, $next)
        };)*

        /// Every row of this layer.
        pub(super) const OWN: &[RefusalRow] = &[$($name),*];
    };
}

/// A command's row that this layer says as well.
pub(crate) const NOT_FOUND: RefusalRow =
    RefusalRow::decided(RecordRejection::NoSuchRecord.rejection());

own_rows! {
    NOT_PUBLISHED_YET = Decided(NotFound), "not_published_yet", "No published checkpoint covers this yet.", "Wait a second and ask again; if it stays so, tell the operator to look at /readyz.", retry: AfterWaiting;
    NOT_REVOKED = Decided(NotFound), "not_revoked", "This consent was not taken back, so there is no receipt of that.", "Ask without event=revoked.", retry: AfterAChange;
    NO_CODE = Decided(Invalid), "does_not_fit_a_code", "This receipt is too long for a QR code.", "Take the file: ask without form=qr.";
    METHOD = Malformed, "method_not_allowed", "This address does not take this method.", "See /api/docs.",
        status: StatusCode::METHOD_NOT_ALLOWED, grpc: GrpcCode::Unimplemented;
    BAD_BODY = Malformed, "bad_body", "The body is not the JSON that is expected here.", "See /api/docs for its members; unknown members are refused.";
    BAD_QUERY = Malformed, "bad_query", "The query is not of its form.", "See /api/docs.";
    BEYOND_THE_LOG = Malformed, "beyond_the_log", "The min_position lies beyond the newest event.", "Pass the position that a write answered.";
    CHANGED = Decided(Conflict), "changed_meanwhile", "This is no longer as the ETag in If-Match says; nothing was done.", "Read it again, and send the request with its new ETag if it still fits.",
        status: StatusCode::PRECONDITION_FAILED, retry: AfterAChange;
    BAD_CURSOR = Malformed, "bad_cursor", "This cursor is not one of this list, or was given to another account.", "Start the list anew, without a cursor; give a cursor back to the list and the filter it came with.";
    BAD_HEADER = Malformed, "bad_header", "A header is not of its form.", "See /api/docs.";
    BAD_FORM = Decided(Invalid), "bad_form", "Some fields are not of their form.", "Correct the fields named in errors.", metadata: &[Metadata::Errors];
    TOO_LARGE = Malformed, "too_large", "The body is larger than is taken here.", "Send less.", status: StatusCode::PAYLOAD_TOO_LARGE;
    ENCODING = Malformed, "encoding_not_taken", "Bodies are taken as they are, not compressed.", "Send it without Content-Encoding.", status: StatusCode::UNSUPPORTED_MEDIA_TYPE;
    NOT_JSON = Malformed, "not_json", "The body is taken as JSON here, and was sent as something else.", "Send JSON with Content-Type: application/json.", status: StatusCode::UNSUPPORTED_MEDIA_TYPE;
    NOT_A_FILE = Malformed, "not_a_file", "The file itself is taken here, not a form around it; nothing was stored.", "Send its bytes as the body, with Content-Type: application/octet-stream or the file's own type.", status: StatusCode::UNSUPPORTED_MEDIA_TYPE;
    OTHER_TYPE = Malformed, "other_type", "The file is sent as another type than it was announced as; nothing was stored.", "Announce it as what it is, or send it with the type it was announced as, or as application/octet-stream.", status: StatusCode::UNSUPPORTED_MEDIA_TYPE;
    BODY_TOO_SLOW = Malformed, "body_too_slow", "The body did not come in time; the connection is closed.", "Send it again, over a better connection if this one is slow.",
        status: StatusCode::REQUEST_TIMEOUT, grpc: GrpcCode::Aborted, retry: AfterWaiting;
    NO_SUCH_PART = Malformed, "no_such_part", "The file has no such bytes.", "Content-Range says how many it has.",
        status: StatusCode::RANGE_NOT_SATISFIABLE, grpc: GrpcCode::OutOfRange;
    BROKEN_OFF = Malformed, "upload_broken_off", "The upload broke off; nothing was stored.", "Send the whole file again with the same ticket.", grpc: GrpcCode::Aborted, retry: AfterWaiting;
    WRONG_ROLE = Decided(Forbidden), "wrong_role", "This is not for accounts of your role.", "Log in with the right account.";
    FIRST_ADMIN_ELSEWHERE = Decided(Forbidden), "first_admin_from_elsewhere", "The first admin comes in from the machine that runs the service.", "Open the link there, or let the operator name your network in http.first_admin_from.", retry: AfterAChange;
    FOREIGN_ORIGIN = Decided(Forbidden), "foreign_origin", "The request was made by a page of another address than this installation's.", "Open the app at its own address; the operator may have to set http.public_url to it.", retry: Never;
    CSRF = Decided(Forbidden), "csrf", "The request carries a cookie but not the session's CSRF token.", "Send the csrf_token of your log-in as X-CSRF-Token.", retry: Never;
    STEP_UP_REQUIRED = Decided(Forbidden), "step_up_required", "This must be confirmed: by the code that was sent to you, or by your own second factor.", "Send the same request again with the header Medlock-Step-Up: challenge=<id>; code=<code>.",
        grpc: GrpcCode::FailedPrecondition, metadata: &[Metadata::Challenge];
    KEY_REUSED = Decided(Invalid), "idempotency_key_reused", "This Idempotency-Key was used for another request.", "Use a new key.";
    IN_FLIGHT = Decided(Conflict), "in_flight", "A request with this Idempotency-Key or upload ticket is being worked on.", "Wait for its answer.", grpc: GrpcCode::Aborted, retry: AfterWaiting;
    ALREADY_ISSUED = Decided(Conflict), "already_issued", "The answer to this request carried a secret and is not given again.", "Ask again with a new Idempotency-Key.";
    CONTENDED = Unavailable, "contended", "Too many requests write the same record at once.", "Try again.";
    CLOCK_BEHIND = Unavailable, "clock_behind", "The clock of this node is behind its log; nothing is written until it is right.", "Tell the operator to correct the clock, or, if it ran ahead before and is right now, to run `medlock log correct-clock`.", retry: AfterTheOperator;
    CLOCK_OFF_WITNESS = Unavailable, "clock_off_witness", "The clock of this node is not the time its witnesses say; nothing is written until they agree.", "Tell the operator to compare the clock with another source of time, and to correct it.", retry: AfterTheOperator;
    LOG_UNSIGNED = Unavailable, "log_unsigned", "The log that would prove this has not been signed for too long; nothing is shown until it is.", "Tell the operator to look at /readyz; try again when it is green.", retry: AfterTheOperator;
    DISK_FULL = Unavailable, "disk_full", "The disk is full: nothing was written, nothing is lost.", "Tell the operator; try again when there is space.",
        status: StatusCode::INSUFFICIENT_STORAGE, grpc: GrpcCode::ResourceExhausted,
        retry: AfterTheOperator;
    BUSY = Unavailable, "busy", "Too much work of this kind is waiting.", "Try again in a moment.", metadata: &[Metadata::RetryAfter];
    CROWDED = Unavailable, "too_many_connections", "Too many connections are open, from your address or in all.", "Close some, or try again in a moment.", metadata: &[Metadata::RetryAfter];
    BEHIND = Unavailable, "read_model_behind", "The read models have not seen your change yet.", "Try again.", metadata: &[Metadata::RetryAfter];
    EVENT_TOO_LONG = Decided(Invalid), "event_too_long", "What you sent does not fit an event.", "Send less.";
    CANNOT_DRAW = Decided(Invalid), "cannot_draw", "The pages of this report cannot be drawn.", "Ask the patient to download it.";
    NEEDS_PASSWORD = Decided(Invalid), "needs_password", "This report opens only with a password, which is not known here.", "Ask whoever uploaded it for a copy without a password.";
    TOO_HEAVY = Decided(Invalid), "too_heavy", "Drawing this page takes more time or memory than is allowed.", "Ask the patient to download the report.";
    DAMAGED = Broken, "stored_file_damaged", "The stored file does not open; nothing of it was shown.", "Tell the operator.", grpc: GrpcCode::DataLoss;
    FAILED = Broken, "failed", "Something broke; it is in the log of this server.", "Tell the operator the trace id.";
}
