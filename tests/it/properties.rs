//! Whatever people do, in whatever order: no page without a permit in force at its position, nothing twice,
//! and folds that never fail.

mod oracle;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use commands::access::end_viewing::EndViewing;
use commands::access::expire_viewing::ExpireViewing;
use commands::access::issue_view_token::IssueViewToken;
use commands::access::redeem_view_token::RedeemViewToken;
use commands::access::show_page::ShowPage;
use commands::consent::grant_consent::GrantConsent;
use commands::consent::revoke_consent::RevokeConsent;
use commands::decide::Command;
use commands::execute::{Caller, ExecuteError, Executor};
use commands::identity::claim_login::ClaimLogin;
use commands::identity::end_session::EndSession;
use commands::identity::open_session::OpenSession;
use commands::identity::register_doctor::RegisterDoctor;
use commands::identity::register_patient::RegisterPatient;
use commands::identity::reinstate_doctor::ReinstateDoctor;
use commands::identity::suspend_doctor::SuspendDoctor;
use commands::identity::verify_doctor::VerifyDoctor;
use commands::ports::event_store::{EventStore, Request};
use commands::ports::key_vault::KeyVault;
use commands::ports::world::{Clock as _, Entropy as _};
use commands::records::upload_report::{StoredReport, Upload, UploadOwnReport};
use domain::access::review::Review;
use domain::access::review::mark::Flaw;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::fold::{Fold, Recorded};
use domain::identity::admins::Admins;
use domain::identity::doctor::Doctor;
use domain::identity::event::{Client, SessionEnd};
use domain::identity::login::Login;
use domain::identity::session::Session;
use domain::identity::specialty::Specialty;
use domain::ids::{
    AdminId, BlobHash, ChallengeId, ConsentId, DoctorId, LoginHash, PatientId, ReportId,
    RequestDigest, SessionId, StreamName, TokenHash, ViewingId,
};
use domain::journal::Position;
use domain::personal_text::PersonalText;
use domain::records::Category;
use domain::time::{Period, minutes};
use infra::clock::ManualClock;
use infra::entropy::SeededEntropy;
use infra::event_store::MemoryEventStore;
use infra::vault::MemoryKeyVault;
use proptest::prelude::{Strategy, any, prop, prop_oneof};
use tests::app::BEGIN;
use uuid::Uuid;

const ADMIN: AdminId = AdminId::new(Uuid::from_u128(0xad));

/// What somebody does next. Small numbers pick from small casts, so that things collide.
#[derive(Debug, Clone)]
enum Deed {
    Grant {
        patient: u8,
        doctor: u8,
        consent: u8,
        scope: u8,
        except: u8,
        purpose: bool,
        hours: u8,
        max: u8,
    },
    Revoke {
        patient: u8,
        consent: u8,
    },
    Ask {
        patient: u8,
        doctor: u8,
        session: u8,
        report: u8,
        purpose: bool,
        token: u8,
    },
    Redeem {
        patient: u8,
        doctor: u8,
        session: u8,
        token: u8,
        viewing: u8,
    },
    Page {
        patient: u8,
        doctor: u8,
        session: u8,
        viewing: u8,
    },
    Close {
        patient: u8,
        doctor: u8,
        viewing: u8,
    },
    Expire {
        patient: u8,
    },
    Suspend {
        doctor: u8,
    },
    Reinstate {
        doctor: u8,
    },
    LogOut {
        doctor: u8,
        session: u8,
    },
    Wait {
        minutes: u16,
    },
    Look {
        patient: u8,
        doctor: u8,
        report: u8,
        number: u8,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let few = || 0..2_u8;
    let id = || 0..6_u8;
    let grant =
        (few(), few(), 0..60_u8, 0..4_u8, 0..9_u8, prop::bool::weighted(0.9), 1..60_u8, 0..6_u8);
    let grant = grant.prop_map(|(patient, doctor, consent, scope, except, purpose, hours, max)| {
        Deed::Grant { patient, doctor, consent, scope, except, purpose, hours, max }
    });
    let ask = (few(), few(), few(), 0..3_u8, prop::bool::weighted(0.8), id());
    let ask = ask.prop_map(|(patient, doctor, session, report, purpose, token)| Deed::Ask {
        patient,
        doctor,
        session,
        report,
        purpose,
        token,
    });
    let redeem = (few(), few(), few(), id(), id());
    let redeem = redeem.prop_map(|(patient, doctor, session, token, viewing)| Deed::Redeem {
        patient,
        doctor,
        session,
        token,
        viewing,
    });
    let page = (few(), few(), few(), id());
    let page = page.prop_map(|(patient, doctor, session, viewing)| Deed::Page {
        patient,
        doctor,
        session,
        viewing,
    });
    prop_oneof![
        8 => grant,
        1 => (few(), id()).prop_map(|(patient, consent)| Deed::Revoke { patient, consent }),
        8 => ask,
        8 => redeem,
        12 => page,
        1 => (few(), few(), id())
            .prop_map(|(patient, doctor, viewing)| Deed::Close { patient, doctor, viewing }),
        2 => few().prop_map(|patient| Deed::Expire { patient }),
        1 => few().prop_map(|doctor| Deed::Suspend { doctor }),
        3 => few().prop_map(|doctor| Deed::Reinstate { doctor }),
        1 => (few(), few()).prop_map(|(doctor, session)| Deed::LogOut { doctor, session }),
        16 => (few(), few(), 0..3_u8, 6..250_u8).prop_map(|(patient, doctor, report, number)| {
            Deed::Look { patient, doctor, report, number }
        }),
        2 => prop_oneof![8 => 0..4_u16, 2 => 0..20_u16, 1 => 0..400_u16]
            .prop_map(|minutes| Deed::Wait { minutes }),
    ]
}

fn uuid(kind: u128, number: u8) -> Uuid {
    Uuid::from_u128(kind << 64 | u128::from(number))
}
fn patient(n: u8) -> PatientId {
    PatientId::new(uuid(1, n))
}
fn doctor(n: u8) -> DoctorId {
    DoctorId::new(uuid(2, n))
}
fn session(doctor: u8, n: u8) -> SessionId {
    SessionId::new(uuid(3, doctor * 2 + n))
}
fn report(patient: u8, n: u8) -> ReportId {
    ReportId::new(uuid(4, patient * 3 + n))
}
fn consent(n: u8) -> ConsentId {
    ConsentId::new(uuid(5, n))
}
fn viewing(n: u8) -> ViewingId {
    ViewingId::new(uuid(6, n))
}
const fn category(n: u8) -> Category {
    Category::ALL[n as usize]
}
const fn purpose(treat: bool) -> Purpose {
    if treat { Purpose::Treat } else { Purpose::Hresch }
}

/// An installation without doors and without a disk.
struct Bench {
    executor: Executor,
    store: Arc<MemoryEventStore>,
    vault: Arc<MemoryKeyVault>,
    clock: ManualClock,
    entropy: Arc<SeededEntropy>,
    requests: std::cell::Cell<u128>,
}

impl Bench {
    fn new() -> Self {
        let entropy = Arc::new(SeededEntropy::new(b"properties"));
        let vault = Arc::new(MemoryKeyVault::new(entropy.clone()).unwrap());
        let store = Arc::new(MemoryEventStore::new());
        let clock = ManualClock::at(BEGIN.parse().unwrap());
        let source = "clinic.example/log".to_owned();
        let executor = Executor::new(
            store.clone(),
            vault.clone(),
            Arc::new(clock.clone()),
            entropy.clone(),
            source,
            clock.now(),
        );
        let requests = std::cell::Cell::new(0);
        Self { executor, store, vault, clock, entropy, requests }
    }

    /// Carries a command out twice under one request: the second time adds nothing and answers the same.
    async fn twice<C: Command<Done: Debug>>(&self, actor: Actor, command: &C) {
        let number = self.requests.get();
        self.requests.set(number + 1);
        let id = Uuid::new_v8((number | 7 << 100).to_be_bytes());
        let request = Request::Keyed { id, digest: RequestDigest([1; 16]) };
        let caller = Caller::new(actor, request);
        match self.executor.execute(command, caller).await {
            Ok(first) => {
                let length = self.length();
                let second = self.executor.execute(command, caller).await.unwrap();
                assert_eq!(format!("{:?}", first.done), format!("{:?}", second.done));
                assert_eq!(first.position, second.position);
                assert_eq!(self.length(), length, "the second time added something");
            }
            Err(ExecuteError::Rejected(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn length(&self) -> u64 {
        self.store.newest().borrow().map_or(0, |newest| newest.0 + 1)
    }

    async fn cast(&self) {
        let words = || PersonalText::clear("somebody");
        for n in 0..2 {
            let actor = Actor::Patient(patient(n));
            let key = self.vault.subject_key(actor.owner()).await.unwrap();
            let (name, birth_date, email) = (words(), words(), words());
            let order = RegisterPatient { patient: patient(n), name, birth_date, email, key };
            self.twice(actor, &order).await;
            for r in 0..3 {
                self.upload(n, r).await;
            }
        }
        let key = self.vault.subject_key(Actor::Admin(ADMIN).owner()).await.unwrap();
        let (name, email) = (words(), words());
        let order =
            commands::identity::register_admin::RegisterAdmin { admin: ADMIN, name, email, key };
        self.twice(Actor::Admin(ADMIN), &order).await;
        let token_hash = TokenHash([1; 32]);
        let link = commands::identity::issue_first_admin_link::IssueFirstAdminLink { token_hash };
        self.twice(Actor::System, &link).await;
        let admit =
            commands::identity::admit_first_admin::AdmitFirstAdmin { admin: ADMIN, token_hash };
        self.twice(Actor::Admin(ADMIN), &admit).await;
        for n in 0..2 {
            self.doctor(n).await;
        }
    }

    async fn upload(&self, n: u8, r: u8) {
        let upload = Upload {
            record_bytes_max: 1 << 40,
            patient: patient(n),
            report: report(n, r),
            category: category(r),
            media_type: "text/plain".to_owned(),
            drawing: None,
            can_be_drawn: true,
            title: PersonalText::clear("a title"),
        };
        let key_id = domain::ids::KeyId([0; 16]);
        let body = StoredReport { size: 1, blob: BlobHash([r; 32]), key_id };
        self.twice(Actor::Patient(patient(n)), &UploadOwnReport { upload, body }).await;
    }

    async fn doctor(&self, n: u8) {
        let words = || PersonalText::clear("something");
        let actor = Actor::Doctor(doctor(n));
        let key = self.vault.subject_key(actor.owner()).await.unwrap();
        let order = RegisterDoctor {
            doctor: doctor(n),
            name: words(),
            email: words(),
            licence: words(),
            issuer: words(),
            specialty: Specialty::Other,
            specialty_text: words(),
            key,
        };
        self.twice(actor, &order).await;
        let address = LoginHash([n; 32]);
        self.twice(actor, &ClaimLogin { address, account: actor }).await;
        let (doctor, evidence) = (doctor(n), words());
        let verify = VerifyDoctor { doctor, address, admin: ADMIN, evidence };
        self.twice(Actor::Admin(ADMIN), &verify).await;
        for s in 0..2 {
            let until = self.clock.now().plus(Duration::from_secs(3_600 * 24));
            let session = session(n, s);
            let order = OpenSession {
                session,
                account: actor,
                client: Client::Browser,
                practice: None,
                until,
            };
            self.twice(actor, &order).await;
        }
    }

    async fn act(&self, deed: &Deed) {
        match deed.clone() {
            Deed::Grant {
                patient: p,
                doctor: d,
                consent: c,
                scope,
                except,
                purpose: treat,
                hours,
                max,
            } => {
                self.grant(p, d, c, (scope, except, treat, hours, max)).await;
            }
            Deed::Revoke { patient: p, consent: c } => {
                let order = RevokeConsent { patient: patient(p), consent: consent(c) };
                self.twice(Actor::Patient(patient(p)), &order).await;
            }
            Deed::Ask { .. } | Deed::Redeem { .. } | Deed::Page { .. } | Deed::Close { .. } => {
                self.view(deed).await;
            }
            Deed::Expire { patient: p } => {
                // As the reaction does, which looks at all of them.
                let stream = StreamName::patient(patient(p));
                let chart = self.executor.state::<Chart>(&stream).await.unwrap();
                for viewing in chart.access.viewings.keys().copied() {
                    let order = ExpireViewing { patient: patient(p), viewing };
                    self.twice(Actor::System, &order).await;
                }
            }
            Deed::Suspend { doctor: d } => {
                let doctor = doctor(d);
                let reason = PersonalText::clear("a reason");
                let order = SuspendDoctor { doctor, admin: ADMIN, reason };
                self.twice(Actor::Admin(ADMIN), &order).await;
            }
            Deed::Reinstate { doctor: d } => {
                let doctor = doctor(d);
                let reason = PersonalText::clear("a reason");
                let order = ReinstateDoctor { doctor, admin: ADMIN, reason };
                self.twice(Actor::Admin(ADMIN), &order).await;
            }
            Deed::LogOut { doctor: d, session: s } => {
                let account = Actor::Doctor(doctor(d));
                let reason = SessionEnd::Logout;
                let order = EndSession { session: session(d, s), account, reason };
                self.twice(account, &order).await;
            }
            Deed::Look { patient, doctor, report, number } => {
                let session = number % 2;
                let purpose = true;
                let token = number;
                let viewing = number;
                let deeds = [
                    Deed::Ask { patient, doctor, session, report, purpose, token },
                    Deed::Redeem { patient, doctor, session, token, viewing },
                    Deed::Page { patient, doctor, session, viewing },
                ];
                for deed in deeds {
                    Box::pin(self.act(&deed)).await;
                }
            }
            Deed::Wait { minutes: m } => self.clock.forward(minutes(u64::from(m))),
        }
    }

    /// What a doctor does with somebody's record.
    async fn view(&self, deed: &Deed) {
        match deed.clone() {
            Deed::Ask { patient: p, doctor: d, session: s, report: r, purpose: treat, token } => {
                let order = IssueViewToken {
                    patient: patient(p),
                    doctor: doctor(d),
                    session: session(d, s),
                    report: report(p, r),
                    purpose: purpose(treat),
                    token_hash: TokenHash([token; 32]),
                };
                self.twice(Actor::Doctor(doctor(d)), &order).await;
            }
            Deed::Redeem { patient: p, doctor: d, session: s, token, viewing: v } => {
                let order = RedeemViewToken {
                    patient: patient(p),
                    doctor: doctor(d),
                    session: session(d, s),
                    token_hash: TokenHash([token; 32]),
                    viewing: viewing(v),
                };
                self.twice(Actor::Doctor(doctor(d)), &order).await;
            }
            Deed::Page { patient: p, doctor: d, session: s, viewing: v } => {
                let patient = patient(p);
                let viewing = viewing(v);
                let doctor = doctor(d);
                let session = session(d, s);
                let order = ShowPage { patient, doctor, session, viewing, page: 1, region: None };
                self.twice(Actor::Doctor(doctor), &order).await;
            }
            Deed::Close { patient: p, doctor: d, viewing: v } => {
                let doctor = doctor(d);
                let viewing = viewing(v);
                let order = EndViewing { patient: patient(p), doctor, viewing };
                self.twice(Actor::Doctor(doctor), &order).await;
            }
            Deed::Grant { .. }
            | Deed::Revoke { .. }
            | Deed::Expire { .. }
            | Deed::Suspend { .. }
            | Deed::Reinstate { .. }
            | Deed::LogOut { .. }
            | Deed::Look { .. }
            | Deed::Wait { .. } => {}
        }
    }

    async fn grant(&self, p: u8, d: u8, c: u8, how: (u8, u8, bool, u8, u8)) {
        let (scope, except, treat, hours, max) = how;
        let scope = match scope {
            0 | 1 => Scope::Everything {},
            2 => Scope::Categories { categories: [category(0), category(1)].into() },
            _ => Scope::Reports { reports: [report(p, 2)].into() },
        };
        let exceptions = match except {
            1 => Exceptions { categories: [category(1)].into(), reports: [].into() },
            2 => Exceptions { categories: [].into(), reports: [report(p, 0)].into() },
            _ => Exceptions::default(),
        };
        let from = self.clock.now().plus(minutes(u64::from(hours % 7 == 0) * 60));
        let order = GrantConsent {
            patient: patient(p),
            consent: consent(c),
            grantee: Grantee::Doctor(doctor(d)),
            scope,
            exceptions,
            purpose: purpose(treat),
            period: Period { from, until: from.plus(minutes(u64::from(hours) * 60 + 1)) },
            views_max: (max > 0).then_some(u32::from(max)),
            step_up: ChallengeId::new(self.entropy.uuid(from)),
        };
        self.twice(Actor::Patient(patient(p)), &order).await;
    }

    async fn log(&self) -> Vec<Recorded> {
        let lines = self.store.read_all(Position(0), 1_000_000).await.unwrap();
        lines.iter().map(|line| line.recorded().unwrap()).collect()
    }
}

#[test]
fn no_page_is_shown_without_a_permit_in_force_at_its_position() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (shown, expired) = (std::cell::Cell::new(0_usize), std::cell::Cell::new(0_usize));
    let config = proptest::test_runner::Config { cases: 128, ..Default::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let deeds = prop::collection::vec(deed(), 20..160);
    let outcome = runner.run(&deeds, |deeds| {
        runtime.block_on(async {
            let bench = Bench::new();
            bench.cast().await;
            for deed in &deeds {
                bench.act(deed).await;
            }
            let log = bench.log().await;
            shown.set(shown.get() + oracle::judge(&log));
            expired.set(expired.get() + oracle::expired_in_time(&log));
            // The review makes the very decisions again that were made.
            let review = review(&log);
            assert_eq!(review.findings, []);
            let refusals = review.refusals;
            assert_eq!((refusals.should_have_been_yes, refusals.by_another_rule), (0, 0));
        });
        Ok(())
    });
    outcome.unwrap();
    assert!(shown.get() > 100, "only {} pages were shown: nothing was tested", shown.get());
    assert!(expired.get() > 0, "no viewing ended by itself");
}

fn review(log: &[Recorded]) -> Review {
    let mut review = Review::default();
    log.iter().for_each(|recorded| review.take(recorded));
    review
}

/// Events of a true log are moved elsewhere. Whatever the oracle then condemns, the review finds, and not
/// only because times do not fit any more.
#[test]
fn the_review_lets_nothing_through_that_the_oracle_condemns() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let condemned = std::cell::Cell::new(0_usize);
    let config = proptest::test_runner::Config { cases: 96, ..Default::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let index = any::<prop::sample::Index>;
    let moves = prop::collection::vec((index(), index()), 1..4);
    let deeds = prop::collection::vec(deed(), 20..120);
    let outcome = runner.run(&(deeds, moves), |(deeds, moves)| {
        let mut log = runtime.block_on(async {
            let bench = Bench::new();
            bench.cast().await;
            for deed in &deeds {
                bench.act(deed).await;
            }
            bench.log().await
        });
        for (from, to) in &moves {
            let moved = log.remove(from.index(log.len()));
            log.insert(to.index(log.len() + 1), moved);
        }
        if std::panic::catch_unwind(|| oracle::judge(&log)).is_err() {
            condemned.set(condemned.get() + 1);
            let findings = review(&log).findings;
            assert!(findings.iter().any(|one| one.rule != Flaw::TimeGoesBack), "{findings:#?}");
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(condemned.get() > 10, "only {} logs were spoiled", condemned.get());
}

#[test]
fn folds_take_any_facts_in_any_order() {
    let kinds: Vec<&'static str> = domain::fact::Fact::kinds().collect();
    let samples: Vec<Recorded> = kinds
        .iter()
        .flat_map(|kind| tests::golden::samples(kind).unwrap())
        .enumerate()
        .map(|(i, line)| {
            let envelope = domain::journal::Envelope::read(line.as_bytes()).unwrap();
            envelope.recorded(Position(i as u64)).unwrap()
        })
        .collect();
    let order = prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 0..200);
    proptest::proptest!(|(order in order)| {
        let mut chart = Chart::default();
        let mut doctor = Doctor::default();
        let mut admins = Admins::default();
        let mut login = Login::default();
        let mut session = Session::default();
        let mut review = Review::default();
        for (index, shift) in order {
            let mut recorded = index.get(&samples).clone();
            // Times that jump: a fold keeps no clock.
            recorded.time = recorded.time.plus(Duration::from_secs(u64::from(shift)));
            chart.evolve(&recorded);
            doctor.evolve(&recorded);
            admins.evolve(&recorded);
            login.evolve(&recorded);
            session.evolve(&recorded);
            review.take(&recorded);
        }
    });
}
