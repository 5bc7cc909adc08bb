//! A code that was sent, and what answers it.

use actix_web::HttpResponse;
use commands::identity::step_up::StepUp;
use domain::ids::ChallengeId;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{BAD_FORM, Problem, ProblemField};
use crate::rest::HandlerResult;

/// A code was sent.
#[derive(Serialize, ToSchema)]
pub(super) struct Challenged {
    /// The challenge that the code answers.
    challenge: String,
}

pub(super) fn challenged(challenge: ChallengeId) -> HandlerResult {
    Ok(HttpResponse::Accepted().json(Challenged { challenge: challenge.to_string() }))
}

pub(super) fn step_up(challenge: &str, code: SecretString) -> Result<StepUp, Problem> {
    Ok(StepUp { challenge: challenge_id(challenge)?, code })
}

pub(super) fn challenge_id(text: &str) -> Result<ChallengeId, Problem> {
    let read = text.to_ascii_lowercase().parse();
    read.map_err(|_| field("/challenge", "must be a challenge's id"))
}

fn field(pointer: &str, detail: &str) -> Problem {
    let error = ProblemField { pointer: pointer.to_owned(), detail: detail.to_owned() };
    Problem { errors: vec![error], ..BAD_FORM.into() }
}
