//! A chart of 10,000 events: a decision on it when it is cached, and folding it when it is not.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use commands::access::issue_view_token::IssueViewToken;
use commands::decide::Command as _;
use commands::folds::{Folds, folder};
use commands::ports::event_store::{Append, EventStore, Length, NewLine, Request};
use domain::access::event::{PageShown, RecordViewed, ViewTokenIssued};
use domain::access::ground::Ground;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::event::ConsentGranted;
use domain::consent::grantee::Grantee;
use domain::consent::scope::Purpose;
use domain::fact::Fact;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::SessionOpened;
use domain::identity::session::Session;
use domain::ids::{EventHash, StreamName, TokenHash};
use domain::journal::{self, Draft, Leaf, StreamKey, StreamVersion};
use domain::records::event::ReportUploaded;
use domain::samples::{self, ANA, BO, EVE, SESSION, consent, report, token, viewing};
use domain::time::{Moment, Period, minutes};
use uuid::Uuid;

use crate::bench::{Measured, TestBed};

/// Events of the chart.
const EVENTS: u32 = 10_000;
/// Rounds; the median counts.
const ROUNDS: usize = 3;
/// Decisions of a round.
const DECISIONS: u32 = 10_000;

/// Writes the chart's events to a store, then folds and decides.
pub(super) async fn measure(bed: &dyn TestBed, dir: &Path) -> anyhow::Result<Vec<Measured>> {
    let store = bed.event_store(&dir.join("chart.db")).await?;
    let now = bed.now();
    write(&store, now).await?;
    let mut folds = Vec::new();
    let mut chart = Arc::default();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        chart = fold(&store).await?;
        folds.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    let doctor = Doctor { standing: Standing::Verified, ..Doctor::default() };
    let until = now.plus(minutes(60));
    let opened = Some(SessionOpened { until, ..samples::session_opened() });
    let session = Session { opened, ..Session::default() };
    let mut decisions = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for i in 0..DECISIONS {
            let order = order(i);
            let decision = order.decide((&*chart, &doctor, &session), now);
            anyhow::ensure!(std::hint::black_box(decision).is_ok(), "the policy said no");
        }
        decisions.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(DECISIONS));
    }
    Ok(vec![
        Measured::alone("decision on a cached chart of 10,000 events", 1, "µs", &decisions),
        Measured::alone("cold fold of 10,000 events, read from SQLite", 1, "ms", &folds),
    ])
}

fn order(i: u32) -> IssueViewToken {
    let mut hash = [0xff; 32];
    hash[..4].copy_from_slice(&i.to_be_bytes());
    IssueViewToken {
        patient: ANA,
        doctor: BO,
        session: SESSION,
        report: report(i % 300),
        purpose: Purpose::Treat,
        token_hash: TokenHash(hash),
    }
}

/// As the write loop does it for a stream that is not cached.
async fn fold(store: &Arc<dyn EventStore>) -> anyhow::Result<Arc<Chart>> {
    let stream = StreamName::patient(ANA);
    let folds = Folds::default();
    let slot = folds.slot(&stream, folder::<Chart>());
    folds.catch_up(&**store, &stream, &slot, Length(EVENTS)).await?;
    let state = slot.folded().state;
    state.downcast().map_err(|_| anyhow::anyhow!("the chart is of another kind"))
}

async fn write(store: &Arc<dyn EventStore>, now: Moment) -> anyhow::Result<()> {
    let stream = StreamName::patient(ANA);
    let key = StreamKey([7; 32]);
    let mut prev = EventHash::ZERO;
    let mut version = 0;
    while version < EVENTS {
        let mut lines = Vec::new();
        let expected = Length(version);
        for _ in 0..500 {
            let fact = fact(version, now);
            let data = fact.data().context("a fact without data")?;
            let draft = Draft {
                id: Uuid::from_u128(u128::from(version)),
                source: "bench.invalid/log",
                time: now,
                version: StreamVersion(version),
                prev,
                cause: Uuid::from_u128(u128::from(version)),
                ..samples::draft(&stream, &Actor::Doctor(BO), fact.kind(), &data)
            };
            let bytes = draft.write()?;
            prev = journal::hash(&bytes);
            let leaf = Leaf::of(&key, StreamVersion(version), &bytes);
            lines.push(NewLine { bytes, leaf });
            version += 1;
        }
        let request = Request::Once(Uuid::from_u128(u128::from(version)));
        let stream = stream.clone();
        let preconditions = vec![];
        store.append(Append { stream, expected, lines, preconditions, request }).await?;
    }
    Ok(())
}

/// A long and busy record: 300 reports, 200 consents (half of them Bo's), then tokens, views and pages in
/// turn.
fn fact(version: u32, now: Moment) -> Fact {
    let turn = version / 3;
    let until = now.plus(minutes(60));
    let report_now = report(turn % 300);
    let ground = Ground::Consent { consent: consent(turn % 200) };
    match version {
        0 => samples::patient_registered().into(),
        1..=300 => ReportUploaded {
            report: report(version - 1),
            title: samples::sealed(&"c2VhbGVk".repeat(8)),
            size: 100_000,
            ..samples::report_uploaded()
        }
        .into(),
        301..=500 => ConsentGranted {
            consent: consent(version - 301),
            grantee: Grantee::Doctor(if version.is_multiple_of(2) { BO } else { EVE }),
            period: Period { from: now, until: now.plus(minutes(600)) },
            ..samples::consent_granted()
        }
        .into(),
        _ if version.is_multiple_of(3) => ViewTokenIssued {
            token_hash: token(turn),
            report: report_now,
            ground,
            until,
            ..samples::view_token_issued()
        }
        .into(),
        _ if version % 3 == 1 => RecordViewed {
            viewing: viewing(turn),
            token_hash: token(turn),
            report: report_now,
            ground,
            until,
            ..samples::record_viewed()
        }
        .into(),
        _ => PageShown {
            viewing: viewing(turn),
            report: report_now,
            ground,
            ..samples::page_shown()
        }
        .into(),
    }
}
