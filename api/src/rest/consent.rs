//! Consents: who can see my record now, let somebody in, take it back.

mod bodies;
mod grant;
mod revoke;
mod who_can_see;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use self::bodies::{CategoryCode, ExceptionsBody, PurposeCode, ScopeBody};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(grant::grant)
        .service(revoke::revoke)
        .service(who_can_see::who_can_see)
        .service(who_can_see::consent);
}
