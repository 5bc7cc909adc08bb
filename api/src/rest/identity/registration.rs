//! Registering and confirming an address.

use actix_web::{HttpRequest, post, web};
use commands::identity::registration::{AdminForm, DoctorForm, PatientForm};
use domain::actor::Actor;
use domain::identity::specialty::Specialty;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Challenged, challenged, step_up};
use crate::problem::Problem;
use crate::rest::peer::source;
use crate::rest::state::HttpState;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register_patient)
        .service(register_doctor)
        .service(register_first_admin)
        .service(confirm_registration);
}

/// A new patient.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPatient {
    /// Full name.
    name: String,
    /// `YYYY-MM-DD`.
    birth_date: String,
    /// E-mail address.
    email: String,
    /// 10 to 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// One of twelve groups of specialties.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("radiology"))]
#[serde(transparent)]
pub(super) struct SpecialtyCode(pub(super) Specialty);

/// A new doctor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDoctor {
    /// Full name with title.
    name: String,
    /// E-mail address.
    email: String,
    /// 10 to 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Licence number.
    licence: String,
    /// Who issued the licence.
    issuer: String,
    /// Group of specialties.
    specialty: SpecialtyCode,
    /// The specialty in the doctor's own words.
    specialty_text: String,
}

/// The first admin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAdmin {
    /// The one-time link's token: what stands behind the `#`.
    #[schema(value_type = String)]
    token: SecretString,
    /// Full name.
    name: String,
    /// E-mail address.
    email: String,
    /// 10 to 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Register as a patient. A code goes to the address; the answer never says whether the address is taken.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 202, body = Challenged), (status = 422, body = Problem)),
)]
#[post("/api/v1/patients")]
async fn register_patient(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<NewPatient>,
) -> HandlerResult {
    let NewPatient { name, birth_date, email, password } = body.into_inner();
    let form = PatientForm { name, birth_date, email, password };
    challenged(app.registration.patient(form, &source(request.peer_addr())).await?)
}

/// Register as a doctor; an admin then verifies the licence.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses((status = 202, body = Challenged), (status = 422, body = Problem)),
)]
#[post("/api/v1/doctors")]
async fn register_doctor(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<NewDoctor>,
) -> HandlerResult {
    let NewDoctor { name, email, password, licence, issuer, specialty, specialty_text } =
        body.into_inner();
    let specialty = specialty.0;
    let form = DoctorForm { name, email, password, licence, issuer, specialty, specialty_text };
    challenged(app.registration.doctor(form, &source(request.peer_addr())).await?)
}

/// Register as the first admin, with the one-time link printed at the first start.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 202, body = Challenged),
        (status = 403, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/admins/first")]
async fn register_first_admin(
    app: web::Data<App>,
    http: web::Data<HttpState>,
    request: HttpRequest,
    body: web::Json<NewAdmin>,
) -> HandlerResult {
    http.refuse_unless_local(request.peer_addr())?;
    let NewAdmin { token, name, email, password } = body.into_inner();
    let form = AdminForm { token, name, email, password };
    challenged(app.registration.first_admin(form, &source(request.peer_addr())).await?)
}

/// The answer to a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// The challenge.
    challenge: String,
    /// The six digits.
    #[schema(value_type = String)]
    code: SecretString,
    /// The first admin: the link's token again.
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
}

/// An account.
#[derive(Serialize, ToSchema)]
struct Account {
    /// `patient:<uuid>`, `doctor:<uuid>` or `admin:<uuid>`.
    #[schema(value_type = String)]
    account: Actor,
    #[serde(flatten)]
    done: Done,
}

/// Confirm an e-mail address: from now on it names the account.
#[utoipa::path(
    tag = "identity",
    security(()),
    responses(
        (status = 200, body = Account),
        (status = 403, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/api/v1/registrations/confirm")]
async fn confirm_registration(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Confirmation>,
) -> HandlerResult {
    let Confirmation { challenge, code, token } = body.into_inner();
    let answer = step_up(&challenge, code)?;
    let from = source(request.peer_addr());
    let (account, outcome) = app.registration.confirm(answer, token, &from).await?;
    ok(Account { account, done: Done { position: outcome.position } })
}
