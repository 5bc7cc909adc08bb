//! Is it ready, and is it well: every part and every job.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use transparency::log::{LogStatus, StampedCheckpoint, WitnessState};
use utoipa::ToSchema;

use crate::rest::when::When;
use crate::server::descriptors::too_few;
use crate::wiring::App;
use crate::wiring::supervisor::{JobHealth, JobState};

/// How each part does.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// Requests can be answered.
    ready: bool,
    /// And everything else is as it should be: signatures, witnesses, anchors, what is stored, every job.
    healthy: bool,
    /// `ok`, or what is wrong.
    event_store: String,
    /// `ok`, or which model stopped where and why.
    read_models: String,
    /// `ok`, or that hardly any file or connection can be opened any more.
    descriptors: String,
    /// How many events the read models are behind.
    read_models_behind: u64,
    /// `ok`, or what is wrong with signing, publishing or what is stored.
    transparency_log: String,
    /// How many events the newest signed checkpoint covers.
    log_signed: u64,
    /// How many the newest published one covers.
    log_published: u64,
    /// `ok`, or which witness has not cosigned and why.
    witnesses: String,
    /// `ok`, or which anchor is too old.
    anchors: String,
    /// `ok`, or how many reports' files are missing or damaged, and what lists them.
    report_files: String,
    /// How many reports' files were read again in the pass that is under way, or in the last one.
    report_files_read: u64,
    /// When everything stored was last read again from its start to its end, if it was since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    scrubbed: Option<When>,
    /// Everything that runs in the background.
    jobs: Vec<JobLine>,
}

/// How a job in the background does.
#[derive(Serialize, ToSchema)]
struct JobLine {
    /// Its name.
    name: String,
    /// What it does.
    what: &'static str,
    /// `ok`; `waiting` for something that is not its own; or `unwell`: somebody should look.
    #[schema(example = "ok")]
    health: &'static str,
    /// Why it is not `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// When all was last done and well, if it was since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success: Option<When>,
}

impl From<JobState> for JobLine {
    fn from(state: JobState) -> Self {
        let JobState { name, what, last_success, health } = state;
        let (health, why) = match health {
            JobHealth::Ok => ("ok", None),
            JobHealth::Waiting(why) => ("waiting", Some(why)),
            JobHealth::Unwell(why) => ("unwell", Some(why)),
        };
        Self {
            name: name.into_owned(),
            what,
            health,
            why,
            last_success: last_success.map(When::from),
        }
    }
}

/// `ok`, or everything that is not.
fn ok_or(failure: Vec<String>) -> String {
    if failure.is_empty() { "ok".to_owned() } else { failure.join("; ") }
}

fn read_models(app: &App) -> String {
    let health = app.models.health();
    ok_or(health.parked().into_iter().chain(health.stalled).collect())
}

fn transparency_log(app: &App, standing: &LogStatus) -> String {
    let waiting = standing.uncovered_for;
    let uncovered = (waiting >= app.uncovered_max)
        .then(|| format!("events have been waiting for a signature for {} s", waiting.as_secs()));
    let off = standing.clock_off;
    let off = off.map(|off| format!("our clock is {} s off the witnesses'", off.as_secs()));
    let damage = standing.scrub.finding.clone();
    let stands = standing.stalled.clone().into_iter().chain(standing.unpublished.clone());
    ok_or(stands.chain(uncovered).chain(off).chain(damage).collect())
}

fn witnesses(standing: &LogStatus) -> String {
    let failure = |state: &WitnessState| {
        state.failure.as_ref().map(|failure| format!("{}: {failure}", state.name))
    };
    ok_or(standing.witnesses.iter().filter_map(failure).collect())
}

/// Requests can be answered; and whether everything else is well.
#[utoipa::path(
    tag = "health",
    security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)),
)]
#[get("/readyz")]
pub(super) async fn readyz(app: web::Data<App>) -> HttpResponse {
    let event_store = ok_or(app.event_store_health().await.err().into_iter().collect());
    let standing = app.log.standing();
    let files = app.report_scrub.known().status();
    let size =
        |made: &Option<StampedCheckpoint>| made.as_ref().map_or(0, |made| made.checkpoint.size);
    let mut body = Readiness {
        ready: false,
        healthy: false,
        event_store,
        read_models: read_models(&app),
        descriptors: ok_or(too_few().into_iter().collect()),
        read_models_behind: app.behind(),
        transparency_log: transparency_log(&app, &standing),
        log_signed: size(&standing.signed),
        log_published: size(&standing.published),
        witnesses: witnesses(&standing),
        anchors: ok_or(app.anchoring.late(app.now()).await),
        report_files: ok_or(files.in_words().into_iter().collect()),
        report_files_read: files.read,
        scrubbed: standing.scrub.finished.map(|(at, _)| at.into()),
        jobs: app.supervisor.jobs().into_iter().map(JobLine::from).collect(),
    };
    body.ready =
        [&body.event_store, &body.read_models, &body.descriptors].iter().all(|part| *part == "ok");
    let rest = [&body.transparency_log, &body.witnesses, &body.anchors, &body.report_files];
    let jobs_are_well = body.jobs.iter().all(|job| job.health != "unwell");
    body.healthy = body.ready && jobs_are_well && rest.iter().all(|part| *part == "ok");
    if body.ready {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}
