//! Every job of the service: what one pass of each does. The supervisor runs them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use commands::react::{Pass, Reaction};
use domain::journal::Position;
use tokio::sync::watch;
use transparency::log::{ASK_AGAIN, LogStopped, WATCH_EVERY};

use super::app::App;
use super::supervisor::{Comes, Job, Passed, Passing, Stop, UntilDue};
use crate::config::{Config, TransparencySettings};

/// How often it is looked whether the witnesses agree with our clock.
const DOUBT_EVERY: Duration = Duration::from_secs(1);
/// How often uploads that were never finished are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);
/// How often codes that are over, and their letters, are looked for.
const CODES_EVERY: Duration = Duration::from_secs(30);
/// How often it is looked what is due, if nothing happens.
const DUE_EVERY: Duration = Duration::from_secs(1);
/// The longest rest of a job whose failure is the log's or the store's: somebody waits for it.
const SHORT_REST: Duration = Duration::from_secs(1);
/// The longest rest of a job that nobody waits for.
const LONG_REST: Duration = Duration::from_secs(60);
/// The part of the service without which nothing goes on.
const LOG: Option<&str> = Some("the transparency log");

/// Starts every job.
pub(super) fn start(app: &Arc<App>, config: &Config) {
    let settings = &config.transparency;
    let supervisor = &app.supervisor;
    supervisor.start(read_models(app));
    for job in log_jobs(app, settings) {
        supervisor.start(job);
    }
    for name in app.anchoring.names() {
        supervisor.start(anchor(app, name));
    }
    supervisor.start(clock_doubt(app));
    supervisor.start(sweep(app));
    supervisor.start(report_scrub(app, config));
    supervisor.start(codes(app));
    supervisor.start(kept_documents(app));
    for one in app.reactions.all() {
        supervisor.start(reaction(app, one));
    }
}

impl App {
    /// Carries out everything that follows by itself now; what did is durable when this answers. The jobs do
    /// the same when they come round.
    pub async fn react(&self) -> anyhow::Result<()> {
        self.models.catch_up().await?;
        for reaction in self.reactions.all() {
            let name = reaction.name();
            let pass = reaction.pass(&self.executor).await;
            anyhow::ensure!(
                pass == Pass::Done,
                "the reaction {name} did not come through: {pass:?}"
            );
        }
        Ok(())
    }
}

/// A pass over the service.
fn pass<F>(app: &Arc<App>, pass: impl Fn(Arc<App>) -> F + Send + Sync + 'static) -> PassOf
where
    F: Future<Output = Passed> + Send + 'static,
{
    let app = Arc::clone(app);
    Box::new(move || -> Passing { Box::pin(pass(Arc::clone(&app))) })
}

type PassOf = Box<dyn Fn() -> Passing + Send + Sync>;

/// When something new is to be seen, or after `at_least`.
fn news<T: Send + Sync + 'static>(seen: watch::Receiver<T>, at_least: Option<Duration>) -> Comes {
    let mut seen = seen;
    Comes::When(Box::new(move || -> UntilDue {
        seen.mark_unchanged();
        let mut seen = seen.clone();
        Box::pin(async move {
            let changed = async {
                // A closed channel means that nothing will ever come.
                if seen.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            match at_least {
                Some(at_least) => _ = tokio::time::timeout(at_least, changed).await,
                None => changed.await,
            }
        })
    }))
}

fn read_models(app: &Arc<App>) -> Job {
    Job {
        name: "read_models".into(),
        what: "fills the read models with what is new in the log",
        comes: news::<Option<Position>>(app.newest_watch(), None),
        rest_max: SHORT_REST,
        stop: Stop::BreaksOff,
        vital: None,
        pass: pass(app, |app| async move {
            let caught_up = app.models.catch_up().await;
            let health = app.models.health();
            match caught_up {
                Err(error) => Passed::Failed(health.stalled.unwrap_or(error.to_string())),
                Ok(()) => health.parked().map_or(Passed::Well, Passed::Unwell),
            }
        }),
    }
}

/// What of the log went well, or why not.
fn of_the_log(done: Result<(), LogStopped>, failure: impl FnOnce() -> Option<String>) -> Passed {
    match done {
        Err(stopped) => Passed::Fatal(stopped.to_string()),
        Ok(()) => failure().map_or(Passed::Well, Passed::Failed),
    }
}

fn log_jobs(app: &Arc<App>, settings: &TransparencySettings) -> [Job; 4] {
    let every = Duration::from_millis(settings.checkpoint_millis);
    let job = |name: &'static str, what, comes, stop, pass| Job {
        name: name.into(),
        what,
        comes,
        // What a full disk held up is not held up for longer than a round.
        rest_max: every.min(SHORT_REST),
        stop,
        vital: LOG,
        pass,
    };
    let sign = pass(app, |app| async move {
        let signed = app.log.sign_new().await;
        of_the_log(signed, || app.log.standing().stalled)
    });
    let publish = pass(app, |app| async move {
        let published = app.log.publish_new().await;
        let passed = of_the_log(published, || app.log.standing().unpublished);
        if passed == Passed::Well { witnesses_answer(&app) } else { passed }
    });
    let watch = pass(app, |app| async move {
        app.log.tick();
        Passed::Well
    });
    let scrub = pass(app, |app| async move {
        if let Err(error) = app.log.scrub().await {
            tracing::warn!(%error, "the scrub could not read on");
        }
        app.log.standing().scrub.finding.map_or(Passed::Well, Passed::Unwell)
    });
    let scrubbing = Comes::Every(Duration::from_secs(settings.scrub_hours * 3_600));
    let signed = news(app.log.signed(), Some(ASK_AGAIN));
    let what = [
        "makes tiles of what is new in the log and signs the tree",
        "asks the witnesses to cosign and publishes the newest checkpoint",
        "counts for how long events wait for a signature",
        "reads everything stored again, from the lines up to the signed root",
    ];
    [
        job("transparency_log", what[0], Comes::Every(every), Stop::WaitsForIt, sign),
        job("witnesses", what[1], signed, Stop::BreaksOff, publish),
        job("signature_watch", what[2], Comes::Every(WATCH_EVERY), Stop::BreaksOff, watch),
        job("scrub", what[3], scrubbing, Stop::BreaksOff, scrub),
    ]
}

/// A witness that does not answer is asked again, and whether it matters the line `witnesses` says.
fn witnesses_answer(app: &App) -> Passed {
    match app.log.standing().silent_witnesses() {
        0 => Passed::Well,
        silent => Passed::Waits(format!("{silent} witnesses have not cosigned").into()),
    }
}

fn anchor(app: &Arc<App>, name: &'static str) -> Job {
    Job {
        name: format!("anchor_{name}").into(),
        what: "takes the newest published checkpoint out of the organisation",
        comes: Comes::Every(app.anchoring.look_every()),
        rest_max: LONG_REST,
        stop: Stop::WaitsForIt,
        vital: None,
        pass: pass(app, move |app| async move {
            match app.anchoring.take_if_due(name, app.now()).await {
                Ok(Some(size)) => {
                    tracing::info!(anchor = name, size, "anchored");
                    Passed::Well
                }
                Ok(None) => Passed::Well,
                Err(error) => {
                    tracing::warn!(anchor = name, %error, "not anchored");
                    Passed::Waits("it was not taken; the log of the process says why".into())
                }
            }
        }),
    }
}

fn clock_doubt(app: &Arc<App>) -> Job {
    Job {
        name: "clock_doubt".into(),
        what: "looks whether the witnesses agree with our clock",
        comes: Comes::After(DOUBT_EVERY),
        rest_max: SHORT_REST,
        stop: Stop::BreaksOff,
        vital: None,
        pass: pass(app, |app| async move {
            app.executor.set_clock_doubt(app.log.standing().clock_off);
            Passed::Well
        }),
    }
}

fn sweep(app: &Arc<App>) -> Job {
    Job {
        name: "sweep_of_uploads".into(),
        what: "removes uploads that were never finished",
        comes: Comes::After(SWEEP_EVERY),
        rest_max: SWEEP_EVERY,
        stop: Stop::WaitsForIt,
        vital: None,
        pass: pass(app, |app| async move {
            match app.upload_sweep.run().await {
                Ok(0) => Passed::Well,
                Ok(removed) => {
                    tracing::info!(removed, "uploads that were never finished");
                    Passed::Well
                }
                Err(error) => {
                    tracing::warn!(%error, "the sweep of uploads failed");
                    Passed::Failed("it failed; the log of the process says why".to_owned())
                }
            }
        }),
    }
}

/// Reads every report's file again, so slowly that nobody has to wait for it.
fn report_scrub(app: &Arc<App>, config: &Config) -> Job {
    let bytes_per_second = config.records.scrub_mib_per_second << 20;
    let rest = move |bytes: u64| {
        let micros = u128::from(bytes) * 1_000_000 / u128::from(bytes_per_second);
        tokio::time::sleep(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    };
    Job {
        name: "scrub_of_reports".into(),
        what: "reads every report's file again and holds it against its hash",
        comes: Comes::Every(Duration::from_secs(config.transparency.scrub_hours * 3_600)),
        rest_max: LONG_REST,
        stop: Stop::BreaksOff,
        vital: None,
        pass: pass(app, move |app| async move {
            if let Err(error) = app.report_scrub.run(rest).await {
                tracing::warn!(%error, "the scrub of reports could not read on");
                return Passed::Failed("it failed; the log of the process says why".to_owned());
            }
            // What it found stands in a line of its own, for it is over as soon as a file is put back.
            Passed::Well
        }),
    }
}

/// What a viewing leaves open between two pages goes when the viewing does, whether or not anybody asks for
/// another page.
fn kept_documents(app: &Arc<App>) -> Job {
    Job {
        name: "kept_documents".into(),
        what: "lets go of the documents of viewings that are over",
        comes: news::<Option<Position>>(app.newest_watch(), Some(DUE_EVERY)),
        rest_max: SHORT_REST,
        stop: Stop::BreaksOff,
        vital: None,
        pass: pass(app, |app| async move {
            app.viewing.let_go_of_what_is_over().await;
            Passed::Well
        }),
    }
}

fn codes(app: &Arc<App>) -> Job {
    Job {
        name: "sweep_of_codes".into(),
        what: "removes codes that are over, what waited for them, and their letters",
        comes: Comes::After(CODES_EVERY),
        rest_max: LONG_REST,
        stop: Stop::WaitsForIt,
        vital: None,
        pass: pass(app, |app| async move {
            match app.step_up.sweep().await {
                Ok(()) => Passed::Well,
                Err(error) => {
                    tracing::warn!(%error, "the sweep of codes failed");
                    Passed::Failed("it failed; the log of the process says why".to_owned())
                }
            }
        }),
    }
}

fn reaction(app: &Arc<App>, reaction: &Arc<dyn Reaction>) -> Job {
    let reaction = Arc::clone(reaction);
    Job {
        name: format!("reaction_{}", reaction.name()).into(),
        what: reaction.what(),
        comes: news::<Option<Position>>(app.newest_watch(), Some(DUE_EVERY)),
        rest_max: LONG_REST,
        stop: Stop::BreaksOff,
        vital: None,
        pass: pass(app, move |app| {
            let reaction = Arc::clone(&reaction);
            async move {
                match reaction.pass(&app.executor).await {
                    Pass::Hindered(why) => Passed::Failed(why.to_owned()),
                    Pass::Waiting => Passed::Waits("the read models are being filled".into()),
                    Pass::Done => parked(&*reaction).map_or(Passed::Well, Passed::Unwell),
                }
            }
        }),
    }
}

/// What a reaction does not try again, by the events that caused it.
fn parked(reaction: &dyn Reaction) -> Option<String> {
    let parked = reaction.parked();
    let first = parked.first()?;
    let reason = format!("parked at {}: {}", first.position, first.reason);
    let more = parked.len() - 1;
    Some(if more == 0 { reason } else { format!("{reason}; and {more} more") })
}
