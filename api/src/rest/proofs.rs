//! Proofs for people: that an event is in the log, that the log only grew, a consent receipt, a history
//! bundle.

mod consistency;
mod event_receipt;
mod history_bundle;
mod inclusion;
mod published;
mod receipt;

use utoipa_actix_web::service_config::ServiceConfig;

use self::published::{public, published};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(inclusion::inclusion)
        .service(consistency::consistency)
        .service(receipt::receipt)
        .service(event_receipt::event_receipt)
        .service(history_bundle::history_bundle);
}
