//! Registering, logging in, sessions, and verifying doctors.

mod challenges;
mod doctors;
mod registration;
mod resend;
mod sessions;
mod standing;

use utoipa_actix_web::service_config::ServiceConfig;

use self::challenges::{Challenged, challenged, step_up};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    registration::routes(config);
    sessions::routes(config);
    config.service(resend::resend);
    doctors::routes(config);
}
