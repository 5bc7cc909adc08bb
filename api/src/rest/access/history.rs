//! Who looked at my record: the access history.

mod export;
mod parts;

use actix_web::web::Path;
use actix_web::{HttpRequest, get, web};
use domain::access::policy::PersonalTextPermit;
use domain::time::Moment;
use projections::access::access_history::{AccessHistory, HistoryFilter};
use projections::personal_text::PermittedReader;
use serde::Deserialize;
use utoipa::IntoParams;

use self::parts::{HistoryEntry, HistoryKind};
use crate::actor::Requester;
use crate::problem::{BAD_QUERY, Problem};
use crate::rest::HandlerResult;
use crate::rest::csv::wants_csv;
use crate::rest::ids::{DoctorUuid, ReportUuid};
use crate::rest::lists::{ListQuery, Listed};
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use crate::wiring::App;

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// Of this kind.
    #[param(inline)]
    kind: Option<HistoryKind>,
    /// About this doctor: what they did, and consents that name them.
    doctor: Option<DoctorUuid>,
    /// About this report.
    report: Option<ReportUuid>,
    /// From this time on.
    from: Option<When>,
    /// Before this time.
    until: Option<When>,
}

impl HistoryQuery {
    fn filter(&self) -> Result<HistoryFilter, Problem> {
        let time = |when: Option<When>| when.map(|when| when.0);
        let (from, until): (Option<Moment>, Option<Moment>) = (time(self.from), time(self.until));
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(BAD_QUERY.into());
        }
        Ok(HistoryFilter {
            kind: self.kind.map(Into::into),
            doctor: self.doctor.map(|doctor| doctor.0),
            report: self.report.map(|report| report.0),
            from,
            until,
        })
    }
}

/// Who looked at my record, who tried, and by which consent: in plain sentences and their parts. As
/// `text/csv` everything the filter lets through, in one file; `cursor` and `limit` are for pages and not
/// taken with it.
#[utoipa::path(
    tag = "access",
    params(PatientPath, ListQuery<HistoryQuery>),
    responses((status = 200, content(
        (Listed<HistoryEntry> = "application/json"),
        (String = "text/csv"),
    )),),
)]
#[get("/api/v1/patients/{patient}/access-history")]
pub(super) async fn history(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Requester,
    path: Path<PatientPath>,
    list: ListQuery<HistoryQuery>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let filter = list.filter.filter()?;
    if wants_csv(&request) {
        list.whole(&app).await?;
        return export::export(app, caller, (patient, filter));
    }
    let page = list.page(&app, caller).await?;
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = AccessHistory::of(app.models.store(), patient, filter, page).await?;
    let found = AccessHistory::told(found, reader).await?;
    list.answer((&app, caller), found, HistoryEntry::from)
}
