//! The reports of a patient, as the reader may see them.

use actix_web::web::Path;
use actix_web::{get, web};
use commands::records::report_scrub::FileTrouble;
use domain::access::event::ClinicalList;
use domain::access::policy::PersonalTextPermit;
use domain::actor::Actor;
use projections::personal_text::PermittedReader;
use projections::records::my_reports::MyReports;
use projections::records::my_reports::opened::OpenedReport;
use serde::Serialize;
use utoipa::ToSchema;

use super::drawing::DrawingBody;
use crate::actor::Requester;
use crate::problem::{NOT_FOUND, WRONG_ROLE};
use crate::rest::consent::CategoryCode;
use crate::rest::ids::{AccountUuid, ReportUuid, RoleName};
use crate::rest::lists::{ListQuery, Listed, ReadQuery, seen};
use crate::rest::paths::{PatientPath, ReportPath};
use crate::rest::when::When;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// A report.
#[derive(Serialize, ToSchema)]
struct ListedReport {
    report: ReportUuid,
    title: String,
    category: CategoryCode,
    media_type: String,
    /// Length, bytes.
    size: u64,
    uploaded_at: When,
    /// Who uploaded it.
    uploaded_by: AccountUuid,
    /// What they are here: the patient, or a doctor.
    uploaded_by_role: RoleName,
    #[serde(skip_serializing_if = "Option::is_none")]
    uploaded_by_name: Option<String>,
    /// Its file is not whole, as far as is known: nobody can open it until it is put back from a backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_trouble: Option<FileTroubleCode>,
    /// Whether a doctor could be shown its pages; if not, only the patient can open it.
    can_be_shown: bool,
    /// What was found when its pages were drawn once, as it came in; absent of a type whose pages cannot be
    /// shown at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    drawing: Option<DrawingBody>,
}

/// What is wrong with a report's file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FileTroubleCode {
    /// It is not there.
    Missing,
    /// It is not as it was written.
    Damaged,
    /// Its key is gone or damaged.
    WithoutKey,
}

impl From<FileTrouble> for FileTroubleCode {
    fn from(trouble: FileTrouble) -> Self {
        match trouble {
            FileTrouble::Missing => Self::Missing,
            FileTrouble::Damaged => Self::Damaged,
            FileTrouble::WithoutKey => Self::WithoutKey,
        }
    }
}

/// My reports; for a doctor, those that a consent in force covers. A doctor's reading is an event on the
/// patient's stream.
#[utoipa::path(
    tag = "records",
    params(PatientPath, ListQuery),
    responses((status = 200, body = Listed<ListedReport>),),
)]
#[get("/api/v1/patients/{patient}/reports")]
pub(super) async fn reports(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
    list: ListQuery,
) -> HandlerResult {
    let patient = path.patient.0;
    let page = list.page(&app, caller).await?;
    let store = app.models.store();
    let (permit, found) = match caller.actor() {
        Actor::Patient(_) => {
            let patient = caller.owner_of(patient)?;
            (PersonalTextPermit::own(caller.actor()), MyReports::of(store, patient, page).await?)
        }
        Actor::Doctor(_) => {
            let (list, doctor) = (ClinicalList::ReportTitles, caller.doctor()?);
            let (permit, listed) = app.lists.permit_personal_text(doctor, patient, list).await?;
            (permit, MyReports::shown_to(store, patient, &listed, page).await?)
        }
        Actor::Manager(_) | Actor::Admin(_) | Actor::System => return Err(WRONG_ROLE.into()),
    };
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = MyReports::opened(found, reader).await?;
    list.answer((&app, caller), found, |opened| listed(&app, opened))
}

/// One report: mine; for a doctor, one that a consent in force covers. A doctor's reading is an event on the
/// patient's stream.
#[utoipa::path(
    tag = "records",
    params(ReportPath, ReadQuery),
    responses((status = 200, body = ListedReport),),
)]
#[get("/api/v1/patients/{patient}/reports/{report}")]
pub(super) async fn report(
    app: web::Data<App>,
    caller: Requester,
    path: Path<ReportPath>,
    query: web::Query<ReadQuery>,
) -> HandlerResult {
    let (patient, report) = (path.patient.0, path.report.0);
    seen(&app, query.min_position).await?;
    let (permit, shown) = match caller.actor() {
        Actor::Patient(_) => {
            caller.owner_of(patient)?;
            (PersonalTextPermit::own(caller.actor()), true)
        }
        Actor::Doctor(_) => {
            let (list, doctor) = (ClinicalList::ReportTitles, caller.doctor()?);
            let (permit, listed) = app.lists.permit_personal_text(doctor, patient, list).await?;
            (permit, listed.hold(report))
        }
        Actor::Manager(_) | Actor::Admin(_) | Actor::System => return Err(WRONG_ROLE.into()),
    };
    let entry = MyReports::one(app.models.store(), patient, report).await?;
    let entry = entry.filter(|_| shown).ok_or(NOT_FOUND)?;
    let reader = PermittedReader::new(&permit, &*app.unseal);
    ok(listed(&app, MyReports::opened_one(entry, reader).await?))
}

fn listed(app: &App, opened: OpenedReport) -> ListedReport {
    let OpenedReport { entry, title, uploaded_by_name } = opened;
    ListedReport {
        report: entry.report.into(),
        title: String::from(title),
        category: CategoryCode(entry.category),
        file_trouble: app.report_scrub.known().trouble(entry.report).map(FileTroubleCode::from),
        can_be_shown: app.viewing.can_show(&entry.media_type),
        media_type: entry.media_type,
        drawing: entry.drawing.map(DrawingBody::from),
        size: entry.size,
        uploaded_at: entry.uploaded_at.into(),
        uploaded_by: entry.uploaded_by.into(),
        uploaded_by_role: entry.uploaded_by.into(),
        uploaded_by_name: uploaded_by_name.map(String::from),
    }
}
