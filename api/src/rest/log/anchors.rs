//! Where checkpoints of the log were taken out of the organisation.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::audit::state::Anchored;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{FOR_A_MOMENT, FOR_ANY_PAGE};
use crate::rest::HandlerResult;
use crate::rest::lists::cacheable;
use crate::rest::when::When;
use crate::wiring::App;

/// What one anchor holds.
#[derive(Serialize, ToSchema)]
struct AnchorLine {
    /// Its name: `file`, `witness`, `evm`.
    #[schema(example = "witness")]
    anchor: String,
    /// How many events the newest checkpoint there covers.
    events: u64,
    /// When that was recorded, by this organisation's clock.
    recorded: When,
    /// That checkpoint, as signed.
    checkpoint: String,
    /// What the anchor gave for it. Nothing of a folder: where one lies is nobody's business.
    #[schema(value_type = Vec<Object>)]
    receipts: Vec<Map<String, Value>>,
}

impl From<(String, Anchored)> for AnchorLine {
    fn from((anchor, known): (String, Anchored)) -> Self {
        let Anchored { size: events, time, checkpoint, receipts, .. } = known;
        let receipts = if anchor == "file" { Vec::new() } else { receipts };
        Self { anchor, events, recorded: time.into(), checkpoint, receipts }
    }
}

/// The newest checkpoint that each anchor holds, and what it gave for it.
#[utoipa::path(
    tag = "log",
    security(()),
    responses((status = 200, body = Vec<AnchorLine>)),
)]
#[get("/log/anchors")]
pub(super) async fn anchors(app: web::Data<App>, request: HttpRequest) -> HandlerResult {
    cacheable(&request);
    let known = app.anchoring.held().await?;
    let lines: Vec<AnchorLine> = known.into_iter().map(AnchorLine::from).collect();
    Ok(HttpResponse::Ok()
        .insert_header(FOR_ANY_PAGE)
        .insert_header((CACHE_CONTROL, FOR_A_MOMENT))
        .json(lines))
}
