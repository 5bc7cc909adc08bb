//! A log that facts can be written to as they come, a read store in a throw-away folder, and facts made
//! of a few random numbers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use commands::ports::event_store::{Append, EventStore, Length, NewLine, Request};
use domain::access::event::{
    ClinicalList, ClinicalListShown, PageShown, RecordViewed, ReportDownloaded, ViewRefused,
    ViewTokenIssued, ViewingEnd, ViewingEnded,
};
use domain::access::ground::Ground;
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::event::{ConsentGranted, ConsentRevoked};
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::identity::event::{
    Client, DoctorRegistered, DoctorSuspended, DoctorVerified, PatientRegistered, SessionEnd,
    SessionEnded, SessionOpened, SubjectKey,
};
use domain::identity::specialty::Specialty;
use domain::ids::{
    AdminId, BlobHash, ChallengeId, ConsentId, DoctorId, EmergencyId, EventHash, EventId,
    KeyCommitment, KeyId, MandateId, PatientId, PracticeId, ReportId, SessionId, StreamName,
    TokenHash, ViewingId,
};
use domain::journal::{Draft, Leaf, Position, StreamVersion};
use domain::records::Category;
use domain::records::event::ReportUploaded;
use domain::time::{Moment, Period, minutes};
use domain::words::Words;
use infra::event_store::{LogReader, MemoryEventStore};
use infra::read_store::sqlite::SqliteReadStore;
use projections::ReadModels;
use projections::dump::dump;
use projections::ports::ReadStore;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// Noon of the day on which everything begins.
pub(crate) fn noon() -> Moment {
    "2026-11-23T12:00:00.000000Z".parse().unwrap()
}

pub(crate) fn words(sealed: &str) -> Words {
    Words::Sealed(sealed.to_owned())
}

pub(crate) fn patient(n: u8) -> PatientId {
    PatientId::new(Uuid::from_u128(0xa0 + u128::from(n)))
}

pub(crate) fn doctor(n: u8) -> DoctorId {
    DoctorId::new(Uuid::from_u128(0xb0 + u128::from(n)))
}

pub(crate) fn report(n: u8) -> ReportId {
    ReportId::new(Uuid::from_u128(0x40 + u128::from(n)))
}

pub(crate) fn consent(n: u8) -> ConsentId {
    ConsentId::new(Uuid::from_u128(0xc0 + u128::from(n)))
}

pub(crate) fn viewing(n: u8) -> ViewingId {
    ViewingId::new(Uuid::from_u128(0x70 + u128::from(n)))
}

pub(crate) fn session(n: u8) -> SessionId {
    SessionId::new(Uuid::from_u128(0x50 + u128::from(n)))
}

/// A log in memory. A line of it is made as the write loop makes one.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) store: Arc<dyn EventStore>,
    lengths: HashMap<StreamName, u32>,
    next: u64,
    given: HashSet<(PatientId, ConsentId)>,
}

impl Log {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryEventStore::new());
        Self { store, lengths: HashMap::new(), next: 0, given: HashSet::new() }
    }

    /// The id of the event that is written next.
    pub(crate) fn next_id(&self) -> EventId {
        EventId::new(Uuid::from_u128(0xe000 + u128::from(self.next)))
    }

    /// The time of the event that is written next: a minute after the one before.
    pub(crate) fn next_time(&self) -> Moment {
        noon().plus(minutes(self.next))
    }

    pub(crate) async fn record(
        &mut self,
        stream: &StreamName,
        actor: Actor,
        fact: impl Into<Fact>,
    ) -> Position {
        let fact = fact.into();
        self.record_raw(stream, actor, fact.kind(), &fact.data().unwrap()).await
    }

    /// Writes an event of any type with any data.
    pub(crate) async fn record_raw(
        &mut self,
        stream: &StreamName,
        actor: Actor,
        kind: &str,
        data: &Value,
    ) -> Position {
        let length = self.lengths.entry(stream.clone()).or_default();
        let expected = Length(*length);
        *length += 1;
        let id = self.next_id().uuid();
        let draft = Draft {
            id,
            source: "clinic.example/log",
            kind,
            time: self.next_time(),
            stream,
            version: StreamVersion(expected.0),
            prev: EventHash::ZERO,
            salt: [7; 16],
            actor: &actor,
            behalf: None,
            cause: id,
            cause_event: None,
            request: None,
            data,
        };
        let bytes = draft.write().unwrap();
        self.next += 1;
        let line = NewLine { bytes, leaf: Leaf([0; Leaf::BYTES]) };
        let (preconditions, request) = (vec![], Request::Once(id));
        let append =
            Append { stream: stream.clone(), expected, lines: vec![line], preconditions, request };
        self.store.append(append).await.unwrap().first
    }

    pub(crate) fn reader(&self) -> Arc<LogReader> {
        Arc::new(LogReader(Arc::clone(&self.store)))
    }

    /// The facts of a stream.
    pub(crate) async fn facts(&self, stream: &StreamName) -> Vec<Recorded> {
        let lines = self.store.read(stream, StreamVersion(0), usize::MAX).await.unwrap();
        lines.iter().map(|line| line.recorded().unwrap()).collect()
    }
}

/// A read store in a throw-away folder.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) store: Arc<SqliteReadStore>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(open(&folder).await);
        Self { folder, store }
    }

    /// Lets go of everything, as the end of the process does, and opens the folder again.
    pub(crate) async fn reopened(self) -> Self {
        let Self { folder, store } = self;
        drop(store);
        let store = Arc::new(open(&folder).await);
        Self { folder, store }
    }

    pub(crate) fn models(&self, log: &Log) -> ReadModels {
        ReadModels::open(log.reader(), Arc::clone(&self.store) as Arc<dyn ReadStore>)
    }

    pub(crate) async fn text(&self) -> String {
        dump(&*self.store).await.unwrap()
    }
}

async fn open(folder: &TempDir) -> SqliteReadStore {
    SqliteReadStore::open(folder.path(), projections::schema()).await.unwrap()
}

/// What an empty read store makes of a log in one go.
pub(crate) async fn from_scratch(log: &Log) -> String {
    let desk = Desk::new().await;
    desk.models(log).catch_up().await.unwrap();
    desk.text().await
}

/// Four numbers that make a fact.
pub(crate) type Dice = (u8, u8, u8, u8);

/// Writes a fact made of numbers; most combinations make sense, some do not, as in any log.
pub(crate) async fn throw(log: &mut Log, (kind, a, b, c): Dice) {
    let (p, d) = (patient(a % 2), doctor(b % 2));
    let (bo, ana) = (Actor::Doctor(d), Actor::Patient(p));
    let on_patient = StreamName::patient(p);
    let now = log.next_time();
    match kind % 13 {
        0 => log.record(&on_patient, ana, ana_registered(p)).await,
        1 => log.record(&StreamName::doctor(d), bo, bo_registered(d)).await,
        2 => {
            let (cy, evidence) = (Actor::Admin(AdminId::new(Uuid::nil())), words("evidence"));
            log.record(&StreamName::doctor(d), cy, DoctorVerified { evidence }).await
        }
        3 => {
            let (cy, reason) = (Actor::Admin(AdminId::new(Uuid::nil())), words("reason"));
            log.record(&StreamName::doctor(d), cy, DoctorSuspended { reason }).await
        }
        4 => {
            let (account, until) = (bo, now.plus(minutes(30)));
            // A session opens once, at the start of its stream, and ends afterwards.
            let stream = StreamName::session(session(c % 8));
            if log.lengths.contains_key(&stream) {
                let ended = SessionEnded { reason: SessionEnd::Logout };
                log.record(&stream, bo, ended).await
            } else {
                let (session, client) = (session(c % 8), Client::Browser);
                let opened = SessionOpened { session, account, client, practice: None, until };
                log.record(&stream, bo, opened).await
            }
        }
        5 => log.record(&on_patient, bo, rare(bo, d, b, c, now)).await,
        // A consent is given once; the second time it is taken back.
        6 | 7 if log.given.insert((p, consent(c % 8))) => {
            log.record(&on_patient, ana, granted(d, b, c, now)).await
        }
        6 | 7 => log.record(&on_patient, ana, ConsentRevoked { consent: consent(c % 8) }).await,
        8 => log.record(&on_patient, ana, ConsentRevoked { consent: consent(c % 8) }).await,
        9 => log.record(&on_patient, bo, uploaded(c)).await,
        10 => {
            let (report, purpose) = (c.is_multiple_of(2).then(|| report(b % 4)), Purpose::Treat);
            let rule = Rule::ALL[usize::from(c) % Rule::ALL.len()];
            let refused = ViewRefused { doctor: d, report, purpose, rule, policy: 1 };
            log.record(&on_patient, bo, refused).await
        }
        11 => log.record(&on_patient, bo, viewed(d, b, c, now)).await,
        _ => {
            let (viewing, report, page) = (viewing(c % 4), report(b % 4), u32::from(a) + 1);
            let ground = ground(c);
            log.record(&on_patient, bo, PageShown { viewing, report, doctor: d, page, ground })
                .await
        }
    };
}

fn rare(bo: Actor, doctor: DoctorId, b: u8, c: u8, now: Moment) -> Fact {
    let (report, session) = (report(b % 4), session(c % 3));
    match b % 4 {
        0 => {
            let rule = c.is_multiple_of(2).then_some(Rule::ConsentRevoked);
            ViewingEnded { viewing: viewing(c % 4), reason: ViewingEnd::RuleFailed, rule }.into()
        }
        1 => ReportDownloaded { report, ground: Ground::Own {} }.into(),
        2 => {
            let (list, ground) = (ClinicalList::ReportTitles, ground(c));
            ClinicalListShown { viewer: bo, session, list, ground }.into()
        }
        _ => ViewTokenIssued {
            token_hash: TokenHash([c; 32]),
            doctor,
            session,
            report,
            purpose: Purpose::Treat,
            ground: ground(c),
            until: now.plus(minutes(5)),
            policy: 1,
        }
        .into(),
    }
}

/// A ground of any kind: read models show whatever the log says.
fn ground(c: u8) -> Ground {
    let (consent, id) = (consent(c % 8), Uuid::from_u128(u128::from(c)));
    match c % 5 {
        0 => Ground::Practice { consent, practice: PracticeId::new(id) },
        1 => Ground::Emergency { emergency: EmergencyId::new(id) },
        2 => Ground::Proxy { mandate: MandateId::new(id) },
        _ => Ground::Consent { consent },
    }
}

fn subject_key() -> SubjectKey {
    SubjectKey { key_id: KeyId([1; 16]), commitment: KeyCommitment([2; 32]) }
}

pub(crate) fn ana_registered(patient: PatientId) -> PatientRegistered {
    let (name, birth_date, email) = (words("ana"), words("born"), words("ana-at"));
    PatientRegistered { patient, name, birth_date, email, key: subject_key() }
}

pub(crate) fn bo_registered(doctor: DoctorId) -> DoctorRegistered {
    DoctorRegistered {
        doctor,
        name: words("bo"),
        email: words("bo-at"),
        licence: words("licence"),
        issuer: words("issuer"),
        specialty: Specialty::Radiology,
        specialty_text: words("specialty"),
        key: subject_key(),
    }
}

/// A consent: `b` says what it opens and keeps shut, `c` which it is and for how long.
pub(crate) fn granted(doctor: DoctorId, b: u8, c: u8, now: Moment) -> ConsentGranted {
    let scope = match b % 3 {
        0 => Scope::Everything {},
        1 => Scope::Categories { categories: BTreeSet::from([category(c)]) },
        _ => Scope::Reports { reports: BTreeSet::from([report(c % 4)]) },
    };
    let exceptions = match b % 5 {
        3 => Exceptions { categories: BTreeSet::from([category(c / 4)]), ..Exceptions::default() },
        4 => Exceptions { reports: BTreeSet::from([report(c / 4 % 4)]), ..Exceptions::default() },
        _ => Exceptions::default(),
    };
    let from = now.plus(minutes(u64::from(b % 7)));
    ConsentGranted {
        consent: consent(c % 8),
        grantee: match c % 8 {
            7 => Grantee::Practice(PracticeId::new(Uuid::nil())),
            _ => Grantee::Doctor(doctor),
        },
        scope,
        exceptions,
        purpose: if c.is_multiple_of(3) { Purpose::Hresch } else { Purpose::Treat },
        period: Period { from, until: from.plus(minutes(u64::from(c) + 1)) },
        views_max: c.is_multiple_of(4).then_some(2),
        step_up: ChallengeId::new(Uuid::nil()),
    }
}

fn category(n: u8) -> Category {
    Category::ALL[usize::from(n) % 3]
}

pub(crate) fn uploaded(n: u8) -> ReportUploaded {
    ReportUploaded {
        report: report(n % 4),
        report_version: 1,
        category: category(n),
        media_type: "image/png".to_owned(),
        title: words("title"),
        size: 1_000,
        blob: BlobHash([3; 32]),
        key_id: KeyId([1; 16]),
    }
}

pub(crate) fn viewed(doctor: DoctorId, b: u8, c: u8, now: Moment) -> RecordViewed {
    RecordViewed {
        viewing: viewing(c % 4),
        token_hash: TokenHash([c; 32]),
        doctor,
        session: session(0),
        report: report(b % 4),
        purpose: Purpose::Treat,
        ground: Ground::Consent { consent: consent(c % 8) },
        until: now.plus(minutes(15)),
        policy: 1,
    }
}
