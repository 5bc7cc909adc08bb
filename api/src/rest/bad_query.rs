//! A query that is not of its form.

use actix_web::error::QueryPayloadError;

use crate::problem::{BAD_QUERY, Problem};

/// Which problem it is; an unknown parameter is one.
pub(super) fn bad_query(error: &QueryPayloadError) -> Problem {
    let mut problem = Problem::from(BAD_QUERY);
    if let QueryPayloadError::Deserialize(_) = error {
        problem.detail.push_str(" A parameter is unknown or of the wrong type.");
    }
    problem
}
