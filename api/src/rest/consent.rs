//! Consents: who can see my record now, let somebody in, take it back, shut somebody out.

mod bars;
mod bodies;
mod grant;
mod preview;
mod revoke;
mod who_can_see;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use self::bodies::{CategoryCode, ExceptionsBody, PurposeCode, ScopeBody};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(bars::kept_shut)
        .service(bars::shut)
        .service(bars::lift)
        .service(grant::grant)
        .service(preview::preview)
        .service(revoke::revoke)
        .service(who_can_see::who_can_see)
        .service(who_can_see::consent);
}
