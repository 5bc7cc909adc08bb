//! The transparency log, for anybody: static files as c2sp.org/tlog-tiles has them.

mod anchors;
mod checkpoint;
mod headers;
mod keys;
mod policy;
mod tile;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use self::headers::{FOR_A_MOMENT, FOR_ANY_PAGE, TEXT};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(checkpoint::checkpoint)
        .service(keys::keys)
        .service(policy::policy)
        .service(anchors::anchors)
        .service(tile::tile);
}
