//! See one page of a viewing.

use actix_web::web::Path;
use actix_web::{HttpResponse, get, web};

use crate::actor::Requester;
use crate::rest::HandlerResult;
use crate::rest::paths::PagePath;
use crate::wiring::App;

/// See one page: drawn on the server, watermarked, never stored by the browser. Each page is an event.
#[utoipa::path(
    tag = "access",
    params(PagePath),
    responses(
        (
            status = 200,
            description = "The page. A part of it that could not be drawn is said on it, and in Medlock-Missing",
            headers(
                ("Medlock-Pages" = u32, description = "How many pages the report has"),
                ("Medlock-Event" = String, description = "The event that recorded this page"),
                ("Medlock-Position" = u64, description = "The event's place in the log"),
                (
                    "Medlock-Missing" = String,
                    description = "Only of a page that is not whole: what is missing, as codes with commas between: picture, font, letters, form_field, remark, content, detail"
                ),
            ),
            content_type = "image/png",
        ),
    ),
)]
#[get("/api/v1/patients/{patient}/viewings/{viewing}/pages/{page}")]
pub(super) async fn page(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PagePath>,
) -> HandlerResult {
    let (patient, viewing, page) = (path.patient.0, path.viewing.0, path.page);
    let shown = app.viewing.show_page(caller.doctor()?, patient, viewing, page).await?;
    let mut answer = HttpResponse::Ok();
    if !shown.page.missing.is_empty() {
        let codes: Vec<&str> = shown.page.missing.iter().map(|loss| loss.code()).collect();
        answer.insert_header(("Medlock-Missing", codes.join(", ")));
    }
    Ok(answer
        .content_type("image/png")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Medlock-Pages", shown.page.pages.to_string()))
        .insert_header(("Medlock-Event", shown.event.to_string()))
        .insert_header(("Medlock-Position", shown.position.to_string()))
        .body(shown.page.png))
}
