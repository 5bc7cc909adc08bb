//! What I keep shut whatever my consents say: my whole record, somebody, a report before somebody.

use actix_web::web::Path;
use actix_web::{get, post, web};
use commands::consent::bar_flow::Whom;
use domain::access::policy::PersonalTextPermit;
use projections::consent::kept_shut::opened::OpenedShut;
use projections::consent::kept_shut::{KeptShut, ShutKind};
use projections::personal_text::PermittedReader;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actor::Requester;
use crate::rest::idempotency::IdempotencyKey;
use crate::rest::ids::{GranteeBody, ReportUuid};
use crate::rest::lists::{ListQuery, Listed};
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use crate::rest::{Done, HandlerResult, ok};
use crate::wiring::App;

/// What is shut, and to whom.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum ShutBody {
    /// My whole record, to everybody.
    Record {},
    /// My whole record, to one doctor or practice.
    Barred {
        /// Who is barred.
        whom: GranteeBody,
    },
    /// One report, to one doctor or practice.
    Report {
        /// Which.
        report: ReportUuid,
        /// From whom it is hidden.
        whom: GranteeBody,
    },
}

impl From<ShutBody> for Whom {
    fn from(body: ShutBody) -> Self {
        match body {
            ShutBody::Record {} => Self::Everybody,
            ShutBody::Barred { whom } => Self::One(whom.into()),
            ShutBody::Report { report, whom } => Self::OfReport(report.0, whom.into()),
        }
    }
}

/// Something to shut.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBar {
    what: ShutBody,
    /// Whether an emergency still passes.
    emergency_passes: bool,
}

/// Something to open again.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BarToLift {
    what: ShutBody,
}

/// What kind of thing is kept shut.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BarKind {
    /// My whole record, to everybody.
    Record,
    /// My whole record, to one doctor or practice.
    Barred,
    /// One report, to one doctor or practice.
    Report,
}

impl From<ShutKind> for BarKind {
    fn from(kind: ShutKind) -> Self {
        match kind {
            ShutKind::Record => Self::Record,
            ShutKind::Barred => Self::Barred,
            ShutKind::Report => Self::Report,
        }
    }
}

/// Something that I keep shut.
#[derive(Serialize, ToSchema)]
struct MyBar {
    kind: BarKind,
    /// To whom; absent: to everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    whom: Option<GranteeBody>,
    /// How they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportUuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Whether an emergency still passes.
    emergency_passes: bool,
    /// Since when, or since I said anew whether an emergency passes.
    since: When,
}

impl From<OpenedShut> for MyBar {
    fn from(OpenedShut { entry, whom_name, title }: OpenedShut) -> Self {
        Self {
            kind: entry.kind.into(),
            whom: entry.whom.map(GranteeBody::from),
            name: whom_name.map(String::from),
            report: entry.report.map(ReportUuid::from),
            title: title.map(String::from),
            emergency_passes: entry.emergency_passes,
            since: entry.at.into(),
        }
    }
}

/// What I keep shut whatever my consents say, the newest first.
#[utoipa::path(
    tag = "consent",
    params(PatientPath, ListQuery),
    responses((status = 200, body = Listed<MyBar>),),
)]
#[get("/api/v1/patients/{patient}/bars")]
pub(super) async fn kept_shut(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
    list: ListQuery,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let page = list.page(&app, caller).await?;
    let permit = PersonalTextPermit::own(caller.actor());
    let reader = PermittedReader::new(&permit, &*app.unseal);
    let found = KeptShut::of(app.models.store(), patient, page).await?;
    let found = KeptShut::opened(found, reader).await?;
    list.answer((&app, caller), found, MyBar::from)
}

/// Close my record, bar somebody, or hide a report from them. At once, without a code, over every consent of
/// now and later. What they have open ends. Nothing tells them. Again, to say anew whether an emergency
/// passes.
#[utoipa::path(
    tag = "consent",
    params(PatientPath, IdempotencyKey),
    responses((status = 200, body = Done),),
)]
#[post("/api/v1/patients/{patient}/bars")]
pub(super) async fn shut(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<PatientPath>,
    body: web::Json<NewBar>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let held = key.hold(caller.actor(), &*body)?;
    let (whom, passes) = (body.what.into(), body.emergency_passes);
    let outcome = app.bars.shut(patient, whom, passes, held.request).await?;
    ok(Done::at(outcome.position))
}

/// Open again what I shut: as easily, without a code. My consents count as they stand.
#[utoipa::path(
    tag = "consent",
    params(PatientPath, IdempotencyKey),
    responses((status = 200, body = Done),),
)]
#[post("/api/v1/patients/{patient}/bars/lift")]
pub(super) async fn lift(
    app: web::Data<App>,
    caller: Requester,
    key: IdempotencyKey,
    path: Path<PatientPath>,
    body: web::Json<BarToLift>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let held = key.hold(caller.actor(), &*body)?;
    let outcome = app.bars.lift(patient, body.what.into(), held.request).await?;
    ok(Done::at(outcome.position))
}
