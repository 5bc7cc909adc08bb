//! Reports: announce, upload, download.

mod announce;
mod download;
mod drawing;
mod file_name;
mod part;
mod reports;
mod upload;

pub(super) use self::part::has_it;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(announce::announce)
        .service(upload::upload)
        .service(reports::reports)
        .service(reports::report)
        .service(download::download);
}
