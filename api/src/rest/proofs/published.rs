//! What is published, for those who prove by it.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use evidence::published::{EvidenceError, OrganisationKeys, Published};

use crate::problem::{NOT_PUBLISHED_YET, Problem, failed};
use crate::rest::log::{FOR_A_MOMENT, TEXT};
use crate::wiring::App;

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        failed(&error)
    }
}

pub(super) async fn published(app: &App) -> Result<Published, Problem> {
    Ok(Published::newest(app.log_files()).await?.ok_or(NOT_PUBLISHED_YET)?)
}

pub(super) fn public(text: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, FOR_A_MOMENT)).content_type(TEXT).body(text)
}

impl App {
    /// Whom this organisation says to believe.
    pub(super) fn organisation_keys(&self) -> OrganisationKeys {
        let keys = self.log.signer().keys_ever();
        OrganisationKeys { log: keys, ..self.organisation_policy.clone() }
    }
}
