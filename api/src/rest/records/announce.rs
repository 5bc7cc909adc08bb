//! Announce a report, and get a ticket for its bytes.

use actix_web::web::Path;
use actix_web::{post, web};
use commands::records::uploading::ReportForm;
use domain::actor::Actor;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::problem::WRONG_ROLE;
use crate::rest::consent::CategoryCode;
use crate::rest::ids::ReportUuid;
use crate::rest::paths::PatientPath;
use crate::rest::{HandlerResult, made};
use crate::wiring::App;

/// What is said of a report before its bytes come.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReport {
    /// One line, at most 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "MRI of 3 May")]
    title: String,
    category: CategoryCode,
    /// Lower case. Of plain text the encoding may be said, by a label of the WHATWG Encoding Standard:
    /// `text/plain; charset=windows-1252`. No other parameter is taken.
    #[schema(max_length = 100, example = "application/pdf")]
    media_type: String,
}

/// A ticket for one body.
#[derive(Serialize, ToSchema)]
struct TicketMade {
    report: ReportUuid,
    /// Send it as `Upload-Ticket` with `PUT /api/v1/uploads` within an hour.
    ticket: String,
}

/// Announce a report: the policy is asked before a byte is taken.
#[utoipa::path(
    tag = "records",
    params(PatientPath),
    responses(
        (status = 201, body = TicketMade),
    ),
)]
#[post("/api/v1/patients/{patient}/reports")]
pub(super) async fn announce(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
    body: web::Json<NewReport>,
) -> HandlerResult {
    if let Actor::Admin(_) | Actor::System = caller.actor() {
        return Err(WRONG_ROLE.into());
    }
    let NewReport { title, category, media_type } = body.into_inner();
    let patient = path.patient.0;
    let form = ReportForm { patient, title, category: category.0, media_type };
    let (report, ticket) = app.uploads.announce(caller.0, form).await?;
    made(TicketMade { report: report.into(), ticket: ticket.expose_secret().to_owned() })
}
