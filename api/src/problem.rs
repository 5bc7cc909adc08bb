//! What callers of REST see of a row of the table: RFC 9457 problem documents.

mod flows;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use commands::decide::Rejection;
use commands::execute::ExecuteError;
use commands::ports::blob_store::BlobError;
use commands::ports::credentials::WorkError;
use commands::ports::rasteriser::RasteriseError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::refusal::RefusalRow;
use crate::refusal::answers::PROBLEM_JSON;
pub(crate) use crate::refusal::own::{
    BAD_BODY, BAD_CURSOR, BAD_FORM, BAD_HEADER, BAD_QUERY, BEHIND, BEYOND_THE_LOG, BODY_TOO_SLOW,
    CHANGED, CROWDED, CSRF, ENCODING, FAILED, FIRST_ADMIN_ELSEWHERE, FOREIGN_ORIGIN, IN_FLIGHT,
    METHOD, NO_CODE, NO_SUCH_PART, NOT_A_FILE, NOT_FOUND, NOT_JSON, NOT_PUBLISHED_YET, NOT_REVOKED,
    OTHER_TYPE, TOO_LARGE, WRONG_ROLE,
};
use crate::refusal::own::{
    BROKEN_OFF, BUSY, CANNOT_DRAW, DAMAGED, DISK_FULL, NEEDS_PASSWORD, TOO_HEAVY,
};

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

impl From<RefusalRow> for Problem {
    fn from(row: RefusalRow) -> Self {
        let trace_id = crate::trace::current();
        let instance = uuid::Uuid::try_parse(&trace_id).map(|uuid| uuid.urn().to_string());
        Self {
            instance: instance.unwrap_or_default(),
            kind: format!("/api/problems/{}", row.code),
            title: row.status.canonical_reason().unwrap_or("").to_owned(),
            status: row.status.as_u16(),
            detail: row.in_words(),
            code: row.code.to_owned(),
            trace_id,
            errors: vec![],
            challenge: None,
            retry_after: None,
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self { retry_after: rejection.retry_after, ..RefusalRow::from(rejection).into() }
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Self {
        if let ExecuteError::Rejected(rejection) = error {
            return rejection.into();
        }
        let row = RefusalRow::from(&error);
        if row.status.is_server_error() {
            tracing::error!(code = row.code, %error, "a request failed");
        }
        row.into()
    }
}

impl From<WorkError> for Problem {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::DiskFull => DISK_FULL.into(),
            WorkError::Busy => busy(),
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
            RasteriseError::NotDrawable | RasteriseError::Damaged => CANNOT_DRAW.into(),
            RasteriseError::Encrypted => NEEDS_PASSWORD.into(),
            RasteriseError::NoSuchPage { .. } | RasteriseError::NoSuchRegion { .. } => {
                NOT_FOUND.into()
            }
            RasteriseError::TooLarge { .. }
            | RasteriseError::TooMuchTime
            | RasteriseError::TooMuchMemory => TOO_HEAVY.into(),
            RasteriseError::Source(error) => error.into(),
            RasteriseError::Child { .. } => failed(&error),
        }
    }
}

/// Too much is going on; a moment later it may not be.
pub(crate) fn busy() -> Problem {
    Problem { retry_after: Some(Duration::from_secs(1)), ..BUSY.into() }
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
        if self.code == ENCODING.code {
            // RFC 9110, 15.5.16: what would be taken.
            response.insert_header((header::ACCEPT_ENCODING, "identity"));
        }
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let mut response = response.json(self);
        let kind = HeaderValue::from_static(PROBLEM_JSON);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use commands::consent::grant_flow::ConsentError;
    use commands::identity::forms::{FieldError, FormError};
    use commands::ports::credentials::WorkError;
    use domain::ids::ChallengeId;
    use uuid::Uuid;

    use super::Problem;
    use crate::refusal::{self, Metadata};

    /// What a problem carries beside its code.
    fn carried(problem: &Problem) -> Vec<Metadata> {
        let carries = [
            (Metadata::RetryAfter, problem.retry_after.is_some()),
            (Metadata::Challenge, problem.challenge.is_some()),
            (Metadata::Errors, !problem.errors.is_empty()),
        ];
        carries.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect()
    }

    #[test]
    fn what_stands_beside_a_code_is_what_the_table_says() {
        let challenge = ChallengeId::new(Uuid::from_u128(7));
        let field = FieldError { pointer: "/email", must: "be an address" };
        let problems: [Problem; 4] = [
            ConsentError::StepUpRequired(challenge).into(),
            FormError(vec![field]).into(),
            commands::throttles::TOO_MANY.after(Duration::from_secs(9)).into(),
            WorkError::Busy.into(),
        ];
        for problem in &problems {
            let row = refusal::row(&problem.code).unwrap();
            assert_eq!(carried(problem), row.metadata, "{problem}");
            assert_eq!(problem.detail, row.in_words());
        }
    }
}
