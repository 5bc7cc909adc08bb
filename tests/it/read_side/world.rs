//! A log that facts can be written to as they come, a read store in a throw-away folder, and facts made
//! of a few random numbers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use commands::ports::event_store::{Append, EventStore, Length, NewLine, Request};
use domain::access::event::{
    ClinicalListShown, PageShown, RecordViewed, ReportDownloaded, ViewRefused, ViewTokenIssued,
    ViewingEnd, ViewingEnded,
};
use domain::access::ground::Ground;
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::event::{ConsentGranted, ConsentRevoked};
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::identity::event::{DoctorRegistered, LoginClaimed, PatientRegistered, SessionOpened};
use domain::ids::{
    ConsentId, DoctorId, EmergencyId, EventId, LoginHash, MandateId, PatientId, PracticeId,
    StreamName,
};
use domain::journal::{Draft, Leaf, Position, StreamVersion};
use domain::records::Category;
use domain::records::event::ReportUploaded;
use domain::samples::{self, CY, consent, doctor, noon, patient, report, session, token, viewing};
use domain::time::{Moment, Period, minutes};
use infra::event_store::{LogReader, MemoryEventStore};
use infra::read_store::sqlite::SqliteReadStore;
use projections::ReadModels;
use projections::dump::dump;
use projections::ports::ReadStore;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

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
            time: self.next_time(),
            version: StreamVersion(expected.0),
            cause: id,
            ..samples::draft(stream, &actor, kind, data)
        };
        let bytes = draft.write().unwrap();
        self.next += 1;
        let line = NewLine { bytes, leaf: Leaf([0; Leaf::BYTES]) };
        let preconditions = vec![];
        let request = Request::Once(id);
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
pub(crate) struct ReadSide {
    pub(crate) folder: TempDir,
    pub(crate) store: Arc<SqliteReadStore>,
}

impl ReadSide {
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
    let read_side = ReadSide::new().await;
    read_side.models(log).catch_up().await.unwrap();
    read_side.text().await
}

/// The stream of a doctor's address.
pub(crate) fn address(doctor: DoctorId) -> StreamName {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(doctor.uuid().as_bytes());
    StreamName::login(&LoginHash(hash))
}

/// Four numbers that make a fact.
pub(crate) type Dice = (u8, u8, u8, u8);

/// Writes a fact made of numbers; most combinations make sense, some do not, as in any log.
pub(crate) async fn throw(log: &mut Log, (kind, a, b, c): Dice) {
    let [a, b, c] = [a, b, c].map(u32::from);
    let p = patient(a % 2);
    let d = doctor(b % 2);
    let bo = Actor::Doctor(d);
    let ana = Actor::Patient(p);
    let cy = Actor::Admin(CY);
    let on_ana = StreamName::patient(p);
    let on_bo = StreamName::doctor(d);
    let now = log.next_time();
    match kind % 14 {
        0 => log.record(&on_ana, ana, ana_registered(p)).await,
        1 => log.record(&on_bo, bo, bo_registered(d)).await,
        2 => log.record(&on_bo, cy, samples::doctor_verified()).await,
        3 => log.record(&on_bo, cy, samples::doctor_suspended()).await,
        4 => {
            // A session opens once, at the start of its stream, and ends afterwards.
            let session = session(c % 8);
            let stream = StreamName::session(session);
            let account = bo;
            let until = now.plus(minutes(30));
            let fact: Fact = if log.lengths.contains_key(&stream) {
                samples::session_ended().into()
            } else {
                SessionOpened { session, account, until, ..samples::session_opened() }.into()
            };
            log.record(&stream, bo, fact).await
        }
        5 => log.record(&on_ana, bo, rare(d, b, c, now)).await,
        // A consent is given once; the second time it is taken back.
        6 | 7 if log.given.insert((p, consent(c % 8))) => {
            log.record(&on_ana, ana, granted(d, b, c, now)).await
        }
        6..=8 => {
            let consent = consent(c % 8);
            let revoked = ConsentRevoked { consent, ..samples::consent_revoked() };
            log.record(&on_ana, ana, revoked).await
        }
        9 => log.record(&on_ana, bo, uploaded(c)).await,
        10 => {
            let report = c.is_multiple_of(2).then(|| report(b % 4));
            let rule = Rule::ALL[c as usize % Rule::ALL.len()];
            let refused = ViewRefused { doctor: d, report, rule, ..samples::view_refused() };
            log.record(&on_ana, bo, refused).await
        }
        11 => log.record(&on_ana, bo, viewed(d, b, c, now)).await,
        13 => log.record(&address(d), bo, LoginClaimed { account: bo }).await,
        _ => {
            let shown = PageShown {
                viewing: viewing(c % 4),
                report: report(b % 4),
                doctor: d,
                page: a + 1,
                ground: ground(c),
                ..samples::page_shown()
            };
            log.record(&on_ana, bo, shown).await
        }
    };
}

fn rare(doctor: DoctorId, b: u32, c: u32, now: Moment) -> Fact {
    let report = report(b % 4);
    let session = session(c % 3);
    match b % 4 {
        0 => ViewingEnded {
            viewing: viewing(c % 4),
            reason: ViewingEnd::RuleFailed,
            rule: c.is_multiple_of(2).then_some(Rule::ConsentRevoked),
            ..samples::viewing_ended()
        }
        .into(),
        1 => ReportDownloaded { report, ..samples::report_downloaded() }.into(),
        2 => ClinicalListShown {
            viewer: Actor::Doctor(doctor),
            session,
            ground: ground(c),
            ..samples::clinical_list_shown()
        }
        .into(),
        _ => ViewTokenIssued {
            token_hash: token(c),
            doctor,
            session,
            report,
            ground: ground(c),
            until: now.plus(minutes(5)),
            ..samples::view_token_issued()
        }
        .into(),
    }
}

/// A ground of any kind: read models show whatever the log says.
fn ground(c: u32) -> Ground {
    let consent = consent(c % 8);
    let id = Uuid::from_u128(u128::from(c));
    match c % 5 {
        0 => Ground::Practice { consent, practice: PracticeId::new(id) },
        1 => Ground::Emergency { emergency: EmergencyId::new(id) },
        2 => Ground::Proxy { mandate: MandateId::new(id) },
        _ => Ground::Consent { consent },
    }
}

pub(crate) fn ana_registered(patient: PatientId) -> PatientRegistered {
    PatientRegistered { patient, ..samples::patient_registered() }
}

pub(crate) fn bo_registered(doctor: DoctorId) -> DoctorRegistered {
    DoctorRegistered { doctor, ..samples::doctor_registered() }
}

/// A consent: `b` says what it opens and keeps shut, `c` which it is and for how long.
pub(crate) fn granted(doctor: DoctorId, b: u32, c: u32, now: Moment) -> ConsentGranted {
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
        ..samples::consent_granted()
    }
}

fn category(n: u32) -> Category {
    Category::ALL[n as usize % 3]
}

pub(crate) fn uploaded(n: u32) -> ReportUploaded {
    ReportUploaded { report: report(n % 4), category: category(n), ..samples::report_uploaded() }
}

pub(crate) fn viewed(doctor: DoctorId, b: u32, c: u32, now: Moment) -> RecordViewed {
    RecordViewed {
        viewing: viewing(c % 4),
        token_hash: token(c),
        doctor,
        session: session(0),
        report: report(b % 4),
        ground: Ground::Consent { consent: consent(c % 8) },
        until: now.plus(minutes(15)),
        ..samples::record_viewed()
    }
}
