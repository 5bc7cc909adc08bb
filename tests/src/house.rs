//! A house: the real thing in a throw-away folder, on a free port, with a clock that stands still.

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
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tempfile::TempDir;

/// When every story begins.
pub const BEGIN: &str = "2026-11-23T08:00:00.000000Z";

/// The house under test.
pub struct TestHouse {
    /// Its clock: moves only when told.
    pub clock: ManualClock,
    /// Its insides, for what no public surface shows.
    pub app: Arc<App>,
    /// Where it answers.
    pub url: String,
    /// Talks to it; keeps no cookies of its own.
    pub client: Client,
    config: Config,
    running: Option<Running>,
    folder: TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Reads an answer whole.
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default();
        Self { status, headers, bytes }
    }

    /// The body as JSON; null if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// A member of the body as text.
    #[track_caller]
    pub fn text(&self, member: &str) -> String {
        let json = self.json();
        let text = json[member].as_str();
        text.unwrap_or_else(|| panic!("no {member} in {} {json}", self.status)).to_owned()
    }

    /// The problem's code; empty if it is no problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The same answer, if its status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// A refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let found = (self.status, self.code());
        assert_eq!(found, (status, code.to_owned()), "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// A header as text; empty if it is missing.
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

impl TestHouse {
    /// A new house.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A new house whose settings were changed.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let data = folder.path().join("data");
        let mut config = Config::of(&data, listen).expect("the defaults are settings");
        config.workers = 2;
        config.logins_per_minute = 10_000;
        config.letters_per_minute = 10_000;
        config.requests_per_minute = 1_000_000;
        change(&mut config);
        let clock = ManualClock::at(BEGIN.parse().expect("a moment"));
        let (app, running) = open(&config, &clock).await;
        let url = format!("http://{}", running.address);
        let client = Client::builder().build().expect("a client");
        let running = Some(running);
        Self { clock, app, url, client, config, running, folder }
    }

    /// Stops the house, lets `meanwhile` happen to its folder, and opens it again.
    pub async fn restart(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.stop().await;
        meanwhile(&self.config.data);
        let (app, running) = open(&self.config, &self.clock).await;
        self.url = format!("http://{}", running.address);
        (self.app, self.running) = (app, Some(running));
    }

    /// Stops the house in order; its folder stays.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("the server stops");
            self.app.close().await;
        }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The present.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Time passes.
    pub fn later(&self, span: Duration) {
        self.clock.forward(span);
    }

    /// A request without a session.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// `POST` without a session.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `GET` without a session.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    /// The newest letter to an address, whole.
    #[track_caller]
    pub fn letter(&self, to: &str) -> String {
        let outbox = self.data().join("outbox");
        let mut letters: Vec<PathBuf> = std::fs::read_dir(outbox)
            .expect("an outbox")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        letters.sort();
        letters
            .iter()
            .rev()
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .find(|letter| letter.contains(to))
            .unwrap_or_else(|| panic!("no letter to {to}"))
    }

    /// The code in the newest letter to an address.
    #[track_caller]
    pub fn code(&self, to: &str) -> String {
        let letter = self.letter(to);
        let code = letter.split("Your code is ").nth(1).and_then(|rest| rest.get(..6));
        code.unwrap_or_else(|| panic!("no code in the letter to {to}")).to_owned()
    }

    /// Every stored line, in position order.
    pub async fn log(&self) -> Vec<domain::journal::Line> {
        let all = self.app.read_all(domain::journal::Position(0), 1_000_000).await;
        all.expect("the log can be read")
    }

    /// The types of every event, in position order.
    pub async fn kinds(&self) -> Vec<&'static str> {
        let fact = |line: &domain::journal::Line| line.recorded().expect("a fact").fact.kind();
        self.log().await.iter().map(fact).collect()
    }
}

async fn open(config: &Config, clock: &ManualClock) -> (Arc<App>, Running) {
    let world = World {
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(OsEntropy),
        program: crate::program::medlock().to_owned(),
        event_pages_max: None,
    };
    let app = App::open(config, world).await.expect("the house opens");
    let running = Running::start(&app, config).expect("the server starts");
    (app, running)
}
