//! `GET /api/v1/stream`: what concerns me, as it happens. Server-sent events, resumable by position.

use std::pin::pin;
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
use futures::{FutureExt as _, StreamExt as _};
use serde_json::json;
use tokio::select;
use tokio::time::sleep;
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
/// `Last-Event-ID` resumes; where it cannot, because it lies too far back or beyond the newest event, `reset`
/// comes first: read the lists anew. Ends when the session does.
#[utoipa::path(
    tag = "live",
    params(("Last-Event-ID" = Option<u64>, Header, description = "Resume behind this position")),
    responses((status = 200, description = "text/event-stream"),),
)]
#[get("/api/v1/stream")]
async fn stream(app: web::Data<App>, request: HttpRequest, caller: Requester) -> HandlerResult {
    let length = app.newest().map_or(0, |newest| newest.0 + 1);
    let last = match request.headers().get("Last-Event-ID") {
        None => None,
        Some(value) => {
            let last = value.to_str().ok().and_then(|text| text.parse::<u64>().ok());
            Some(last.ok_or(BAD_HEADER)?)
        }
    };
    let (from, resets) = begin(last, length);
    let share = app.shares.take(Scarce::Stream, caller.actor())?;
    let (next, begun_at) = (Position(from), Position(length));
    let watcher = Watcher { app, caller, next, begun_at, _share: share };
    let first = resets.then(|| Ok(Bytes::from(reset_text(length))));
    let rest = futures::stream::unfold(Some(watcher), |watcher| async move {
        let mut watcher = watcher?;
        let chunk = watcher.chunk().await;
        let goes_on = chunk.is_some().then_some(watcher);
        let chunk = chunk.unwrap_or_else(|| "event: end\ndata: {}\n\n".to_owned());
        Some((Ok::<_, actix_web::Error>(Bytes::from(chunk)), goes_on))
    });
    let body = futures::stream::iter(first).chain(rest);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

/// Where a stream begins in a log of this length, and whether that is elsewhere than behind the `last` event
/// that its reader has seen: then they may have missed something, or have seen what is no more.
fn begin(last: Option<u64>, length: u64) -> (u64, bool) {
    match last {
        None => (length, false),
        Some(last) if last < length && length - last <= RESUME_MAX => (last + 1, false),
        Some(_) => (length, true),
    }
}

/// What was known counts no longer; whoever comes back goes on from here.
fn reset_text(length: u64) -> String {
    let newest = length.checked_sub(1);
    let id = newest.map(|newest| format!("id: {newest}\n")).unwrap_or_default();
    format!("{id}event: reset\ndata: {}\n\n", json!({ "position": newest }))
}

struct Watcher {
    app: web::Data<App>,
    caller: Requester,
    next: Position,
    /// What stands before it happened before this stream was asked for.
    begun_at: Position,
    _share: Share,
}

impl Watcher {
    /// The next piece of the stream: what happened, or a heartbeat. None ends it.
    async fn chunk(&mut self) -> Option<String> {
        let mut newest = self.app.newest_watch();
        // Counted from what was sent last, whatever happens elsewhere meanwhile: who has gone is found out by
        // writing to them, and keeps a place until then.
        let mut beat = pin!(sleep(HEARTBEAT));
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
            let is_due = match lines.is_empty() {
                true => select! { () = beat.as_mut() => true, _ = newest.changed() => false },
                false => beat.as_mut().now_or_never().is_some(),
            };
            if is_due {
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
            (Actor::Doctor(me), Fact::Consent(fact)) => {
                self.is_about(me, fact, recorded).await && self.is_linked(me, recorded).await
            }
            (Actor::Doctor(me), Fact::Access(AccessFact::ViewingEnded(ended))) => {
                let Some(patient) = recorded.stream.patient_id() else { return false };
                let reader = self.app.viewing.reader(patient, ended.viewing).await;
                // Who has it open sees it end, by whatever: that is told as it happens, and never again where
                // the patient shut them out by it.
                let mine = reader.is_ok_and(|reader| reader == Some(me));
                mine && (recorded.position >= self.begun_at || self.is_linked(me, recorded).await)
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

    /// Whom the patient shuts out hears what one hears who never had a link: nothing, nor of the past.
    async fn is_linked(&self, me: DoctorId, recorded: &Recorded) -> bool {
        let Some(patient) = recorded.stream.patient_id() else { return false };
        self.app.viewing.is_linked(patient, me).await.unwrap_or(false)
    }

    async fn is_about(&self, me: DoctorId, fact: &ConsentFact, recorded: &Recorded) -> bool {
        // Nothing tells whom a bar is about.
        if let ConsentFact::Granted(granted) = fact {
            return granted.grantee == Grantee::Doctor(me);
        }
        let (ConsentFact::Revoked(revoked), Some(patient)) = (fact, recorded.stream.patient_id())
        else {
            return false;
        };
        let grantee = self.app.consents.grantee(patient, revoked.consent).await;
        grantee.is_ok_and(|grantee| grantee == Some(Grantee::Doctor(me)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_goes_on_behind_what_was_seen_or_says_that_it_does_not() {
        assert_eq!(begin(None, 0), (0, false));
        assert_eq!(begin(None, 7), (7, false));
        assert_eq!(begin(Some(0), 7), (1, false));
        assert_eq!(begin(Some(6), 7), (7, false));
        for beyond in [7, 8, u64::MAX] {
            assert_eq!(begin(Some(beyond), 7), (7, true));
        }
        assert_eq!(begin(Some(0), 0), (0, true));
        let long = 2 * RESUME_MAX;
        assert_eq!(begin(Some(RESUME_MAX), long), (RESUME_MAX + 1, false));
        assert_eq!(begin(Some(RESUME_MAX - 1), long), (long, true));
        assert_eq!(reset_text(7), "id: 6\nevent: reset\ndata: {\"position\":6}\n\n");
        assert_eq!(reset_text(0), "event: reset\ndata: {\"position\":null}\n\n");
    }
}
