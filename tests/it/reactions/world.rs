//! An installation without doors and a reaction that could not be done twice unnoticed: executor, memory, a
//! real vault, and lists and stores that go wrong on purpose.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use commands::execute::{Caller, Executor};
use commands::identity::note_failed_login::NoteFailedLogin;
use commands::identity::open_session::OpenSession;
use commands::ports::credentials::WorkError;
use commands::ports::cursors::Cursors;
use commands::ports::due_list::{Due, DueList};
use commands::ports::event_store::{
    Append, AppendError, Appended, EventStore, Length, NewLine, ReadError, Request,
};
use commands::ports::key_vault::KeyVault as _;
use commands::ports::receipts::AnchorReceipt;
use commands::ports::world::{Clock as _, Entropy as _};
use commands::react::{EventReaction, OnEvents};
use domain::actor::Actor;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::identity::event::{Client, Factor, SessionFact};
use domain::ids::{EventId, LoginHash, RequestDigest, SourceHash, StreamName};
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, NoteKey};
use domain::journal::request::RequestKey;
use domain::journal::{Draft, Leaf, Line, Position, StreamVersion};
use domain::samples::{self, ANA, ORIGIN};
use domain::time::{Moment, minutes};
use infra::clock::ManualClock;
use infra::entropy::SeededEntropy;
use infra::event_store::MemoryEventStore;
use infra::vault::MemoryKeyVault;
use infra::work_store::MemoryReactions;
use serde_json::json;
use tests::app::BEGIN;
use tokio::sync::watch;
use uuid::Uuid;

pub(crate) fn cause(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(number))
}

/// A receipt for a checkpoint of `size` events.
pub(crate) fn receipt(anchor: &str, size: u64, number: u32) -> AnchorReceipt {
    let text = Checkpoint { origin: ORIGIN.into(), size, root: [7; 32] }.text();
    let key = NoteKey::new(ORIGIN, KeyKind::Ed25519, &[1; 32]).unwrap();
    let signatures = vec![key.sign(&text, 0)];
    let checkpoint = Note { text, signatures }.to_string();
    let receipt = json!({ "number": number }).as_object().unwrap().clone();
    AnchorReceipt { anchor: anchor.to_owned(), size, checkpoint, receipt }
}

/// Notes a failed login for every session that opens: two are two, however often the same is decided.
struct NotesSessions;

impl EventReaction for NotesSessions {
    type Order = NoteFailedLogin;

    fn name(&self) -> &'static str {
        "notes_sessions"
    }

    fn what(&self) -> &'static str {
        "notes every session that opens"
    }

    fn react(&self, recorded: &Recorded) -> Option<NoteFailedLogin> {
        let Fact::Session(SessionFact::Opened(_)) = &recorded.fact else { return None };
        let address = LoginHash([1; 32]);
        let source = SourceHash([2; 16]);
        Some(NoteFailedLogin { address, source, factor: Factor::Password })
    }
}

/// An installation without doors.
pub(crate) struct ReactionApp {
    pub(crate) executor: Executor,
    pub(crate) store: Arc<FailingStore>,
    vault: Arc<MemoryKeyVault>,
    clock: ManualClock,
    entropy: Arc<SeededEntropy>,
}

impl ReactionApp {
    pub(crate) fn new() -> Self {
        let entropy = Arc::new(SeededEntropy::new(b"reactions"));
        let vault = Arc::new(MemoryKeyVault::new(entropy.clone()).unwrap());
        let store = Arc::new(FailingStore::default());
        let clock = ManualClock::at(BEGIN.parse().unwrap());
        let executor = Executor::new(
            store.clone(),
            vault.clone(),
            Arc::new(clock.clone()),
            entropy.clone(),
            ORIGIN.to_owned(),
            clock.now(),
        );
        Self { executor, store, vault, clock, entropy }
    }

    pub(crate) fn request_key(&self) -> RequestKey {
        self.vault.request_key()
    }

    pub(crate) fn notes_sessions(
        &self,
        cursors: Arc<dyn Cursors>,
    ) -> OnEvents<impl EventReaction + use<>> {
        OnEvents::new(NotesSessions, cursors, self.request_key())
    }

    /// Somebody's session opens; answers the event.
    pub(crate) async fn opens_a_session(&self, number: u32) -> EventId {
        let account = Actor::Patient(ANA);
        self.vault.subject_key(account.owner()).await.unwrap();
        let session = samples::session(number);
        let until = self.clock.now().plus(minutes(60));
        let client = Client::Browser;
        let practice = None;
        let order = OpenSession { session, account, client, practice, until };
        let request = Request::Once(self.entropy.uuid(self.clock.now()));
        self.executor.execute(&order, Caller::new(account, request)).await.unwrap();
        // The first event of an append is named after its request.
        EventId::new(request.id())
    }

    /// An event of a type that this version does not know; answers its place.
    pub(crate) async fn later_version_writes(&self) -> Position {
        let id = Uuid::from_u128(0xf00);
        let stream = StreamName::log(7);
        let data = json!({});
        let draft = Draft {
            id,
            time: self.clock.now(),
            cause: id,
            ..samples::draft(&stream, &Actor::System, "weather.rained.v1", &data)
        };
        let line = NewLine { bytes: draft.write().unwrap(), leaf: Leaf([0; Leaf::BYTES]) };
        let lines = vec![line];
        let expected = Length(0);
        let request = Request::Once(id);
        let append = Append { stream, expected, lines, preconditions: vec![], request };
        self.store.append(append).await.unwrap().first
    }

    pub(crate) fn length(&self) -> u64 {
        self.store.newest().borrow().map_or(0, |newest| newest.0 + 1)
    }

    /// Every event that can be read.
    pub(crate) async fn recorded(&self) -> Vec<Recorded> {
        let lines = self.store.read_all(Position(0), 1_000).await.unwrap();
        lines.iter().filter_map(|line| line.recorded().ok()).collect()
    }

    pub(crate) async fn kinds(&self) -> Vec<&'static str> {
        self.recorded().await.iter().map(|one| one.fact.kind()).collect()
    }

    pub(crate) async fn count(&self, kind: &str) -> usize {
        self.kinds().await.into_iter().filter(|one| *one == kind).count()
    }

    pub(crate) async fn due(&self, list: &MemoryReactions) -> Vec<Due<AnchorReceipt>> {
        list.due(self.clock.now(), 0, 100).await.unwrap().unwrap()
    }
}

/// How often appends fail.
#[derive(Clone, Copy)]
pub(crate) enum Fails {
    Times(u32),
    Always,
}

type Failure = fn() -> AppendError;

/// The event store in memory, whose appends fail when they are told to.
#[derive(Default)]
pub(crate) struct FailingStore {
    store: MemoryEventStore,
    fails: Mutex<Option<(Fails, Failure)>>,
}

impl FailingStore {
    pub(crate) fn fail(&self, how_often: Fails, failure: Failure) {
        *self.fails.lock().unwrap() = Some((how_often, failure));
    }

    fn failure(&self) -> Option<AppendError> {
        let mut fails = self.fails.lock().unwrap();
        let (how_often, failure) = (*fails)?;
        match how_often {
            Fails::Times(0) => return None,
            Fails::Times(left) => *fails = Some((Fails::Times(left - 1), failure)),
            Fails::Always => {}
        }
        Some(failure())
    }
}

#[async_trait]
impl EventStore for FailingStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        // Only reactions' appends are keyed here.
        let failure = matches!(append.request, Request::Keyed { .. }).then(|| self.failure());
        match failure.flatten() {
            Some(failure) => Err(failure),
            None => self.store.append(append).await,
        }
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError> {
        self.store.read(stream, from, limit).await
    }

    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Line>, ReadError> {
        self.store.read_all(from, limit).await
    }

    async fn leaves(&self, from: Position, limit: usize) -> Result<Vec<Leaf>, ReadError> {
        self.store.leaves(from, limit).await
    }

    async fn lengths(&self, streams: &[StreamName]) -> Result<Vec<Length>, ReadError> {
        self.store.lengths(streams).await
    }

    fn newest(&self) -> watch::Receiver<Option<Position>> {
        self.store.newest()
    }

    async fn request(&self, id: Uuid) -> Result<Option<(Appended, RequestDigest)>, ReadError> {
        self.store.request(id).await
    }
}

/// State that can be read and never written: what a kill before the write leaves.
pub(crate) struct Forgetful(Arc<MemoryReactions>);

impl Forgetful {
    pub(crate) fn of(kept: Arc<MemoryReactions>) -> Self {
        Self(kept)
    }
}

fn on_purpose() -> WorkError {
    WorkError::Store("on purpose".into())
}

#[async_trait]
impl Cursors for Forgetful {
    async fn cursor(&self, reaction: &str) -> Result<Option<Position>, WorkError> {
        self.0.cursor(reaction).await
    }

    async fn keep_cursor(&self, _reaction: &str, _next: Position) -> Result<(), WorkError> {
        Err(on_purpose())
    }
}

type Entries = Result<Option<Vec<Due<AnchorReceipt>>>, WorkError>;

#[async_trait]
impl DueList<AnchorReceipt> for Forgetful {
    async fn due(&self, now: Moment, place: u64, limit: usize) -> Entries {
        self.0.due(now, place, limit).await
    }

    async fn settle(&self, _due: &Due<AnchorReceipt>) -> Result<(), WorkError> {
        Err(on_purpose())
    }
}

/// A list that is being filled.
pub(crate) struct Unfilled;

#[async_trait]
impl DueList<AnchorReceipt> for Unfilled {
    async fn due(&self, _now: Moment, _place: u64, _limit: usize) -> Entries {
        Ok(None)
    }

    async fn settle(&self, _due: &Due<AnchorReceipt>) -> Result<(), WorkError> {
        Ok(())
    }
}

/// A list that never answers.
pub(crate) struct Silent;

#[async_trait]
impl DueList<AnchorReceipt> for Silent {
    async fn due(&self, _now: Moment, _place: u64, _limit: usize) -> Entries {
        std::future::pending().await
    }

    async fn settle(&self, _due: &Due<AnchorReceipt>) -> Result<(), WorkError> {
        Ok(())
    }
}
