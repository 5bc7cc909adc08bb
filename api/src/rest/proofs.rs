//! Proofs for people: that an event is in the log, that the log only grew, a consent receipt, a history
//! bundle.

mod consistency;
mod history_bundle;
mod inclusion;
mod receipt;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use evidence::published::{EvidenceError, OrganisationKeys, Published};
use utoipa_actix_web::service_config::ServiceConfig;

use super::log::{FOR_A_MOMENT, TEXT};
use crate::problem::{NOT_PUBLISHED_YET, Problem, failed};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(inclusion::inclusion)
        .service(consistency::consistency)
        .service(receipt::receipt)
        .service(history_bundle::history_bundle);
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        failed(&error)
    }
}

async fn published(app: &App) -> Result<Published, Problem> {
    Ok(Published::newest(app.log_files()).await?.ok_or(NOT_PUBLISHED_YET)?)
}

fn public(text: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, FOR_A_MOMENT)).content_type(TEXT).body(text)
}

impl App {
    /// Whom this organisation says to believe.
    fn organisation_keys(&self) -> OrganisationKeys {
        let keys = self.log.signer().keys_ever();
        OrganisationKeys { log: keys, ..self.organisation_policy.clone() }
    }
}
