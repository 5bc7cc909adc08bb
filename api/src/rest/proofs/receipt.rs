//! My receipt of a consent: a file, a page, a code.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use actix_web::{HttpResponse, get, web};
use commands::shares::Scarce;
use domain::access::policy::PersonalTextPermit;
use evidence::code;
use evidence::consent::{ConsentEvent, ConsentEvents, of_patient};
use evidence::page::ConsentPage;
use projections::access::who_can_see::WhoCanSee;
use projections::personal_text::PermittedReader;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::published;
use crate::actor::Requester;
use crate::problem::{NO_CODE, NOT_FOUND, NOT_PUBLISHED_YET, NOT_REVOKED, Problem};
use crate::rest::HandlerResult;
use crate::rest::answers::Unprocessable;
use crate::rest::lists::{shown, until_seen};
use crate::rest::log::TEXT;
use crate::rest::paths::ConsentPath;
use crate::wiring::App;

/// How a receipt is given.
#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum ReceiptForm {
    /// The receipt itself, to keep.
    #[default]
    File,
    /// What it says, in words, to print.
    Page,
    /// The receipt as a QR code, SVG.
    Qr,
}

/// Which event of a consent.
#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum ReceiptEvent {
    /// That it was given.
    #[default]
    Granted,
    /// That it was taken back.
    Revoked,
}

/// What receipt.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReceiptQuery {
    /// `file` (the default), `page` or `qr`.
    #[serde(default)]
    #[param(inline)]
    form: ReceiptForm,
    /// `granted` (the default) or `revoked`.
    #[serde(default)]
    #[param(inline)]
    event: ReceiptEvent,
}

/// My receipt of a consent: the event's line, and the proof that it stands in the log. It can be checked
/// without this organisation (docs/proofs.md).
#[utoipa::path(
    tag = "proofs",
    params(ConsentPath, ReceiptQuery,
    ),
    responses((status = 200, description = "The line, a newline, a c2sp.org/tlog-proof@v1; or a page, or SVG",
               content_type = "text/plain"),
              Unprocessable,),
)]
#[get("/api/v1/patients/{patient}/consents/{consent}/receipt")]
pub(super) async fn receipt(
    app: web::Data<App>,
    caller: Requester,
    path: Path<ConsentPath>,
    query: web::Query<ReceiptQuery>,
) -> HandlerResult {
    let (patient, consent) = (path.patient.0, path.consent.0);
    let patient = caller.only(patient)?;
    let _share = app.shares.take(Scarce::Receipt, caller.actor())?;
    let events = of_patient(&*app.stored_lines(), patient, consent).await?.ok_or(NOT_FOUND)?;
    let (which, name) = match query.event {
        ReceiptEvent::Granted => (ConsentEvent::Granted, "consent"),
        ReceiptEvent::Revoked => (ConsentEvent::Revoked, "revocation"),
    };
    let (line, _) = events.line(which).ok_or(NOT_REVOKED)?;
    let receipt = published(&app).await?.receipt(line).await?.ok_or(NOT_PUBLISHED_YET)?;
    let file = format!("attachment; filename=\"{name}-{consent}.receipt\"");
    let mut response = HttpResponse::Ok();
    Ok(match query.form {
        ReceiptForm::File => response
            .insert_header((CONTENT_DISPOSITION, file))
            .content_type(TEXT)
            .body(receipt.to_string()),
        ReceiptForm::Page => {
            let keys = app.organisation_keys();
            let name = grantee_name(&app, caller, &events).await?;
            let events = &events;
            let page =
                ConsentPage { events, which, receipt: &receipt, grantee_name: &name, keys: &keys };
            response.content_type(TEXT).body(page.text()?)
        }
        ReceiptForm::Qr => {
            let code = code::code(&receipt).ok_or(NO_CODE)?;
            let whole = if code.without_cosignatures { "left-out" } else { "included" };
            response
                .insert_header(("Medlock-Cosignatures", whole))
                .content_type("image/svg+xml")
                .body(code.svg)
        }
    })
}

/// The grantee's name, opened for the patient as the list of consents opens it.
async fn grantee_name(
    app: &App,
    caller: Requester,
    events: &ConsentEvents,
) -> Result<String, Problem> {
    if let Some((line, _)) = events.line(ConsentEvent::Granted) {
        until_seen(app, line.position).await?;
    }
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let whose = (events.patient, events.granted.consent);
    let store = app.models.store();
    Ok(shown(WhoCanSee::grantee_name(store, whose, app.now(), reader).await?))
}
