//! From an event's commit to a published checkpoint that covers it, in a running service at a steady rate.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use commands::ports::event_store::{Append, EventStore};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::super::append::{lines, raw_rate};
use super::super::rounds::{ROUNDS, share};
use super::super::{Measured, MeasuredInstallation};

/// Events a second.
const RATE: usize = 5_000;
/// Those who commit them, each its own records.
const CALLERS: usize = 64;
/// How much longer than the interval an event may wait.
const BEYOND_INTERVAL: f64 = 100.0;
/// A checkpoint that takes longer does not come.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// An event's position and when its commit was answered; a published size and when it was seen.
type Seen = (u64, Instant);

/// One round: milliseconds from commit to checkpoint, how many were committed and published a second.
struct Round {
    waits: Vec<f64>,
    rate: (f64, f64),
    checkpoints: f64,
}

pub(super) async fn measure(
    service: &dyn MeasuredInstallation,
    dir: &Path,
    seconds: f64,
) -> anyhow::Result<Vec<Measured>> {
    let span = Duration::try_from_secs_f64(seconds)?;
    let mut rounds = Vec::new();
    for number in 0..ROUNDS {
        let raw_file = dir.join("raw");
        let raw = tokio::task::spawn_blocking(move || raw_rate(&raw_file, span / 10)).await??;
        rounds.push(round(service, number, (seconds, raw)).await?);
    }
    let interval = service.checkpoint_every().as_secs_f64() * 1_000.0;
    let mut at = |name, part: f64| {
        let waits = rounds.iter_mut().map(|round| (share(&mut round.waits, part), interval));
        Measured::against(name, CALLERS, "ms", &waits.collect::<Vec<_>>())
    };
    let median = at("commit to published checkpoint, median", 0.5);
    let p99 = at("commit to published checkpoint, p99", 0.99);
    // Of the longest wait, the longest of all rounds: a promise is not kept by half.
    let longest = rounds.iter_mut().map(|round| share(&mut round.waits, 1.0)).fold(0.0, f64::max);
    let name = "commit to published checkpoint, longest";
    let longest = Measured::against(name, CALLERS, "ms", &[(longest, interval)]);
    let clock = 1_000.0 / interval;
    let checkpoints = rounds.iter().map(|round| (round.checkpoints, clock));
    let checkpoints: Vec<_> = checkpoints.collect();
    let rates: Vec<_> = rounds.iter().map(|round| round.rate).collect();
    Ok(vec![
        Measured::against("committed meanwhile", CALLERS, "1/s", &rates),
        Measured::against("checkpoints meanwhile", 1, "1/s", &checkpoints),
        median,
        p99.at_most(interval + BEYOND_INTERVAL),
        longest.at_most(interval + BEYOND_INTERVAL),
    ])
}

async fn round(
    service: &dyn MeasuredInstallation,
    number: usize,
    (seconds, raw): (f64, f64),
) -> anyhow::Result<Round> {
    let each = ((RATE as f64 * seconds / CALLERS as f64) as usize).max(1);
    let before = service.events().newest().borrow().map_or(0, |newest| newest.0 + 1);
    let until = before + (each * CALLERS) as u64;
    let watching = tokio::spawn(watch_sizes(service.published(), until));
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let appends = lines::list(&format!("steady/{number}/{caller}"), each);
        callers.spawn(commit(Arc::clone(service.events()), appends));
    }
    let mut commits: Vec<Seen> = Vec::new();
    while let Some(committed) = callers.join_next().await {
        commits.extend(committed??);
    }
    let took = began.elapsed().as_secs_f64();
    let sizes = tokio::time::timeout(WAIT_MAX, watching).await???;
    let wait = |(position, committed): &Seen| {
        let covering = sizes.partition_point(|(size, _)| size <= position);
        let (_, published) = sizes.get(covering)?;
        Some(published.saturating_duration_since(*committed).as_secs_f64() * 1_000.0)
    };
    let waits: Vec<f64> = commits.iter().filter_map(wait).collect();
    anyhow::ensure!(waits.len() == commits.len(), "some events were never covered");
    let checkpoints = sizes.len() as f64 / began.elapsed().as_secs_f64();
    Ok(Round { waits, rate: (commits.len() as f64 / took, raw), checkpoints })
}

/// Appends one after the other, at an even pace; what comes late is caught up with.
async fn commit(store: Arc<dyn EventStore>, appends: Vec<Append>) -> anyhow::Result<Vec<Seen>> {
    let mut pace = tokio::time::interval(Duration::from_secs(CALLERS as u64) / RATE as u32);
    let mut commits = Vec::with_capacity(appends.len());
    for append in appends {
        pace.tick().await;
        let appended = store.append(append).await?;
        commits.push((appended.first.0, Instant::now()));
    }
    Ok(commits)
}

/// Every published size from now on, and when it was seen.
async fn watch_sizes(
    mut published: watch::Receiver<u64>,
    until: u64,
) -> Result<Vec<Seen>, watch::error::RecvError> {
    let mut sizes = Vec::new();
    while sizes.last().is_none_or(|(size, _)| *size < until) {
        published.changed().await?;
        sizes.push((*published.borrow_and_update(), Instant::now()));
    }
    Ok(sizes)
}
