//! `GET /api/v1/stream`: what concerns me, as it happens. Server-sent events, resumable by position.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, web};
use bytes::Bytes;
use commands::access::viewing::ViewingError;
use commands::shares::{Scarce, Share};
use domain::access::event::AccessFact;
use domain::actor::Actor;
use domain::consent::event::ConsentFact;
use domain::consent::grantee::Grantee;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::ids::DoctorId;
use domain::journal::Position;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::HandlerResult;
use crate::actor::Requester;
use crate::problem::BAD_HEADER;
use crate::wiring::App;

/// How often something is sent where nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events read at once.
const BATCH: usize = 256;
/// How far back a stream can be resumed; beyond it, lists are the better way.
const RESUME_MAX: u64 = 100_000;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(stream);
}

/// What concerns me, as it happens: id = position, event = type, data = position, type, time. No words.
/// `Last-Event-ID` resumes. Ends when the session does.
#[utoipa::path(
    tag = "live",
    params(("Last-Event-ID" = Option<u64>, Header, description = "Resume behind this position")),
    responses((status = 200, description = "text/event-stream"),),
)]
#[get("/api/v1/stream")]
async fn stream(app: web::Data<App>, request: HttpRequest, caller: Requester) -> HandlerResult {
    let newest = app.newest().map_or(0, |newest| newest.0 + 1);
    let from = match request.headers().get("Last-Event-ID") {
        None => newest,
        Some(value) => {
            let last = value.to_str().ok().and_then(|text| text.parse::<u64>().ok());
            let next = last.ok_or(BAD_HEADER)?.saturating_add(1);
            next.max(newest.saturating_sub(RESUME_MAX))
        }
    };
    let share = app.shares.take(Scarce::Stream, caller.actor())?;
    let watcher = Watcher { app, caller, next: Position(from), _share: share };
    let body = futures::stream::unfold(Some(watcher), |watcher| async move {
        let mut watcher = watcher?;
        let chunk = watcher.chunk().await;
        let goes_on = chunk.is_some().then_some(watcher);
        let chunk = chunk.unwrap_or_else(|| "event: end\ndata: {}\n\n".to_owned());
        Some((Ok::<_, actix_web::Error>(Bytes::from(chunk)), goes_on))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

struct Watcher {
    app: web::Data<App>,
    caller: Requester,
    next: Position,
    _share: Share,
}

impl Watcher {
    /// The next piece of the stream: what happened, or a heartbeat. None ends it.
    async fn chunk(&mut self) -> Option<String> {
        let mut newest = self.app.newest_watch();
        loop {
            newest.mark_unchanged();
            let lines = self.app.read_all(self.next, BATCH).await.ok()?;
            // Asked behind what was read: all of it happened before the session's end, if there was one.
            self.app.sessions.still_open(self.caller.0).await.ok()?;
            let of_patients = self.may_hear_of_patients().await.ok()?;
            let mut text = String::new();
            for line in &lines {
                self.next = Position(line.position.0 + 1);
                let Ok(recorded) = line.recorded() else { continue };
                let told = of_patients || recorded.stream.patient_id().is_none();
                if told && self.concerns_me(&recorded).await {
                    text.push_str(&event_text(&recorded));
                }
            }
            if !text.is_empty() {
                return Some(text);
            }
            if lines.is_empty() && tokio::time::timeout(HEARTBEAT, newest.changed()).await.is_err()
            {
                return Some(": still here\n\n".to_owned());
            }
        }
    }

    /// A doctor who may not act hears nothing of patients, as they are shown none in any list.
    async fn may_hear_of_patients(&self) -> Result<bool, ViewingError> {
        match self.caller.actor() {
            Actor::Doctor(me) => self.app.viewing.may_look(me).await,
            Actor::Patient(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => Ok(true),
        }
    }

    /// My own stream; for a doctor, also what patients decide about them; for an admin, doctors' standing.
    async fn concerns_me(&self, recorded: &Recorded) -> bool {
        let me = self.caller.actor();
        if me.stream().is_some_and(|mine| mine == recorded.stream) {
            return true;
        }
        match (me, &recorded.fact) {
            (Actor::Doctor(me), Fact::Consent(fact)) => self.is_about(me, fact, recorded).await,
            (Actor::Doctor(me), Fact::Access(AccessFact::ViewingEnded(ended))) => {
                let Some(patient) = recorded.stream.patient_id() else { return false };
                let reader = self.app.viewing.reader(patient, ended.viewing).await;
                reader.is_ok_and(|reader| reader == Some(me))
            }
            (Actor::Admin(_), Fact::Doctor(_)) => true,
            (
                Actor::Patient(_)
                | Actor::Doctor(_)
                | Actor::Manager(_)
                | Actor::Admin(_)
                | Actor::System,
                _,
            ) => false,
        }
    }

    async fn is_about(&self, me: DoctorId, fact: &ConsentFact, recorded: &Recorded) -> bool {
        match fact {
            ConsentFact::Granted(granted) => granted.grantee == Grantee::Doctor(me),
            ConsentFact::Revoked(revoked) => {
                let Some(patient) = recorded.stream.patient_id() else { return false };
                let grantee = self.app.consents.grantee(patient, revoked.consent).await;
                grantee.is_ok_and(|grantee| grantee == Some(Grantee::Doctor(me)))
            }
        }
    }
}

fn event_text(recorded: &Recorded) -> String {
    let kind = recorded.fact.kind();
    let mut data =
        json!({ "position": recorded.position, "type": kind, "time": recorded.time.to_string() });
    if let Some(patient) = recorded.stream.patient_id() {
        data["patient"] = json!(patient.to_string());
    }
    format!("id: {}\nevent: {kind}\ndata: {data}\n\n", recorded.position)
}
