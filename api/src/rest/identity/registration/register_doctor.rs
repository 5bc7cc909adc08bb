//! Register as a doctor.

use actix_web::{post, web};
use commands::identity::account_factors::MayAnswer;
use commands::identity::registration::DoctorForm;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SpecialtyCode;
use crate::rest::HandlerResult;
use crate::rest::identity::{Challenged, challenged};
use crate::rest::peer::Peer;
use crate::rest::secrets::Password;
use crate::wiring::App;

/// A new doctor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDoctor {
    /// Full name with title.
    name: String,
    /// E-mail address.
    email: String,
    /// 10 to 256 characters.
    password: Password,
    /// Licence number.
    licence: String,
    /// Who issued the licence.
    issuer: String,
    /// Group of specialties.
    specialty: SpecialtyCode,
    /// The specialty in the doctor's own words.
    specialty_text: String,
}

/// Register as a doctor; an admin then verifies the licence.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 202, body = Challenged),),
)]
#[post("/api/v1/doctors")]
pub(super) async fn register_doctor(
    app: web::Data<App>,
    peer: Peer,
    body: web::Json<NewDoctor>,
) -> HandlerResult {
    let NewDoctor { name, email, password, licence, issuer, specialty, specialty_text } =
        body.into_inner();
    let (password, specialty) = (password.0, specialty.0);
    let form = DoctorForm { name, email, password, licence, issuer, specialty, specialty_text };
    challenged(app.registration.doctor(form, &peer.source()).await?, MayAnswer::LETTER)
}
