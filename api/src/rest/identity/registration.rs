//! Registering and confirming an address.

mod confirm_registration;
mod register_doctor;
mod register_first_admin;
mod register_patient;
mod specialty;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use self::specialty::SpecialtyCode;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register_patient::register_patient)
        .service(register_doctor::register_doctor)
        .service(register_first_admin::register_first_admin)
        .service(confirm_registration::confirm_registration);
}
