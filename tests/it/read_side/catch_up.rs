//! The read loop: rebuilt is live, rows and places move together, a poisoned event stops one model.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::actor::Actor;
use domain::ids::StreamName;
use domain::journal::Position;
use domain::samples::{doctor, noon, patient};
use projections::ReadModels;
use projections::catch_up::ModelsHealth;
use projections::ports::{EventReader as _, FreshStore, ModelStep, PortError, ReadStore};
use projections::query::{Query, Row};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use tokio::sync::{oneshot, watch};

use super::world::{Dice, Log, ReadSide, ana_registered, from_scratch, granted, throw, viewed};

/// Runs an asynchronous property. A case makes files, so there are few of them and each is long.
pub(crate) fn property<F, Fut>(cases: u32, check: F)
where
    F: Fn(Vec<Dice>) -> Fut,
    Fut: Future<Output = Result<(), TestCaseError>>,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let dice = vec(any::<Dice>(), 1..120);
    runner.run(&dice, |dice| runtime.block_on(check(dice))).unwrap();
}

fn parked(health: &ModelsHealth) -> BTreeMap<&str, (Position, &str)> {
    let parked = health.models.iter().filter_map(|model| {
        let parked = model.parked.as_ref()?;
        Some((model.name, (parked.position, parked.reason.as_str())))
    });
    parked.collect()
}

#[test]
fn what_is_rebuilt_is_what_was_live_to_the_byte() {
    property(16, |dice| async move {
        let mut log = Log::new();
        let read_side = ReadSide::new().await;
        let models = read_side.models(&log);
        for dice in dice {
            throw(&mut log, dice).await;
            // Batches of every size: what came together and what came apart must not show.
            if dice.3.is_multiple_of(5) {
                models.catch_up().await.unwrap();
            }
        }
        models.catch_up().await.unwrap();
        let live = read_side.text().await;
        assert_eq!(from_scratch(&log).await, live);
        assert!(models.rebuild().await.unwrap() > 0);
        assert_eq!(read_side.text().await, live);
        throw(&mut log, (0, 0, 0, 0)).await;
        models.catch_up().await.unwrap();
        assert_eq!(from_scratch(&log).await, read_side.text().await, "after the swap it goes on");
        Ok(())
    });
}

#[test]
fn a_process_that_ends_between_batches_loses_nothing_and_counts_nothing_twice() {
    property(8, |dice| async move {
        let mut log = Log::new();
        let mut read_side = ReadSide::new().await;
        for dice in dice {
            throw(&mut log, dice).await;
            if dice.3.is_multiple_of(7) {
                read_side.models(&log).catch_up().await.unwrap();
                read_side = read_side.reopened().await;
            }
        }
        read_side.models(&log).catch_up().await.unwrap();
        assert_eq!(from_scratch(&log).await, read_side.text().await);
        Ok(())
    });
}

/// A real store whose writes fail: even ones before they are made, odd ones after.
struct Unsure {
    store: Arc<dyn ReadStore>,
    writes: AtomicUsize,
}

impl Unsure {
    fn broken<T>() -> Result<T, PortError> {
        Err(PortError { what: "read store", source: "pulled out".into() })
    }
}

#[async_trait::async_trait]
impl ReadStore for Unsure {
    async fn positions(&self) -> Result<BTreeMap<String, Position>, PortError> {
        self.store.positions().await
    }
    async fn write(&self, steps: &[ModelStep<'_>]) -> Result<(), PortError> {
        match self.writes.fetch_add(1, Ordering::Relaxed) % 3 {
            0 => Self::broken(),
            1 => {
                self.store.write(steps).await?;
                Self::broken()
            }
            _ => self.store.write(steps).await,
        }
    }
    async fn query(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, PortError> {
        self.store.query(queries).await
    }
    async fn fresh(&self) -> Result<Box<dyn FreshStore>, PortError> {
        self.store.fresh().await
    }
}

#[tokio::test]
async fn a_write_that_fails_after_its_commit_is_not_made_again() {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    let store = Arc::new(Unsure {
        store: Arc::clone(&read_side.store) as Arc<dyn ReadStore>,
        writes: AtomicUsize::new(0),
    });
    let models = ReadModels::open(log.reader(), store);
    let stream = StreamName::patient(patient(0));
    let bo = Actor::Doctor(doctor(0));
    log.record(&stream, bo, granted(doctor(0), 0, 1, noon())).await;
    for number in 0..9 {
        log.record(&stream, bo, viewed(doctor(0), 0, 1, noon())).await;
        let failed = models.catch_up().await.is_err();
        let health = models.health();
        assert_eq!(health.stalled.is_some(), failed, "write {number}");
    }
    while models.catch_up().await.is_err() {}
    assert_eq!(from_scratch(&log).await, read_side.text().await);
}

#[tokio::test]
async fn a_store_refuses_a_step_that_does_not_begin_where_the_model_stands() {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    throw(&mut log, (0, 0, 0, 0)).await;
    read_side.models(&log).catch_up().await.unwrap();
    let before = read_side.text().await;
    let changes = projections::table::Changes::default();
    for from in [0, 2] {
        let (from, to) = (Position(from), Position(9));
        let step = ModelStep { model: "trail", from, to, changes: &changes };
        assert!(read_side.store.write(&[step]).await.is_err());
    }
    assert_eq!(read_side.text().await, before);
}

#[tokio::test]
async fn an_unknown_event_stops_the_models_that_need_its_feature_and_no_others() {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    let stream = StreamName::patient(patient(0));
    let ana = Actor::Patient(patient(0));
    log.record(&stream, ana, ana_registered(patient(0))).await;
    log.record_raw(&stream, ana, "access.window_cleaned.v1", &json!({"window": 3})).await;
    log.record_raw(&stream, ana, "weather.rained.v1", &json!({})).await;
    let last = log.record(&stream, ana, granted(doctor(0), 0, 0, noon())).await;
    let models = read_side.models(&log);
    models.catch_up().await.unwrap();
    let unknown = (Position(1), "the event type is not known to this version");
    assert_eq!(parked(&models.health()), BTreeMap::from([("access_history", unknown)]));
    assert!(models.wait_for(last, Duration::ZERO).await, "the others go on, and are waited for");
    let text = read_side.text().await;
    assert!(text.contains("weather.rained.v1"), "the trail names what nobody knows");
    assert!(text.contains("access_history 1\n"), "the place of the parked model is saved");
}

#[tokio::test]
async fn an_event_that_does_not_fit_its_type_parks_who_needs_it_and_says_nothing_of_what_it_holds()
{
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    let stream = StreamName::patient(patient(0));
    let ana = Actor::Patient(patient(0));
    let secret = json!({"consent": "a diagnosis"});
    log.record_raw(&stream, ana, "consent.revoked.v1", &secret).await;
    let models = read_side.models(&log);
    models.catch_up().await.unwrap();
    let unfit = (Position(0), "the event's data does not fit its type");
    let names = ["access_history", "kept_shut", "who_can_see"];
    let those = BTreeMap::from(names.map(|name| (name, unfit)));
    assert_eq!(parked(&models.health()), those);
    assert!(models.health().stalled.is_none());
}

/// Takes in what is new until it is told to stop, as the job of an installation does.
async fn keep_up(
    models: Arc<ReadModels>,
    mut newest: watch::Receiver<Option<Position>>,
    stopped: oneshot::Receiver<()>,
) {
    let work = async {
        loop {
            newest.mark_unchanged();
            models.catch_up().await.unwrap();
            newest.changed().await.unwrap();
        }
    };
    tokio::select! {
        () = work => {}
        _ = stopped => {}
    }
}

#[tokio::test]
async fn what_was_just_done_can_be_waited_for() {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    let models = Arc::new(read_side.models(&log));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(keep_up(Arc::clone(&models), log.reader().newest(), stopped));
    let patience = Duration::from_secs(30);
    for number in 0..20 {
        let stream = StreamName::patient(patient(number));
        let ana = Actor::Patient(patient(number));
        let position = log.record(&stream, ana, ana_registered(patient(number))).await;
        assert!(models.wait_for(position, patience).await);
        assert!(*models.seen().borrow() > position);
    }
    assert!(!models.wait_for(Position(20), Duration::from_millis(1)).await, "not yet written");
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(from_scratch(&log).await, read_side.text().await);
}

#[tokio::test]
async fn a_rebuild_while_the_log_grows_loses_nothing() {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    let models = Arc::new(read_side.models(&log));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(keep_up(Arc::clone(&models), log.reader().newest(), stopped));
    let rebuilding = {
        let models = Arc::clone(&models);
        tokio::spawn(async move {
            for _ in 0..3 {
                models.rebuild().await.unwrap();
            }
        })
    };
    let mut last = Position(0);
    let stream = StreamName::patient(patient(0));
    let ana = Actor::Patient(patient(0));
    while !rebuilding.is_finished() {
        last = log.record(&stream, ana, granted(doctor(0), 0, 1, noon())).await;
        last = last.max(log.record(&stream, ana, viewed(doctor(0), 0, 1, noon())).await);
        tokio::task::yield_now().await;
    }
    rebuilding.await.unwrap();
    assert!(models.wait_for(last, Duration::from_secs(30)).await);
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(from_scratch(&log).await, read_side.text().await);
}
