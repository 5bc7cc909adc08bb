//! The desks: the admin's verification queue, the doctor's patients, the directory of doctors.

mod change_standing;
mod directory;
mod my_patients;
mod verification_queue;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(verification_queue::verification_queue)
        .service(verification_queue::verification)
        .service(change_standing::change_standing)
        .service(directory::doctors)
        .service(directory::doctor)
        .service(my_patients::my_patients);
}
