//! The supervisor: owns every loop that runs in the background, and says how each does.
//!
//! A job is a pass that comes round. How often, what becomes of a pass that fails or panics, and how a job
//! ends stand here once; what a pass does stands in `jobs.rs`.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commands::ports::world::Clock;
use domain::time::Moment;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a job rests after a pass that failed; twice as long after each further one, up to its own bound.
const REST: Duration = Duration::from_secs(1);

/// What came of a pass. The words are shown to anybody who asks `/readyz`: nothing of a person, no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passed {
    /// All is done.
    Well,
    /// The outside, or another job, does not let it yet. Nothing is wrong here.
    Waits(Cow<'static, str>),
    /// It is done as far as it can be, and somebody should look.
    Unwell(String),
    /// It is not done; tried again after a rest.
    Failed(String),
    /// The process must stop: only opening everything anew shows what is on the disk.
    Fatal(String),
}

/// One pass under way.
pub(crate) type Passing = Pin<Box<dyn Future<Output = Passed> + Send>>;
/// What a pass waits for, from when it is asked.
pub(crate) type UntilDue = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When a job comes round.
pub(crate) enum Comes {
    /// On a clock, the first time at once.
    Every(Duration),
    /// On a clock, the first time after a round of it.
    After(Duration),
    /// When something is new. Asked before a pass begins, so that what comes meanwhile is not missed.
    When(Box<dyn FnMut() -> UntilDue + Send + Sync>),
}

/// What a stop does to a pass that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is broken off: what it does is done anew by the next process.
    BreaksOff,
    /// It is ended first.
    WaitsForIt,
}

/// A loop that runs in the background.
pub(crate) struct Job {
    /// Its name.
    pub(crate) name: Cow<'static, str>,
    /// What it does, for a person.
    pub(crate) what: &'static str,
    /// When it comes round.
    pub(crate) comes: Comes,
    /// The longest it rests between two tries.
    pub(crate) rest_max: Duration,
    /// What a stop does to it.
    pub(crate) stop: Stop,
    /// The part of the service without which nothing goes on, if it keeps one: a panic is as fatal there as
    /// [`Passed::Fatal`].
    pub(crate) vital: Option<&'static str>,
    /// What it does.
    pub(crate) pass: Box<dyn Fn() -> Passing + Send + Sync>,
}

/// How a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobHealth {
    /// Well.
    Ok,
    /// It waits for something that is not its own; why.
    Waiting(String),
    /// Somebody should look; why.
    Unwell(String),
}

/// A line of the table of jobs.
#[derive(Debug, Clone)]
pub(crate) struct JobState {
    /// Its name.
    pub(crate) name: Cow<'static, str>,
    /// What it does.
    pub(crate) what: &'static str,
    /// When all was last done and well, by the node's clock.
    pub(crate) last_success: Option<Moment>,
    /// How it does.
    pub(crate) health: JobHealth,
}

/// Owns the jobs.
pub(crate) struct Supervisor {
    clock: Arc<dyn Clock>,
    table: Mutex<Vec<JobState>>,
    fatal: watch::Sender<Option<String>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Supervisor {
    /// Nobody to look after yet. `clock` says when something was done.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            table: Mutex::default(),
            fatal: watch::Sender::new(None),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Takes a job on, until [`Supervisor::stop`].
    pub(crate) fn start(self: &Arc<Self>, job: Job) {
        let row = {
            let mut table = self.table();
            let name = job.name.clone();
            let what = job.what;
            table.push(JobState { name, what, last_success: None, health: JobHealth::Ok });
            table.len() - 1
        };
        let supervisor = Arc::clone(self);
        self.tasks.spawn(async move { supervisor.keep(job, row).await });
    }

    /// Every job and how it does.
    pub(crate) fn jobs(&self) -> Vec<JobState> {
        self.table().clone()
    }

    /// Comes back with what must stop the process.
    pub(crate) async fn fatal(&self) -> String {
        let mut fatal = self.fatal.subscribe();
        match fatal.wait_for(Option::is_some).await.map(|why| why.clone()) {
            Ok(why) => why.unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    /// Ends every job: passes that must be ended are ended first. `false` if something fatal came before.
    pub(crate) async fn stop(&self) -> bool {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.fatal.borrow().is_none()
    }

    fn table(&self) -> MutexGuard<'_, Vec<JobState>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one loop.
    async fn keep(&self, mut job: Job, row: usize) {
        let mut clock = job.comes.clock();
        let mut failures = 0;
        if let Comes::After(_) = job.comes
            && self.unless_stopped(job.comes.comes_round(clock.as_mut())).await.is_none()
        {
            return;
        }
        loop {
            let comes = job.comes.ask();
            let Some(passed) = self.pass(&job).await else { return };
            self.note(row, &passed);
            let failed = match passed {
                Passed::Well | Passed::Waits(_) | Passed::Unwell(_) => false,
                Passed::Failed(_) => true,
                Passed::Fatal(why) => return self.fall(&job, &why),
            };
            failures = if failed { failures + 1 } else { 0 };
            let wait = async {
                if failed {
                    tokio::time::sleep(rest(failures, job.rest_max)).await;
                } else if let Some(comes) = comes {
                    comes.await;
                } else {
                    job.comes.comes_round(clock.as_mut()).await;
                }
            };
            if self.unless_stopped(wait).await.is_none() {
                return;
            }
        }
    }

    async fn unless_stopped(&self, wait: impl Future<Output = ()>) -> Option<()> {
        self.stop.run_until_cancelled(wait).await
    }

    /// One pass in a task of its own, where a panic can be seen; none if it was broken off.
    async fn pass(&self, job: &Job) -> Option<Passed> {
        let mut pass = tokio::spawn((job.pass)());
        let done = match job.stop {
            Stop::WaitsForIt => (&mut pass).await,
            Stop::BreaksOff => match self.stop.run_until_cancelled(&mut pass).await {
                Some(done) => done,
                None => {
                    pass.abort();
                    // It lets go of what it holds at its next wait; nothing is closed before.
                    let _ = pass.await;
                    return None;
                }
            },
        };
        let panicked = "it panicked; the log of the process says where";
        Some(done.unwrap_or_else(|_| match job.vital {
            Some(_) => Passed::Fatal(panicked.to_owned()),
            None => Passed::Failed(panicked.to_owned()),
        }))
    }

    fn note(&self, row: usize, passed: &Passed) {
        let now = self.clock.now();
        let mut table = self.table();
        let Some(state) = table.get_mut(row) else { return };
        let (done, health) = match passed {
            Passed::Well => (true, JobHealth::Ok),
            Passed::Waits(why) => (false, JobHealth::Waiting(why.clone().into_owned())),
            Passed::Unwell(why) | Passed::Failed(why) | Passed::Fatal(why) => {
                (false, JobHealth::Unwell(why.clone()))
            }
        };
        if done {
            state.last_success = Some(now);
        }
        if state.health != health {
            if let JobHealth::Unwell(why) = &health {
                tracing::warn!(job = &*state.name, why, "a job is not well");
            }
            state.health = health;
        }
    }

    /// A part without which nothing goes on has failed: every job ends, and whoever runs it hears why.
    fn fall(&self, job: &Job, why: &str) {
        let part = job.vital.unwrap_or(&job.name);
        self.fatal.send_replace(Some(format!("{part} failed: {why}")));
        self.stop.cancel();
    }
}

impl Comes {
    fn clock(&self) -> Option<tokio::time::Interval> {
        let (Self::Every(every) | Self::After(every)) = self else { return None };
        let mut clock = tokio::time::interval(*every);
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        // The first tick comes at once, and so does the first pass.
        clock.reset();
        Some(clock)
    }

    fn ask(&mut self) -> Option<UntilDue> {
        match self {
            Self::When(ask) => Some(ask()),
            Self::Every(_) | Self::After(_) => None,
        }
    }

    async fn comes_round(&self, clock: Option<&mut tokio::time::Interval>) {
        if let Some(clock) = clock {
            clock.tick().await;
        }
    }
}

fn rest(failures: u32, most: Duration) -> Duration {
    REST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(most)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Moment {
            Moment::from_micros(1)
        }
    }

    fn job(name: &'static str, pass: impl Fn() -> Passed + Send + Sync + 'static) -> Job {
        let pass = Arc::new(pass);
        Job {
            name: name.into(),
            what: "does something",
            comes: Comes::Every(Duration::from_millis(1)),
            rest_max: Duration::from_millis(1),
            stop: Stop::WaitsForIt,
            vital: None,
            pass: Box::new(move || {
                let pass = Arc::clone(&pass);
                Box::pin(async move { pass() })
            }),
        }
    }

    async fn until(supervisor: &Supervisor, health: &JobHealth) -> JobState {
        let found = async {
            loop {
                let jobs = supervisor.jobs();
                if let Some(state) = jobs.into_iter().find(|state| state.health == *health) {
                    return state;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), found).await.unwrap()
    }

    #[tokio::test]
    async fn a_job_that_panics_is_shown_and_comes_round_again() {
        let supervisor = Supervisor::new(Arc::new(Noon));
        let asked = Arc::new(AtomicU32::new(0));
        let well = watch::Sender::new(false);
        let is_well = well.subscribe();
        let counted = Arc::clone(&asked);
        supervisor.start(job("sweep", move || {
            counted.fetch_add(1, Ordering::AcqRel);
            assert!(*is_well.borrow(), "on purpose");
            Passed::Well
        }));
        let panicked = JobHealth::Unwell("it panicked; the log of the process says where".into());
        assert_eq!(until(&supervisor, &panicked).await.last_success, None);
        well.send_replace(true);
        let state = until(&supervisor, &JobHealth::Ok).await;
        assert_eq!(state.last_success, Some(Noon.now()));
        assert!(asked.load(Ordering::Acquire) > 1);
        supervisor.stop().await;
    }

    #[tokio::test]
    async fn a_part_without_which_nothing_goes_on_stops_everything_and_says_so() {
        for panics in [true, false] {
            let supervisor = Supervisor::new(Arc::new(Noon));
            let pass = move || {
                assert!(!panics, "on purpose");
                Passed::Fatal("two roots".into())
            };
            supervisor.start(Job { vital: Some("the log"), ..job("sign", pass) });
            let why = supervisor.fatal().await;
            let words = if panics { "it panicked" } else { "two roots" };
            assert!(why.starts_with(&format!("the log failed: {words}")), "{why}");
            let state = supervisor.jobs().remove(0);
            assert!(matches!(state.health, JobHealth::Unwell(_)), "{state:?}");
            supervisor.stop().await;
        }
    }

    #[tokio::test]
    async fn a_stop_breaks_off_what_may_be_broken_off() {
        let supervisor = Supervisor::new(Arc::new(Noon));
        let never = || -> Passing { Box::pin(std::future::pending()) };
        let pass = Box::new(never);
        supervisor.start(Job {
            stop: Stop::BreaksOff,
            pass,
            ..job("read models", || Passed::Well)
        });
        tokio::time::timeout(Duration::from_secs(30), supervisor.stop()).await.unwrap();
    }

    #[test]
    fn rests_grow_up_to_their_bound() {
        let rests = [1, 2, 3, 40].map(|failures| rest(failures, Duration::from_secs(5)).as_secs());
        assert_eq!(rests, [1, 2, 4, 5]);
    }
}
