//! Download my own report, whole or a part of it.

use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_RANGE, ContentRange, ContentRangeSpec, ETag, EntityTag,
};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError as _, get, web};
use commands::access::downloading::{FilePart, OwnFile};
use domain::access::policy::PersonalTextPermit;
use domain::ids::{PatientId, ReportId};
use projections::personal_text::PermittedReader;
use projections::records::my_reports::MyReports;

use super::file_name::attachment;
use super::part::{AskedFor, asked_for, has_it};
use crate::actor::Requester;
use crate::problem::{NO_SUCH_PART, Problem};
use crate::rest::HandlerResult;
use crate::rest::head::asks_for_headers;
use crate::rest::paths::ReportPath;
use crate::wiring::App;

/// Download my own report. A file with its title as its name; `Range` and `If-Range` go on with a download
/// that broke off, `If-None-Match` asks whether it is still the same. Whatever leaves, be it a part, is an
/// event first; `HEAD` and 304 are none.
#[utoipa::path(
    tag = "records",
    params(
        ReportPath,
        ("Range" = Option<String>, Header, description = "Bytes in a row: bytes=1000-"),
        ("If-Range" = Option<String>, Header, description = "The ETag that a part must be of"),
        ("If-None-Match" = Option<String>, Header, description = "ETags that are there already"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 206, description = "The part", content_type = "application/octet-stream"),
        (status = 304, description = "It is still the same"),
        (status = 416, description = "It has no such bytes"),
    ),
)]
#[get("/api/v1/patients/{patient}/reports/{report}/content")]
pub(super) async fn download(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: Path<ReportPath>,
) -> HandlerResult {
    let (patient, report) = (caller.owner_of(path.patient.0)?, path.report.0);
    let file = app.downloads.about(patient, report).await?;
    let tag = EntityTag::new_strong(app.entity_tags.of(&file.blob.0));
    if has_it(&request, &ETag(tag.clone())) {
        return Ok(HttpResponse::NotModified().insert_header(ETag(tag)).finish());
    }
    let (mut answer, part) = match asked_for(&request, &tag, file.size) {
        AskedFor::Whole => (HttpResponse::Ok(), None),
        AskedFor::Part(part) => (HttpResponse::PartialContent(), Some(part)),
        AskedFor::Nothing => return Ok(no_such_part(file.size)),
    };
    answer.insert_header(ETag(tag));
    describe(&mut answer, &file, part);
    let title = title(&app, caller, (patient, report)).await?;
    answer.insert_header(attachment(&title, &file.media_type));
    answer.no_chunking(part.map_or(file.size, FilePart::length));
    if asks_for_headers(&request) {
        return Ok(answer.streaming(futures::stream::empty::<Result<_, actix_web::Error>>()));
    }
    let revealed = app.downloads.download(patient, report, part).await?;
    Ok(answer.streaming(revealed.bytes))
}

fn describe(answer: &mut HttpResponseBuilder, file: &OwnFile, part: Option<FilePart>) {
    answer
        .insert_header(("Content-Type", file.media_type.clone()))
        .insert_header(("Cache-Control", "no-store"))
        .insert_header((ACCEPT_RANGES, "bytes"));
    if let Some(FilePart { first, last }) = part {
        let range = Some((first, last));
        let of = ContentRangeSpec::Bytes { range, instance_length: Some(file.size) };
        answer.insert_header(ContentRange(of));
    }
}

fn no_such_part(size: u64) -> HttpResponse {
    let mut answer = Problem::from(NO_SUCH_PART).error_response();
    if let Ok(value) = format!("bytes */{size}").parse() {
        answer.headers_mut().insert(CONTENT_RANGE, value);
    }
    answer
}

/// What the report is called; nothing if it came in a moment ago and no list knows it yet.
async fn title(
    app: &App,
    caller: Requester,
    (patient, report): (PatientId, ReportId),
) -> Result<String, Problem> {
    let Some(entry) = MyReports::one(app.models.store(), patient, report).await? else {
        return Ok(String::new());
    };
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    Ok(MyReports::opened_one(entry, reader).await?.title.into())
}
