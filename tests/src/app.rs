//! The application under test: the real thing in a throw-away folder, on a free port, with a clock that
//! stands still.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::config::Config;
use api::server::Running;
use api::wiring::{App, World};
use commands::ports::world::Clock as _;
use domain::time::Moment;
use infra::clock::ManualClock;
use infra::entropy::OsEntropy;
use infra::schemas::Schemas;
use tempfile::TempDir;

use crate::door::Door;

/// When every story begins.
pub const BEGIN: &str = "2026-11-23T08:00:00.000000Z";

/// The application under test.
pub struct TestApp {
    /// Its clock: moves only when told.
    pub clock: ManualClock,
    /// Its insides, for what no public surface shows.
    pub inside: Arc<App>,
    door: Door,
    config: Config,
    schemas: Schemas,
    running: Option<Running>,
    folder: TempDir,
}

impl TestApp {
    /// A new installation.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A new installation whose settings were changed.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_as(Schemas::default(), change).await
    }

    /// The same by a program whose databases have other schemas.
    pub async fn start_as(schemas: Schemas, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let data = folder.path().join("data");
        let mut config = Config::of(&data, listen);
        config.http.workers = 2;
        config.rates.logins_per_minute = 10_000;
        config.rates.letters_per_minute = 10_000;
        config.rates.requests_per_minute = 1_000_000;
        config.shares.view_tokens_per_minute = 1_000_000;
        config.shares.uploads_per_minute = 1_000_000;
        config.transparency.checkpoint_millis = 50;
        // Many installations run at once here; each has one process that waits, not two.
        config.drawing.waiting = 1;
        change(&mut config);
        let clock = ManualClock::at(BEGIN.parse().expect("a moment"));
        let (inside, running) = open(&config, &schemas, &clock).await;
        let door = Door::new(running.address, &data, Arc::new(clock.clone()));
        let running = Some(running);
        Self { clock, inside, door, config, schemas, running, folder }
    }

    /// Stops the installation, lets `meanwhile` happen to its folder, and opens it again.
    pub async fn restart(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.stop().await;
        meanwhile(&self.config.data);
        let (inside, running) = open(&self.config, &self.schemas, &self.clock).await;
        self.door = Door::new(running.address, &self.config.data, Arc::new(self.clock.clone()));
        (self.inside, self.running) = (inside, Some(running));
    }

    /// Changes a setting; it counts after a restart.
    pub fn set(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
    }

    /// Stops the installation in order; its folder stays.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("the server stops");
            self.inside.close().await;
        }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Position of the newest event: a list asked with it as `min_position` has seen everything.
    pub fn newest(&self) -> u64 {
        self.inside.newest().map_or(0, |newest| newest.0)
    }

    /// Waits until a published checkpoint covers everything that is in the log now.
    pub async fn until_published(&self) {
        let length = self.newest() + 1;
        let mut published = self.inside.log.published();
        let waited = published.wait_for(|size| *size >= length);
        let waited = tokio::time::timeout(Duration::from_secs(30), waited).await;
        waited.expect("a published checkpoint in time").expect("the log runs");
    }

    /// Time passes.
    pub fn later(&self, span: Duration) {
        self.clock.forward(span);
    }

    /// What its clock says.
    pub fn clock_now(&self) -> Moment {
        self.clock.now()
    }

    /// Every stored line, in position order.
    pub async fn log(&self) -> Vec<domain::journal::Line> {
        let all = self.inside.read_all(domain::journal::Position(0), 1_000_000).await;
        all.expect("the log can be read")
    }

    /// The types of every event, in position order.
    pub async fn kinds(&self) -> Vec<&'static str> {
        let fact = |line: &domain::journal::Line| line.recorded().expect("a fact").fact.kind();
        self.log().await.iter().map(fact).collect()
    }
}

impl Deref for TestApp {
    type Target = Door;
    fn deref(&self) -> &Door {
        &self.door
    }
}

async fn open(config: &Config, schemas: &Schemas, clock: &ManualClock) -> (Arc<App>, Running) {
    let world = World {
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(OsEntropy),
        program: crate::program::medlock().to_owned(),
        event_pages_max: None,
        schemas: schemas.clone(),
    };
    let app = App::open(config, world).await.expect("the installation opens");
    let running = Running::start(&app, config).expect("the server starts");
    (app, running)
}
