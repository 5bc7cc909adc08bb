//! Register as a patient.

use actix_web::{post, web};
use commands::identity::account_factors::MayAnswer;
use commands::identity::registration::PatientForm;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::rest::HandlerResult;
use crate::rest::identity::{Challenged, challenged};
use crate::rest::peer::Peer;
use crate::rest::secrets::Password;
use crate::wiring::App;

/// A new patient.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPatient {
    /// Full name.
    #[schema(min_length = 1, max_length = 200, example = "Ana Acker")]
    name: String,
    /// `YYYY-MM-DD`.
    #[schema(format = Date, example = "1980-02-29")]
    birth_date: String,
    /// E-mail address.
    #[schema(max_length = 254, example = "ana@example.org")]
    email: String,
    /// 10 to 256 characters.
    password: Password,
}

/// Register as a patient. A code goes to the address; the answer never says whether the address is taken.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 202, body = Challenged),),
)]
#[post("/api/v1/patients")]
pub(super) async fn register_patient(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<NewPatient>,
) -> HandlerResult {
    let NewPatient { name, birth_date, email, password } = body.into_inner();
    let form = PatientForm { name, birth_date, email, password: password.0 };
    challenged(app.registration.patient(form, &peer.source()).await?, MayAnswer::LETTER)
}
