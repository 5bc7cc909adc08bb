//! Registering, logging in, sessions, second factors, and verifying doctors.

mod challenges;
mod doctors;
mod may_answer;
mod passkeys;
mod registration;
mod resend;
mod second_factors;
mod sessions;
mod standing;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use self::challenges::StepUpHeader;
use self::challenges::{Challenged, Credential, challenged, step_up};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    registration::routes(config);
    sessions::routes(config);
    config.service(resend::resend);
    doctors::routes(config);
    passkeys::routes(config);
    second_factors::routes(config);
    config.service(may_answer::may_answer);
}
