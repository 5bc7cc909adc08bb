//! Second factors other than passkeys: authenticator apps and recovery codes.

mod add_app;
mod begin_app;
mod make_recovery_codes;
mod my_second_factors;
mod remove_app;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(my_second_factors::my_second_factors)
        .service(begin_app::begin_app)
        .service(add_app::add_app)
        .service(remove_app::remove_app)
        .service(make_recovery_codes::make_recovery_codes);
}
