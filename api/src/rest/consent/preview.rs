//! What a consent would open, before its code is sent.

use actix_web::web::Path;
use actix_web::{post, web};
use domain::consent::preview::StandsAgainst;
use serde::Serialize;
use utoipa::ToSchema;

use super::grant::NewConsent;
use crate::actor::Requester;
use crate::rest::ids::{ConsentUuid, ReportUuid};
use crate::rest::paths::PatientPath;
use crate::rest::when::When;
use crate::rest::{HandlerResult, ok};
use crate::wiring::App;

/// What a consent would do.
#[derive(Serialize, ToSchema)]
struct ConsentPreview {
    /// What it opens, for what and until when, in one sentence.
    sentence: String,
    /// Those of my reports of today that it would open.
    opens: Vec<ReportUuid>,
    /// How many reports I have.
    reports: usize,
    /// Whether it opens reports to come, too.
    those_to_come: bool,
    /// What I said before that keeps shut some of what it covers.
    against: Vec<AgainstBody>,
}

/// Something that I said before, and that stays so.
#[derive(Serialize, ToSchema)]
struct AgainstBody {
    kind: AgainstKind,
    /// The same as a sentence.
    sentence: String,
    /// Of an exception: the consent it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentUuid>,
    /// When that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_given_at: Option<When>,
    /// How many of the reports that the consent covers stay shut by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reports: Option<usize>,
}

/// What kind of thing stands against a consent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AgainstKind {
    /// My whole record is closed.
    RecordClosed,
    /// I hid reports from whom it names.
    Hidden,
    /// An exception of another consent in force for whom it names.
    Exception,
}

impl From<StandsAgainst> for AgainstBody {
    fn from(against: StandsAgainst) -> Self {
        let (kind, consent, granted_at, reports) = match against {
            StandsAgainst::RecordClosed => (AgainstKind::RecordClosed, None, None, None),
            StandsAgainst::Hidden { reports } => (AgainstKind::Hidden, None, None, Some(reports)),
            StandsAgainst::Exception { consent, granted_at, reports } => {
                (AgainstKind::Exception, Some(consent), Some(granted_at), Some(reports))
            }
        };
        Self {
            kind,
            sentence: against.sentence(),
            consent: consent.map(ConsentUuid::from),
            consent_given_at: granted_at.map(When::from),
            reports,
        }
    }
}

/// What a consent would open now, and what I said before that stands against it. It is judged as the consent
/// would be; no code is sent, and nothing is recorded.
#[utoipa::path(
    tag = "consent",
    params(PatientPath),
    responses((status = 200, body = ConsentPreview),),
)]
#[post("/api/v1/patients/{patient}/consents/preview")]
pub(super) async fn preview(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PatientPath>,
    body: web::Json<NewConsent>,
) -> HandlerResult {
    let patient = caller.owner_of(path.patient.0)?;
    let (preview, now) = app.consents.preview(patient, &body.proposal()).await?;
    ok(ConsentPreview {
        sentence: preview.sentence(now),
        opens: preview.opens.iter().copied().map(ReportUuid::from).collect(),
        reports: preview.reports,
        those_to_come: preview.those_to_come,
        against: preview.against.into_iter().map(AgainstBody::from).collect(),
    })
}
