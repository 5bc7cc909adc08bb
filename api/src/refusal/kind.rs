//! What a kind of "no" or of error gives each of its rows: both statuses, and whether a retry is useful.

use actix_web::http::StatusCode;
use commands::decide::{RejectionKind, RetryAdvice};

use super::grpc::GrpcCode;
use super::metadata::Metadata;

/// What kind of row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalKind {
    /// It cannot be read at all.
    Malformed,
    /// A "no", of one of the kinds that decisions know.
    Decided(RejectionKind),
    /// It cannot be done now.
    Unavailable,
    /// Something is broken.
    Broken,
}

impl RefusalKind {
    /// The status of REST.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Decided(RejectionKind::Invalid) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Decided(RejectionKind::Unauthenticated) => StatusCode::UNAUTHORIZED,
            Self::Decided(RejectionKind::Forbidden) => StatusCode::FORBIDDEN,
            Self::Decided(RejectionKind::NotFound) => StatusCode::NOT_FOUND,
            Self::Decided(RejectionKind::Conflict | RejectionKind::AlreadyThere) => {
                StatusCode::CONFLICT
            }
            Self::Decided(RejectionKind::TooSoon) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The status of gRPC.
    pub(super) const fn grpc(self) -> GrpcCode {
        match self {
            Self::Malformed | Self::Decided(RejectionKind::Invalid) => GrpcCode::InvalidArgument,
            Self::Decided(RejectionKind::Unauthenticated) => GrpcCode::Unauthenticated,
            Self::Decided(RejectionKind::Forbidden) => GrpcCode::PermissionDenied,
            Self::Decided(RejectionKind::NotFound) => GrpcCode::NotFound,
            Self::Decided(RejectionKind::Conflict) => GrpcCode::FailedPrecondition,
            Self::Decided(RejectionKind::AlreadyThere) => GrpcCode::AlreadyExists,
            Self::Decided(RejectionKind::TooSoon) => GrpcCode::ResourceExhausted,
            Self::Unavailable => GrpcCode::Unavailable,
            Self::Broken => GrpcCode::Internal,
        }
    }

    /// Whether the same request again is useful.
    pub(super) const fn retry(self) -> RetryAdvice {
        match self {
            Self::Malformed => RetryAdvice::Never,
            Self::Decided(kind) => kind.retry(),
            Self::Unavailable => RetryAdvice::AfterWaiting,
            Self::Broken => RetryAdvice::AfterTheOperator,
        }
    }

    /// What a machine may find beside it.
    pub(super) const fn metadata(self) -> &'static [Metadata] {
        match self {
            Self::Decided(RejectionKind::TooSoon) => &[Metadata::RetryAfter],
            Self::Malformed
            | Self::Decided(
                RejectionKind::Invalid
                | RejectionKind::Unauthenticated
                | RejectionKind::Forbidden
                | RejectionKind::NotFound
                | RejectionKind::Conflict
                | RejectionKind::AlreadyThere,
            )
            | Self::Unavailable
            | Self::Broken => &[],
        }
    }
}
