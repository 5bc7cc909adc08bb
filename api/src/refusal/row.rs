//! A row of the table: a code with all that is known of it.

use actix_web::http::StatusCode;
use commands::decide::{Rejection, RetryAdvice};

use super::grpc::GrpcCode;
use super::kind::RefusalKind;
use super::metadata::Metadata;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalRow {
    /// Stable code, snake case: the `code` of a problem, and what gRPC calls the reason of an `ErrorInfo`.
    pub code: &'static str,
    /// The status of REST.
    pub status: StatusCode,
    /// The status of gRPC.
    pub grpc: GrpcCode,
    /// Whether the same request again is useful.
    pub retry: RetryAdvice,
    /// One sentence: what refused.
    pub rule: &'static str,
    /// One sentence: what to do next.
    pub next: &'static str,
    /// What a machine may find beside it.
    pub metadata: &'static [Metadata],
}

impl RefusalRow {
    /// What its kind says of it.
    pub(super) const fn of(
        kind: RefusalKind,
        code: &'static str,
        rule: &'static str,
        next: &'static str,
    ) -> Self {
        let (status, grpc) = (kind.status(), kind.grpc());
        Self { code, status, grpc, retry: kind.retry(), rule, next, metadata: kind.metadata() }
    }

    /// A command's row.
    pub(super) const fn decided(rejection: Rejection) -> Self {
        let Rejection { kind, code, detail, next, retry, retry_after: _ } = rejection;
        Self { retry, ..Self::of(RefusalKind::Decided(kind), code, detail, next) }
    }

    /// The two sentences.
    pub(crate) fn in_words(&self) -> String {
        format!("{} {}", self.rule, self.next)
    }
}

impl From<Rejection> for RefusalRow {
    fn from(rejection: Rejection) -> Self {
        Self::decided(rejection)
    }
}
