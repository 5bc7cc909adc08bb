//! The lists: their filters are the domain's, their pages add up to the whole.

use std::collections::{BTreeSet, HashMap};

use domain::access::policy::Rule;
use domain::access::policy::v1::{self, ListedReports, Question, may_open};
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::grantee::{Grantee, Reader};
use domain::consent::scope::Purpose;
use domain::consent::state::Effect;
use domain::fact::wanted::TypesWanted;
use domain::fold::{Fold, Recorded};
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::{DoctorRegistered, LoginClaimed};
use domain::identity::session::Session;
use domain::ids::{DoctorId, PatientId, ReportId, StreamName};
use domain::journal::Position;
use domain::samples::{doctor, noon, patient, report, session};
use domain::time::{Moment, minutes};
use projections::access::access_history::entry::{Entry, Who};
use projections::access::access_history::{AccessHistory, HistoryFilter};
use projections::access::who_can_see::{ConsentFilter, WhoCanSee};
use projections::audit::trail::{Trail, TrailFilter};
use projections::consent::my_patients::MyPatients;
use projections::identity::open_sessions::OpenSessions;
use projections::identity::people::People;
use projections::identity::verification_queue::VerificationQueue;
use projections::ports::PortError;
use projections::query::ListPage;
use projections::records::my_reports::MyReports;

use super::catch_up::property;
use super::world::{Dice, Log, ReadSide, address, bo_registered, throw};

const ALL: (Option<Position>, usize) = (None, 1_000);

fn folded<S: Fold>(facts: &[Recorded]) -> S {
    facts.iter().fold(S::default(), |mut state, fact| {
        state.evolve(fact);
        state
    })
}

async fn world(dice: Vec<Dice>) -> (Log, ReadSide) {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    for dice in dice {
        throw(&mut log, dice).await;
    }
    read_side.models(&log).catch_up().await.unwrap();
    (log, read_side)
}

/// Whether a doctor in good standing could open the report for any purpose, were it not for views used up.
fn some_purpose_opens(chart: &Chart, doctor: DoctorId, report: ReportId, now: Moment) -> bool {
    let bo = Doctor { standing: Standing::Verified, ..Doctor::default() };
    Purpose::ALL.iter().copied().any(|purpose| {
        let asked = Question { reader: Reader::doctor(doctor), report, purpose, now };
        matches!(may_open(chart, &bo, asked), Ok(_) | Err(Rule::ViewsUsedUp))
    })
}

#[test]
fn a_doctor_is_shown_exactly_the_reports_that_the_policy_would_open() {
    property(24, |dice| async move {
        let (log, read_side) = world(dice).await;
        for (p, d) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let p = patient(p);
            let d = doctor(d);
            let chart: Chart = folded(&log.facts(&StreamName::patient(p)).await);
            for later in [0, 5, 60] {
                let now = log.next_time().plus(minutes(later));
                let listed = v1::listed(&chart, Reader::doctor(d), now);
                let shown = MyReports::shown_to(&*read_side.store, p, &listed, ALL).await.unwrap();
                let ids: BTreeSet<ReportId> = shown.items.iter().map(|r| r.report).collect();
                let allowed = (0..4).map(report).filter(|id| chart.reports.contains_key(id));
                let allowed = allowed.filter(|id| some_purpose_opens(&chart, d, *id, now));
                assert_eq!(ids, allowed.collect());
                assert_eq!(listed.count(), ids.len(), "what is listed has rows");
                assert_eq!(shown.total, ids.len() as u64, "the total counts nothing hidden");
            }
        }
        Ok(())
    });
}

#[test]
fn a_consent_stands_where_the_domain_says_it_stands() {
    property(16, |dice| async move {
        let (log, read_side) = world(dice).await;
        let now = log.next_time();
        let mut standings = HashMap::new();
        for id in [doctor(0), doctor(1)] {
            let facts = log.facts(&StreamName::doctor(id)).await;
            // A doctor of whom nobody knows more than a decision stands in no queue.
            let known = facts.iter().any(|fact| fact.fact.body::<DoctorRegistered>().is_some());
            let state: Doctor = folded(&facts);
            let standing = if known { state.standing } else { Standing::Unknown };
            standings.insert(Grantee::Doctor(id), standing);
        }
        for p in [patient(0), patient(1)] {
            let chart: Chart = folded(&log.facts(&StreamName::patient(p)).await);
            let every =
                WhoCanSee::of(&*read_side.store, p, ConsentFilter::Every, now, ALL).await.unwrap();
            assert_eq!(every.items.len(), chart.consents.all().len());
            for entry in &every.items {
                let consent = chart.consents.get(&entry.consent.granted.consent).unwrap();
                assert_eq!(entry.consent.granted, consent.granted);
                let standing = standings.get(&consent.granted.grantee).copied();
                assert_eq!(entry.effect, consent.effect(standing, now));
                assert_eq!(entry.consent.revoked_at, consent.revoked_at);
                assert_eq!(entry.consent.views, consent.views);
            }
            let now_only = WhoCanSee::of(&*read_side.store, p, ConsentFilter::InForce, now, ALL)
                .await
                .unwrap();
            let in_force = every.items.iter().filter(|entry| entry.effect == Effect::InForce);
            assert_eq!(now_only.total, in_force.count() as u64);
        }
        for d in [doctor(0), doctor(1)] {
            let patients = MyPatients::of(&*read_side.store, d, ALL).await.unwrap();
            for p in (0..4).map(patient) {
                let chart: Chart = folded(&log.facts(&StreamName::patient(p)).await);
                let ever = chart.consents.of_reader(Reader::doctor(d)).len();
                let listed = patients.items.iter().filter(|entry| entry.patient == p).count();
                assert_eq!(listed, ever.min(1), "once, whoever ever let the doctor in");
            }
        }
        Ok(())
    });
}

#[test]
fn sessions_are_open_and_doctors_stand_as_the_domain_says() {
    property(16, |dice| async move {
        let (log, read_side) = world(dice).await;
        let now = log.next_time();
        for bo in [doctor(0), doctor(1)].map(Actor::Doctor) {
            let shown = OpenSessions::of(&*read_side.store, bo, now, ALL).await.unwrap();
            let mut open = BTreeSet::new();
            for id in (0..8).map(session) {
                let state: Session = folded(&log.facts(&StreamName::session(id)).await);
                if state.is_open_for(bo, now) {
                    open.insert(id);
                }
            }
            assert_eq!(shown.items.iter().map(|s| s.session).collect::<BTreeSet<_>>(), open);
            assert_eq!(shown.total, open.len() as u64);
        }
        for id in [doctor(0), doctor(1)] {
            let state: Doctor = folded(&log.facts(&StreamName::doctor(id)).await);
            let person = People::find(&*read_side.store, Actor::Doctor(id)).await.unwrap();
            let Some(person) = person else { continue };
            let standing = person.standing.unwrap();
            assert_eq!(standing, state.standing);
            let confirmed = is_confirmed(&log, id).await;
            let queue = VerificationQueue::of(&*read_side.store, standing, ALL).await.unwrap();
            let mut queue = queue.items.iter();
            let queued = queue.any(|entry| entry.doctor == id && entry.person == person);
            assert_eq!(queued, confirmed);
            let directory = People::verified_doctors(&*read_side.store, None, ALL).await.unwrap();
            let listed = directory.items.contains(&person);
            assert_eq!(listed, confirmed && state.standing == Standing::Verified);
        }
        Ok(())
    });
}

/// Whether a doctor's address names them since they registered.
async fn is_confirmed(log: &Log, id: DoctorId) -> bool {
    let own = log.facts(&StreamName::doctor(id)).await;
    let registered = own.iter().filter(|one| one.fact.body::<DoctorRegistered>().is_some());
    let registered = registered.map(|one| one.position).max();
    let claimed = log.facts(&address(id)).await.iter().map(|one| one.position).max();
    claimed > registered
}

/// Walks a list page by page.
async fn walked<T, Fut>(
    limit: usize,
    ask: impl Fn((Option<Position>, usize)) -> Fut,
) -> (Vec<T>, BTreeSet<u64>)
where
    Fut: Future<Output = Result<ListPage<T>, PortError>>,
{
    let mut items = Vec::new();
    let mut totals = BTreeSet::new();
    let mut after = None;
    loop {
        let page = ask((after, limit)).await.unwrap();
        assert!(page.items.len() <= limit);
        totals.insert(page.total);
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return (items, totals);
        }
    }
}

#[test]
fn pages_add_up_to_the_list_and_its_total() {
    property(8, |dice| async move {
        let (log, read_side) = world(dice).await;
        let store = &*read_side.store;
        let now = log.next_time();
        let p = patient(0);
        let none = TrailFilter::default();
        for limit in [1, 2, 7] {
            let whole = AccessHistory::of(store, p, HistoryFilter::default(), ALL).await.unwrap();
            let ask = |at| AccessHistory::of(store, p, HistoryFilter::default(), at);
            let (parts, totals) = walked(limit, ask).await;
            assert_eq!((parts, totals), (whole.items, BTreeSet::from([whole.total])));
            let whole = MyReports::of(store, p, ALL).await.unwrap();
            let (parts, totals) = walked(limit, |at| MyReports::of(store, p, at)).await;
            assert_eq!((parts, totals), (whole.items, BTreeSet::from([whole.total])));
            let chart: Chart = folded(&log.facts(&StreamName::patient(p)).await);
            let listed = v1::listed(&chart, Reader::doctor(doctor(0)), now);
            let whole = MyReports::shown_to(store, p, &listed, ALL).await.unwrap();
            let ask = |at| MyReports::shown_to(store, p, &listed, at);
            let (parts, totals) = walked(limit, ask).await;
            assert_eq!((parts, totals), (whole.items, BTreeSet::from([whole.total])));
            let whole = Trail::of(store, &none, ALL).await.unwrap();
            let (parts, totals) = walked(limit, |at| Trail::of(store, &none, at)).await;
            assert_eq!((parts, totals), (whole.items, BTreeSet::from([whole.total])));
        }
        Ok(())
    });
}

/// Page, total and whatever is made of the whole list: one filter, judged here by what an entry tells.
#[test]
fn the_history_shows_what_its_filter_lets_through() {
    property(8, |dice| async move {
        let (_, read_side) = world(dice).await;
        let (store, p, all) = (&*read_side.store, patient(0), HistoryFilter::default());
        let every = AccessHistory::of(store, p, all, ALL).await.unwrap().items;
        for one in &every {
            let doctor = match one.who {
                Some(Who::Account(Actor::Doctor(doctor))) => Some(doctor),
                Some(Who::Account(_) | Who::Practice(_)) | None => None,
            };
            let at_once = HistoryFilter { from: Some(one.at), until: None, ..all };
            for filter in [
                HistoryFilter { kind: Some(one.what.kind()), ..all },
                HistoryFilter { doctor, ..all },
                HistoryFilter { report: one.report, ..all },
                at_once,
                HistoryFilter { until: Some(one.at), ..all },
                HistoryFilter {
                    kind: Some(one.what.kind()),
                    doctor,
                    report: one.report,
                    ..at_once
                },
            ] {
                let found = AccessHistory::of(store, p, filter, ALL).await.unwrap();
                let wanted = every.iter().filter(|entry| lets_through(filter, entry));
                let wanted: Vec<_> = wanted.cloned().collect();
                assert_eq!(found.total, wanted.len() as u64, "{filter:?}");
                assert_eq!(found.items, wanted, "{filter:?}");
                let ask = |at| AccessHistory::of(store, p, filter, at);
                let (parts, totals) = walked(2, ask).await;
                assert_eq!((parts, totals), (found.items, BTreeSet::from([found.total])));
            }
        }
        Ok(())
    });
}

fn lets_through(filter: HistoryFilter, entry: &Entry) -> bool {
    let HistoryFilter { kind, doctor, report, from, until } = filter;
    let about = |doctor| entry.who == Some(Who::Account(Actor::Doctor(doctor)));
    kind.is_none_or(|kind| entry.what.kind() == kind)
        && doctor.is_none_or(about)
        && report.is_none_or(|report| entry.report == Some(report))
        && from.is_none_or(|from| entry.at >= from)
        && until.is_none_or(|until| entry.at < until)
}

#[test]
fn the_trail_shows_what_its_filter_lets_through() {
    property(8, |dice| async move {
        let (log, read_side) = world(dice).await;
        let every = Trail::of(&*read_side.store, &TrailFilter::default(), ALL).await.unwrap().items;
        assert!(every.iter().rev().map(|e| e.position.0).eq(0..every.len() as u64));
        let some = every[every.len() / 2].clone();
        let actor = some.actor.parse().unwrap();
        let filter = TrailFilter {
            stream: Some(some.stream.clone()),
            actor: Some(actor),
            kind: Some(some.kind.parse().unwrap()),
            from: Some(some.time),
            until: Some(log.next_time()),
        };
        let found = Trail::of(&*read_side.store, &filter, ALL).await.unwrap();
        let mut wanted = every.clone();
        wanted.retain(|e| {
            (&e.stream, &e.actor, &e.kind) == (&some.stream, &some.actor, &some.kind)
                && e.time >= some.time
        });
        assert_eq!(found.total, wanted.len() as u64);
        assert_eq!(found.items, wanted);
        let line = log.store.read_all(some.position, 1).await.unwrap().remove(0);
        assert_eq!(some.hash, domain::journal::hash(&line.bytes));
        let words = some.kind.split('.').collect::<Vec<_>>();
        for taken in 1..=words.len() {
            let wanted: TypesWanted = words[..taken].join(".").parse().unwrap();
            let filter = TrailFilter { kind: Some(wanted.clone()), ..TrailFilter::default() };
            let found = Trail::of(&*read_side.store, &filter, ALL).await.unwrap();
            let covered = every.iter().filter(|e| wanted.cover(&e.kind));
            assert!(found.items.iter().eq(covered), "{wanted}");
        }
        Ok(())
    });
}

#[tokio::test]
async fn those_who_wait_longest_come_first() {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    for number in [3, 1, 2] {
        let id = doctor(number);
        let actor = Actor::Doctor(doctor(number));
        log.record(&StreamName::doctor(id), actor, bo_registered(id)).await;
    }
    // Confirmed in another order; one never is.
    let unconfirmed = doctor(4);
    let actor = Actor::Doctor(unconfirmed);
    log.record(&StreamName::doctor(unconfirmed), actor, bo_registered(unconfirmed)).await;
    for id in [1, 2, 3].map(doctor) {
        let account = Actor::Doctor(id);
        log.record(&address(id), account, LoginClaimed { account }).await;
    }
    read_side.models(&log).catch_up().await.unwrap();
    let ask = |at| VerificationQueue::of(&*read_side.store, Standing::Pending, at);
    let (queue, totals) = walked(1, ask).await;
    assert_eq!(totals, BTreeSet::from([3]));
    let order: Vec<DoctorId> = queue.iter().map(|entry| entry.doctor).collect();
    assert_eq!(order, [3, 1, 2].map(doctor));
}

#[tokio::test]
async fn nobody_sees_what_is_anothers() {
    let (_, read_side) = world(vec![(6, 0, 0, 0), (9, 0, 0, 0), (4, 0, 0, 0)]).await;
    let (store, stranger): (_, PatientId) = (&*read_side.store, patient(9));
    let now = noon();
    assert_eq!(MyReports::of(store, stranger, ALL).await.unwrap().total, 0);
    assert_eq!(
        AccessHistory::of(store, stranger, HistoryFilter::default(), ALL).await.unwrap().total,
        0
    );
    let which = ConsentFilter::Every;
    assert_eq!(WhoCanSee::of(store, stranger, which, now, ALL).await.unwrap().total, 0);
    assert_eq!(MyPatients::of(store, doctor(9), ALL).await.unwrap().total, 0);
    let nobody = Actor::Doctor(doctor(9));
    assert_eq!(OpenSessions::of(store, nobody, now, ALL).await.unwrap().total, 0);
    let shown =
        MyReports::shown_to(store, patient(0), &ListedReports::default(), ALL).await.unwrap();
    assert_eq!((shown.total, shown.items.len()), (0, 0));
}
