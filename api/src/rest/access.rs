//! Viewing: token, redeem, page, close.

mod ask;
mod close;
mod ground;
mod history;
mod page;
mod redeem;

use utoipa_actix_web::service_config::ServiceConfig;

use self::ground::GroundBody;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ask::ask)
        .service(redeem::redeem)
        .service(page::page)
        .service(close::close)
        .service(history::history);
}
