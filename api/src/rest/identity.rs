//! Registering, logging in, sessions, and verifying doctors.

mod doctors;
mod registration;
mod sessions;

use actix_web::HttpResponse;
use commands::identity::step_up::StepUp;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::HandlerResult;
use crate::problem::{BAD_FORM, Problem, ProblemField};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    registration::routes(config);
    sessions::routes(config);
    doctors::routes(config);
}

/// A code was sent.
#[derive(Serialize, ToSchema)]
struct Challenged {
    /// The challenge that the code answers.
    challenge: String,
}

fn challenged(challenge: domain::ids::ChallengeId) -> HandlerResult {
    Ok(HttpResponse::Accepted().json(Challenged { challenge: challenge.to_string() }))
}

fn step_up(challenge: &str, code: SecretString) -> Result<StepUp, Problem> {
    let challenge =
        challenge.parse().map_err(|_| field("/challenge", "must be a challenge's id"))?;
    Ok(StepUp { challenge, code })
}

fn field(pointer: &str, detail: &str) -> Problem {
    let error = ProblemField { pointer: pointer.to_owned(), detail: detail.to_owned() };
    Problem { errors: vec![error], ..BAD_FORM.into() }
}
